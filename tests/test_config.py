"""Settings: understood, or refused in one clear line; secrets made once and kept closed."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result

from petition import config, create_app
from petition.exceptions import ConfigurationError
from tests.command import invoke, one_clear_line
from tests.site import free_port

GOOD = {"PETITION_SITE_URL": "https://letters.example.org"}


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = config.read({"PETITION_DATA_DIR": str(tmp_path)})
    assert settings.sqlalchemy_url == f"sqlite:///{tmp_path}/petition.sqlite3"
    assert settings.embedded
    assert (settings.proxy_hops, settings.ratelimit_enabled) == (0, True)
    assert settings.sender == "letters@localhost"


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    settings = config.read({"PETITION_DATA_DIR": str(tmp_path), "PETITION_PROXY_HOPS": ""})
    assert settings.proxy_hops == 0


def test_a_file_beside_the_data_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PETITION_SITE_NAME=From file\nPETITION_PROXY_HOPS=2\n")
    settings = config.read({"PETITION_DATA_DIR": str(tmp_path), "PETITION_PROXY_HOPS": "1"})
    assert (settings.site_name, settings.proxy_hops) == ("From file", 1)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgresql://u:p@host/name", "postgresql+psycopg://u:p@host/name"),
        ("postgres://host/name", "postgresql+psycopg://host/name"),
        ("sqlite:////srv/x.sqlite3", "sqlite:////srv/x.sqlite3"),
    ],
)
def test_databases_are_named_as_everywhere(tmp_path: Path, given: str, url: str) -> None:
    values = {"PETITION_DATA_DIR": str(tmp_path), "PETITION_DATABASE_URL": given}
    assert config.read(values).sqlalchemy_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PETITION_SITE_URL", "letters.example.org"),
        ("PETITION_SITE_URL", "ftp://letters.example.org"),
        ("PETITION_SITE_URL", "https://letters.example.org/?x"),
        ("PETITION_SITE_URL", "https://example.org/letters"),
        ("PETITION_PROXY_HOPS", "one"),
        ("PETITION_PROXY_HOPS", "-1"),
        ("PETITION_RATELIMIT_ENABLED", "perhaps"),
        ("PETITION_MAIL_URL", "mail.example.org"),
        ("PETITION_MAIL_URL", "http://mail.example.org"),
        ("PETITION_SITE_URL", "https://:x@letters.example.org"),
        ("PETITION_SITE_URL", "https://letters example.org"),
        ("PETITION_SITE_URL", "https://-ü-.example"),
        ("PETITION_SITE_URL", "https://letters.example.org:http"),
        ("PETITION_DATABASE_URL", "nonsense"),
        ("PETITION_DATABASE_URL", "mysql://host/name"),
        ("PETITION_DATABASE_URL", "postgresql://host:port/name"),
        ("PETITION_RATELIMIT_STORAGE", "nonsense"),
        ("PETITION_RATELIMIT_STORAGE", "redis"),
        ("PETITION_RATELIMIT_STORAGE", "memcached://127.0.0.1:11211"),
        ("PETITION_MAIL_FROM", "letters"),
        ("PETITION_MAIL_FROM", "Letters <letters@example.org>"),
        ("PETITION_MAIL_FROM", "a@example.org, b@example.org"),
        ("PETITION_MAIL_FROM", "bücher@example.org"),
    ],
)
def test_a_value_that_cannot_be_understood_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        config.read({"PETITION_DATA_DIR": str(tmp_path), name: value})


@pytest.mark.parametrize(
    ("given", "url", "sender"),
    [
        ("https://Letters.Example.org/", "https://letters.example.org", "letters.example.org"),
        ("https://letters.example.org:443", "https://letters.example.org", "letters.example.org"),
        ("http://letters.example.org:80", "http://letters.example.org", "letters.example.org"),
        ("http://letters.example.org:443", "http://letters.example.org:443", "letters.example.org"),
        ("https://Bücher.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("http://[::1]:8000", "http://[::1]:8000", None),
    ],
)
def test_the_site_answers_to_its_name_as_browsers_write_it(
    tmp_path: Path, given: str, url: str, sender: str | None
) -> None:
    settings = config.read({"PETITION_DATA_DIR": str(tmp_path), "PETITION_SITE_URL": given})
    assert settings.public_url == url
    if sender:
        assert settings.sender == f"letters@{sender}"


def test_a_page_is_answered_under_the_name_in_the_settings(tmp_path: Path) -> None:
    values = {"PETITION_DATA_DIR": str(tmp_path), "PETITION_SITE_URL": "https://Bücher.example:443"}
    client = create_app(config.read(values)).test_client()
    answer = client.get("/static/none", base_url="https://xn--bcher-kva.example")
    assert answer.status_code == 404
    assert client.get("/static/none", base_url="https://other.example").status_code == 400


def test_the_sender_is_written_in_ascii(tmp_path: Path) -> None:
    values = {"PETITION_DATA_DIR": str(tmp_path), "PETITION_MAIL_FROM": "ann@bücher.example"}
    assert config.read(values).sender == "ann@xn--bcher-kva.example"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://u:p%40ss@mail.example.org:587", 587, False, True),
        ("smtp://mail.example.org", 587, False, True),
        ("smtps://mail.example.org", 465, True, False),
        ("smtp://127.0.0.1:2525", 2525, False, False),
        ("smtp://localhost?starttls=1", 25, False, True),
        ("smtp://mail.example.org:25?starttls=0", 25, False, False),
    ],
)
def test_mail_servers(tmp_path: Path, url: str, port: int, tls: bool, starttls: bool) -> None:
    server = config.read({"PETITION_DATA_DIR": str(tmp_path), "PETITION_MAIL_URL": url}).mail_url
    assert server is not None
    assert (server.port, server.tls, server.starttls) == (port, tls, starttls)
    assert "p@ss" not in repr(server)


Petition = Callable[..., Result]


@pytest.fixture
def petition(monkeypatch: pytest.MonkeyPatch) -> Petition:
    """Runs a command on a free port, with settings of its own."""

    def run(*arguments: str, **environment: str) -> Result:
        return invoke(monkeypatch, {"PORT": str(free_port()), **environment}, *arguments)

    return run


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_it_refuses_to_start_without_its_address(
    tmp_path: Path, petition: Petition, command: str
) -> None:
    one_clear_line(petition(command, PETITION_DATA_DIR=str(tmp_path)), "PETITION_SITE_URL")


def test_it_refuses_a_debug_server(tmp_path: Path, petition: Petition) -> None:
    done = petition("serve", PETITION_DATA_DIR=str(tmp_path), FLASK_DEBUG="1", **GOOD)
    one_clear_line(done, "FLASK_DEBUG")


@pytest.mark.slow
def test_it_refuses_a_data_folder_it_cannot_use(tmp_path: Path, petition: Petition) -> None:
    (tmp_path / "file").write_text("")
    done = petition("serve", PETITION_DATA_DIR=str(tmp_path / "file"), **GOOD)
    one_clear_line(done, "PETITION_DATA_DIR")


@pytest.mark.slow
def test_it_refuses_an_env_file_it_cannot_read(tmp_path: Path, petition: Petition) -> None:
    (tmp_path / ".env").write_bytes(b"PETITION_SITE_NAME=\xff")
    one_clear_line(petition("serve", PETITION_DATA_DIR=str(tmp_path), **GOOD), ".env")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["secret_key", "digest_key"])
def test_it_refuses_an_empty_secret(tmp_path: Path, petition: Petition, name: str) -> None:
    (tmp_path / name).write_text("\n")
    one_clear_line(petition("doctor", PETITION_DATA_DIR=str(tmp_path), **GOOD), name)


def test_a_worker_refuses_to_start_without_a_mail_server(
    tmp_path: Path, petition: Petition
) -> None:
    done = petition("worker", PETITION_DATA_DIR=str(tmp_path), **GOOD)
    one_clear_line(done, "PETITION_MAIL_URL")


@pytest.mark.slow
def test_a_database_without_the_schema_is_told(tmp_path: Path, petition: Petition) -> None:
    done = petition("recount", PETITION_DATA_DIR=str(tmp_path), **GOOD)
    one_clear_line(done, "petition migrate")


@pytest.mark.slow
def test_a_database_that_is_not_there_is_told(tmp_path: Path, petition: Petition) -> None:
    done = petition(
        "serve",
        PETITION_DATA_DIR=str(tmp_path),
        PETITION_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
        **GOOD,
    )
    one_clear_line(done, "database")


def test_secrets_are_made_once_and_closed(tmp_path: Path) -> None:
    settings = config.read({"PETITION_DATA_DIR": str(tmp_path / "new")})
    config.prepare_data_dir(settings)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: config.kept_secret(settings, "secret_key"), range(32)))
    assert len(made) == 1
    assert len(made.pop()) >= 48
    files = list((tmp_path / "new").iterdir())
    assert [f.name for f in files] == ["secret_key"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
