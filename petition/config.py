"""Every setting once: its name, type, default and meaning.

`read()` is the only place that looks at the environment. README's table is generated from
`SETTINGS` and a test keeps the two equal.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import idna
from dotenv import dotenv_values
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from petition.exceptions import ConfigurationError

_DATABASES = {"sqlite", "postgres", "postgresql", "postgresql+psycopg"}
_STORES = {"memory", "redis", "rediss", "redis+unix", "redis+sentinel", "redis+cluster"}
"""Memcached is none of them: it cannot count tries in a window that moves."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, read from `PETITION_MAIL_URL`."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: bool
    """TLS from the first byte (`smtps://`)."""
    starttls: bool
    """Upgrade to TLS before anything else is said; a server that cannot is refused."""


def text(value: str) -> str:
    return value.strip()


def path(value: str) -> Path:
    return Path(value).expanduser().resolve()


def flag(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value.strip().lower() not in words:
        raise ValueError("must be 1 or 0")
    return words[value.strip().lower()]


def days(value: str) -> int:
    """A number of days, up to a hundred years."""
    if not value.strip().isdigit() or int(value) > 36_500:
        raise ValueError("must be a whole number of days, from 0 to 36500")
    return int(value)


def count(value: str) -> int:
    if not value.strip().isdigit():
        raise ValueError("must be a whole number, 0 or more")
    return int(value)


def months(value: str) -> int:
    """A number of months, up to a hundred years."""
    if not value.strip().isdigit() or int(value) > 1200:
        raise ValueError("must be a whole number of months, from 0 to 1200")
    return int(value)


def site_url(value: str) -> str:
    """An absolute http or https address of a host, as browsers write it into `Host`.

    That is: in small letters, a name in other scripts as its A-label, the usual port left out,
    no trailing slash.
    """
    parts = urlsplit(value.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a full address such as https://letters.example.org")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must name a host and nothing after it: the site lives at its root")
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{_host(parts.hostname)}{port}"


def _host(name: str) -> str:
    """The name of a host in ASCII (UTS 46, as browsers do it)."""
    if ":" in name:
        return f"[{name}]"
    try:
        ascii_name = name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        ascii_name = ""
    if not re.fullmatch(r"[a-z0-9._-]+", ascii_name):
        raise ValueError("must name a host such as letters.example.org")
    return ascii_name


def database_url(value: str) -> str:
    """The address of one of the two databases that we know."""
    value = value.strip()
    try:
        known = value.partition("://")[0] in _DATABASES and bool(make_url(value))
    except (ArgumentError, ValueError):
        known = False
    if not known:
        raise ValueError(
            "must look like postgresql://user:password@host/name or sqlite:////path/to/file"
        )
    return value


def ratelimit_storage(value: str) -> str:
    """The address of a store that can count tries in a window that moves."""
    scheme, mark, _ = value.strip().partition("://")
    if scheme not in _STORES or not mark:
        raise ValueError("must be memory:// or look like redis://host:6379")
    return value.strip()


def mail_address(value: str) -> str:
    """A plain address, without a name beside it, its domain in ASCII."""
    try:
        valid = validate_email(
            value.strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,  # a name within one's own network will do
            strict=True,
        )
    except EmailNotValidError:
        raise ValueError("must be an e-mail address such as letters@example.org") from None
    return valid.ascii_email or valid.normalized


def words(value: str) -> tuple[str, ...]:
    return tuple(value.split())


def mail_server(value: str) -> MailServer:
    """`smtp://user:password@host:587?starttls=1` or `smtps://…`.

    STARTTLS is demanded unless the server is on this machine or `starttls=0` says otherwise.
    """
    parts = urlsplit(value.strip())
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587 or smtps://host")
    tls = parts.scheme == "smtps"
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    asked = parse_qs(parts.query).get("starttls")
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 25 if local else 587),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=not tls and (flag(asked[-1]) if asked else not local),
    )


def setting(name: str, parse: Callable[[str], Any], default: str | None, meaning: str) -> Any:
    """Declare one setting. `default` is text as it would stand in the environment."""
    return field(metadata={"name": name, "parse": parse, "default": default, "meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings, parsed. Made by `read()`."""

    data_dir: Path = setting(
        "PETITION_DATA_DIR", path, "./instance", "Folder of the database, the secrets and `.env`."
    )
    database_url: str | None = setting(
        "PETITION_DATABASE_URL",
        database_url,
        None,
        "`postgresql://user:password@host/name`, or `sqlite:////path/to/file`. "
        "Unset: an SQLite file in the data folder.",
    )
    site_url: str | None = setting(
        "PETITION_SITE_URL",
        site_url,
        None,
        "Where readers find the site, such as `https://letters.example.org`. "
        "Every link in a mail begins with it. Needed by `serve` and `worker`.",
    )
    site_name: str = setting(
        "PETITION_SITE_NAME", text, "Open letters", "The name over the pages and in the mails."
    )
    site_letter: str | None = setting(
        "PETITION_SITE_LETTER", text, None, "The slug of the one letter that `/` shows."
    )
    secret_key: str | None = setting(
        "PETITION_SECRET_KEY",
        text,
        None,
        "Signs links and cookies. Unset: made on the first start and kept in the data folder. "
        "Several machines must share one.",
    )
    secret_key_fallbacks: tuple[str, ...] = setting(
        "PETITION_SECRET_KEY_FALLBACKS",
        words,
        "",
        "Former secret keys, separated by spaces: links signed with them still work.",
    )
    digest_key: str | None = setting(
        "PETITION_DIGEST_KEY",
        text,
        None,
        "Key of the digests by which one address signs once. Unset: made on the first start and "
        "kept in the data folder. Losing it lets everybody sign again.",
    )
    mail_url: MailServer | None = setting(
        "PETITION_MAIL_URL",
        mail_server,
        None,
        "`smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. `smtp://` "
        "demands STARTTLS, but for a server on this machine; `?starttls=0` or `1` decides it.",
    )
    mail_from: str | None = setting(
        "PETITION_MAIL_FROM",
        mail_address,
        None,
        "The sender's address. Unset: `letters@` and the host of the site's address.",
    )
    proxy_hops: int = setting(
        "PETITION_PROXY_HOPS",
        count,
        "0",
        "How many reverse proxies of yours stand in front. 0 believes no forwarded header.",
    )
    ratelimit_enabled: bool = setting(
        "PETITION_RATELIMIT_ENABLED",
        flag,
        "1",
        "`0` switches every limit off, and sets no crowd aside, for load tests; says so loudly at "
        "the start.",
    )
    ratelimit_storage: str = setting(
        "PETITION_RATELIMIT_STORAGE",
        ratelimit_storage,
        "memory://",
        "Where tries are counted: `memory://` in each web process by itself, or the `redis://` "
        "address that they share.",
    )
    keep_addresses_days: int = setting(
        "PETITION_KEEP_ADDRESSES_DAYS",
        days,
        "30",
        "Days after confirming for which the address is kept of a signer who asked for no "
        "updates. Then a keyed digest of it knows its owner. `0` erases it in confirming.",
    )
    keep_names_months: int = setting(
        "PETITION_KEEP_NAMES_MONTHS",
        months,
        "6",
        "Months after the closing of a letter for which its signers are kept. Then all of them "
        "are made anonymous, the list of names is empty, and the count stays. `0` does so a day "
        "after the closing; `1200`, a hundred years, is as good as never.",
    )

    @property
    def embedded(self) -> bool:
        """The database is an SQLite file."""
        return self.database_url is None or self.database_url.startswith("sqlite")

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url is None:
            return f"sqlite:///{self.data_dir / 'petition.sqlite3'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme in {"postgres", "postgresql"}:
            return f"postgresql+psycopg://{rest}"
        return self.database_url

    @property
    def public_url(self) -> str:
        """The site's address; a command that needs none may run without it being set."""
        return self.site_url or "http://localhost:8000"

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def sender(self) -> str:
        return self.mail_from or f"letters@{urlsplit(self.public_url).hostname}"


@dataclass(frozen=True)
class Setting:
    """What README says of one setting."""

    name: str
    default: str | None
    meaning: str


SETTINGS = tuple(
    Setting(f.metadata["name"], f.metadata["default"], f.metadata["meaning"])
    for f in fields(Config)
)


def read(environ: Mapping[str, str] | None = None) -> Config:
    """The settings from the environment and from `.env` beside the data; the former wins.

    An empty value counts as unset.

    Raises:
        ConfigurationError: a value cannot be understood, or `.env` cannot be read.
    """
    environ = os.environ if environ is None else environ
    folder = path(environ.get("PETITION_DATA_DIR") or "./instance")
    merged = {**_env_file(folder / ".env"), **environ}
    values: dict[str, Any] = {}
    for each in fields(Config):
        name, raw = each.metadata["name"], merged.get(each.metadata["name"]) or ""
        raw = raw or each.metadata["default"]
        try:
            values[each.name] = None if raw is None else each.metadata["parse"](raw)
        except ValueError as error:
            raise ConfigurationError(f"{name} {error}") from None
    return Config(**values)


def _env_file(file: Path) -> dict[str, str]:
    try:
        return {k: v for k, v in dotenv_values(file).items() if v is not None}
    except (OSError, ValueError):
        raise ConfigurationError(f"{file} cannot be read as UTF-8 text") from None


def refuse_half_configured(config: Config, environ: Mapping[str, str] | None = None) -> None:
    """Stop a production start that would only fail later, in front of readers.

    Raises:
        ConfigurationError: with one line that says what to set.
    """
    environ = os.environ if environ is None else environ
    if config.site_url is None:
        raise ConfigurationError(
            "PETITION_SITE_URL is not set: links in mails would lead nowhere. "
            "Set it to the address readers use, such as https://letters.example.org"
        )
    if (environ.get("FLASK_DEBUG") or "0").lower() not in {"0", "false", "no"}:
        raise ConfigurationError(
            "FLASK_DEBUG is set: a debug server shows its insides to everybody. Unset it"
        )


def prepare_data_dir(config: Config) -> None:
    """Make the data folder, private to us, and prove that it can be written.

    Raises:
        ConfigurationError: it cannot.
    """
    try:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=config.data_dir):
            pass
        next(config.data_dir.iterdir(), None)
    except OSError as error:
        raise ConfigurationError(
            f"PETITION_DATA_DIR: {config.data_dir} cannot be read and written: {error.strerror}"
        ) from None


def kept_secret(config: Config, name: str) -> str:
    """The secret kept in the data folder under `name`, made on first need with mode 0600.

    Several processes may start at once: each writes a draft of its own and links it to the
    name; only the first link succeeds, and all read what stands there.

    Raises:
        ConfigurationError: the file cannot be read or made, or holds nothing.
    """
    file = config.data_dir / name
    try:
        if not file.exists():
            handle, draft = tempfile.mkstemp(dir=config.data_dir)  # mkstemp makes it 0600
            with os.fdopen(handle, "w") as stream:
                stream.write(secrets.token_urlsafe(48))
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(draft, file)
            except FileExistsError:
                pass
            finally:
                Path(draft).unlink()
        secret = file.read_text().strip()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read or made: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} cannot be read as UTF-8 text") from None
    if not secret:
        raise ConfigurationError(
            f"{file} is empty: put back the copy that was backed up, or delete it to have a new one"
        )
    return secret


def current() -> Config:
    """The settings of the running application."""
    settings: Config = current_app.config["PETITION"]
    return settings


def current_keys() -> tuple[str, ...]:
    """The secret keys, oldest first; the last one signs."""
    keys: tuple[str, ...] = current_app.config["PETITION_KEYS"]
    return keys


def current_digest_key() -> bytes:
    """The key of the address digests."""
    key: bytes = current_app.config["PETITION_DIGEST"]
    return key
