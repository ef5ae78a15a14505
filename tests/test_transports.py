"""Handing one mail over: what the server says, and whose fault it is. All on a real server."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from petition import create_app
from petition.mail import transports
from petition.mail.messages import Mail
from petition.mail.transports import Fault, Folder, HandOverFailed, Smtp
from petition.queries import mailbox
from tests.conftest import settings
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.slow


CERTIFICATE = Path(__file__).parent / "certificates" / "mail-server.pem"


@pytest.fixture(scope="module")
def mailing_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("data")
    return create_app(settings(folder, f"sqlite:///{folder}/petition.sqlite3"))


@pytest.fixture(autouse=True)
def _context(mailing_app: Flask) -> Iterator[None]:
    with mailing_app.app_context():
        yield


@pytest.fixture
def reach() -> Iterator[Callable[..., Smtp]]:
    """Makes a transport to a server, and closes it at last."""
    with ExitStack() as at_last:

        def make(server: SmtpServer, **others: Any) -> Smtp:
            transport = Smtp(server.address(**others))
            at_last.callback(transport.close)
            return transport

        yield make


@pytest.fixture
def transport(smtp: SmtpServer, reach: Callable[..., Smtp]) -> Smtp:
    return reach(smtp)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "TIMEOUT", 0.3)


def mail(to: str = "ann@example.org", number: int = 1) -> Mail:
    return Mail(
        to=to,
        sender="letters@letters.example.org",
        subject="Confirm your signature",
        text="Words.\n",
        html="<p>Words.</p>",
        message_id=f"<{number}@letters.example.org>",
    )


def fault_of(transport: Smtp, message: Mail | None = None) -> Fault:
    with pytest.raises(HandOverFailed) as caught:
        transport.deliver(message or mail())
    return caught.value.fault


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_one_line_carries_many_mails(smtp: SmtpServer, transport: Smtp) -> None:
    for number in range(5):
        transport.deliver(mail(number=number))
    assert [taken.message_id for taken in smtp.taken] == [
        f"<{number}@letters.example.org>" for number in range(5)
    ]
    assert smtp.lines == 1
    assert {(taken.sender, taken.to) for taken in smtp.taken} == {
        ("letters@letters.example.org", "ann@example.org")
    }


@pytest.mark.parametrize(
    ("command", "reply", "fault"),
    [
        ("MAIL", "451 4.3.2 Not now", Fault.TEMPORARY),
        ("RCPT", "450 4.2.0 Greylisted", Fault.TEMPORARY),
        ("RCPT", "452 4.5.3 Too many", Fault.TEMPORARY),
        ("DATA", "451 4.7.1 Try again", Fault.TEMPORARY),
        ("RCPT", "552 5.2.2 Mailbox full", Fault.TEMPORARY),
        ("RCPT", "550 5.2.2 Mailbox full", Fault.TEMPORARY),
        ("RCPT", "550 5.4.4 No route", Fault.TEMPORARY),
        ("MAIL", "421 4.7.0 Too much for one line", Fault.CONNECTION),
        ("DATA", "421 4.3.0 Going down", Fault.CONNECTION),
        ("RCPT", "550 5.1.1 No such user", Fault.UNDELIVERABLE),
        ("RCPT", "550 5.1.10 No mail here", Fault.UNDELIVERABLE),
        ("RCPT", "550 No", Fault.PERMANENT),
        ("RCPT", "501 5.5.4 What", Fault.PERMANENT),
        ("DATA", "554 5.6.0 Bad content", Fault.PERMANENT),
        ("DATA", "550 5.1.1 No such user", Fault.PERMANENT),
        ("MAIL", "530 5.7.0 Sign in first", Fault.SENDER),
        ("MAIL", "550 5.7.26 Not authenticated", Fault.SENDER),
        ("RCPT", "554 5.7.1 Relay access denied", Fault.SENDER),
        ("RCPT", "550 relay not permitted", Fault.SENDER),
        ("RCPT", "550 5.1.8 Sender address rejected: domain not found", Fault.SENDER),
        ("DATA", "550 5.7.515 Access denied", Fault.SENDER),
    ],
)
def test_it_tells_faults_apart(
    smtp: SmtpServer, command: str, reply: str, fault: Fault, transport: Smtp
) -> None:
    smtp.refuse(command, reply, times=1)
    assert fault_of(transport) is fault
    transport.deliver(mail())
    assert len(smtp.taken) == 1


def test_a_refusal_before_the_line_breaks_is_a_refusal(smtp: SmtpServer, transport: Smtp) -> None:
    smtp.hang_up("RCPT", "550 5.1.1 No such user", times=1)
    assert fault_of(transport) is Fault.UNDELIVERABLE
    transport.deliver(mail())
    assert len(smtp.taken) == 1


@pytest.mark.parametrize(
    ("command", "fault"),
    [("MAIL", Fault.CONNECTION), ("RCPT", Fault.CONNECTION), ("DATA", Fault.UNANSWERED)],
)
def test_a_line_that_breaks_is_not_a_refusal(
    smtp: SmtpServer, command: str, fault: Fault, reach: Callable[..., Smtp]
) -> None:
    smtp.hang_up(command)
    assert fault_of(reach(smtp)) is fault


@pytest.mark.parametrize(
    ("command", "fault"), [("MAIL", Fault.CONNECTION), ("DATA", Fault.UNANSWERED)]
)
def test_it_does_not_wait_for_ever(
    smtp: SmtpServer, impatient: None, command: str, fault: Fault, reach: Callable[..., Smtp]
) -> None:
    smtp.fall_silent(command)
    assert fault_of(reach(smtp)) is fault


def test_a_parting_that_fails_does_not_undo_a_mail(
    smtp: SmtpServer, impatient: None, transport: Smtp
) -> None:
    smtp.hang_up("QUIT", times=1)
    smtp.fall_silent("QUIT", times=1)
    smtp.refuse("QUIT", "500 No")
    for _ in range(3):
        transport.deliver(mail())
        transport.close()
    assert len(smtp.taken) == 3


@pytest.mark.parametrize("reply", [None, "421 4.7.0 Enough for one line"])
def test_a_mail_that_meets_the_end_of_a_used_line_gets_a_new_one(
    smtp: SmtpServer, reply: str | None, transport: Smtp
) -> None:
    transport.deliver(mail())
    smtp.hang_up("MAIL", reply, times=1)
    transport.deliver(mail())
    assert [taken.line for taken in smtp.taken] == [1, 2]


def test_a_mail_that_breaks_every_line_is_tried_on_one_new_line_only(
    smtp: SmtpServer, transport: Smtp
) -> None:
    transport.deliver(mail())
    smtp.hang_up("RCPT", to="poison@example.org")
    assert fault_of(transport, mail("poison@example.org")) is Fault.CONNECTION
    assert smtp.lines == 2


def test_a_mail_that_may_have_been_taken_is_not_said_again_at_once(
    smtp: SmtpServer, transport: Smtp
) -> None:
    transport.deliver(mail())
    smtp.hang_up("DATA", take=True)
    assert fault_of(transport) is Fault.UNANSWERED
    assert len(smtp.taken) == 2


def test_a_line_the_server_left_while_it_was_idle_is_opened_anew(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, transport: Smtp
) -> None:
    monkeypatch.setattr(transports, "FRESH", 0.0)
    transport.deliver(mail())
    smtp.hang_up("NOOP", times=1)
    transport.deliver(mail())
    assert [taken.line for taken in smtp.taken] == [1, 2]


def test_a_mail_that_cannot_be_said_leaves_the_line_clean(
    smtp: SmtpServer, transport: Smtp
) -> None:
    transport.deliver(mail())
    assert fault_of(transport, mail("ümlaut@example.org")) is Fault.PERMANENT
    assert fault_of(transport, mail("ann@example.org>\r\nRCPT TO:<x")) is Fault.PERMANENT
    transport.deliver(mail())
    assert len(smtp.taken) == 2
    assert smtp.commands.count("RCPT") == 2


def test_nobody_listening_is_a_fault_of_the_connection(
    smtp: SmtpServer, reach: Callable[..., Smtp]
) -> None:
    smtp.stop()
    with pytest.raises(HandOverFailed) as caught:
        reach(smtp).open()
    assert caught.value.fault is Fault.CONNECTION


@pytest.mark.parametrize("starttls", [True, False])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    starttls: bool, reach: Callable[..., Smtp]
) -> None:
    with SmtpServer(certificate=server_context(), starttls=starttls) as server:
        assert fault_of(reach(server)) is Fault.SENDER
        assert server.commands == []


@pytest.mark.parametrize("starttls", [True, False])
def test_a_trusted_certificate_is_taken_for_its_own_name_only(
    starttls: bool, monkeypatch: pytest.MonkeyPatch, reach: Callable[..., Smtp]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with SmtpServer(certificate=server_context(), starttls=starttls) as server:
        reach(server).deliver(mail())
        assert len(server.taken) == 1
        assert fault_of(reach(server, host="localhost")) is Fault.SENDER
        assert len(server.taken) == 1


def test_a_server_without_starttls_is_refused_where_it_is_demanded(
    smtp: SmtpServer, reach: Callable[..., Smtp]
) -> None:
    assert fault_of(reach(smtp, starttls=True)) is Fault.SENDER
    assert smtp.commands == []


def test_a_password_is_said_and_a_wrong_one_is_our_fault(
    monkeypatch: pytest.MonkeyPatch, reach: Callable[..., Smtp]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with SmtpServer(certificate=server_context(), starttls=True, sign_in=True) as server:
        reach(server).deliver(mail())
        assert len(server.taken) == 1
        server.commands.clear()
        with pytest.raises(HandOverFailed) as caught:
            reach(server, password="wrong").open()
        assert caught.value.fault is Fault.SENDER
        assert server.commands == []


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (smtplib.SMTPConnectError(421, b"Busy"), Fault.CONNECTION),
        (smtplib.SMTPConnectError(554, b"We do not know you"), Fault.SENDER),
        (smtplib.SMTPHeloError(501, b"What"), Fault.SENDER),
    ],
)
def test_what_a_server_says_at_the_door_is_about_us(error: Exception, fault: Fault) -> None:
    assert transports.classify(error).fault is fault


def test_what_is_kept_of_a_refusal_names_nobody(
    smtp: SmtpServer, reach: Callable[..., Smtp]
) -> None:
    smtp.refuse("RCPT", "550 5.1.1 <ann@example.org> is unknown")
    with pytest.raises(HandOverFailed) as caught:
        reach(smtp).deliver(mail())
    assert caught.value.error == "SMTPRecipientsRefused 550"
    assert "ann" not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_a_folder_keeps_a_mail_as_its_reader_would_see_it() -> None:
    folder = Folder(mailbox.folder())
    folder.open()
    for number in (1, 2, 3):
        folder.deliver(mail(f"ann{number}@example.org"))
    folder.close()
    kept = mailbox.newest()
    assert [each.to for each in kept] == [f"ann{number}@example.org" for number in (3, 2, 1)]
    assert mailbox.read(kept[0].key).text.split() == ["Words."]


def test_a_folder_that_cannot_be_written_is_tried_again_later(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    with pytest.raises(HandOverFailed) as caught:
        Folder(blocked).deliver(mail())
    assert caught.value.fault is Fault.TEMPORARY
