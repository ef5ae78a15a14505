"""Where mail is handed over: an SMTP server, or in a demonstration a folder to read."""

import mailbox
import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from flask_mail import Connection
from flask_mail import Mail as MailState

from petition.config import MailServer
from petition.mail.messages import Mail

TIMEOUT = 30
"""Seconds that any one answer of the server may take."""
FRESH = 1.0
"""Seconds after its last word for which a line is believed to be open."""


class Fault(Enum):
    """Whose fault a refusal is, and so what to do about it."""

    TEMPORARY = "temporary"
    """Nobody's: try this mail again later."""
    CONNECTION = "connection"
    """The line broke: open a new one, and try this mail again later."""
    UNANSWERED = "unanswered"
    """The line broke after the mail was said and before the answer: taken or not, nobody knows."""
    PERMANENT = "permanent"
    """This mail will never be taken."""
    UNDELIVERABLE = "undeliverable"
    """This mailbox does not exist."""
    SENDER = "sender"
    """Ours: the server does not want us. Every mail would be refused; blame none of them."""


class HandOverFailed(Exception):
    """A mail was not taken."""

    def __init__(self, fault: Fault, error: str) -> None:
        super().__init__(error)
        self.fault = fault
        self.error = error
        """Class and status code; never the server's words, which may quote the address."""


class Transport(Protocol):
    """Something that takes mail."""

    def open(self) -> None:
        """Be ready to take mail. Raises `HandOverFailed`."""

    def deliver(self, mail: Mail) -> None:
        """Take one mail. Raises `HandOverFailed`."""

    def close(self) -> None:
        """Let go of the line. Never raises."""


class AnswerLost(smtplib.SMTPServerDisconnected):
    """The line broke while a mail was handed over."""


class _Line(smtplib.SMTP):
    """An SMTP line that knows whether it broke before a mail or over it."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Say the mail, and hear whether it is taken."""
        try:
            return super().data(msg)
        except smtplib.SMTPServerDisconnected as error:
            raise AnswerLost(*error.args) from None


class _TlsLine(_Line, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


class CheckedConnection(Connection):
    """Flask-Mail's connection with a time limit, verified TLS, and a parting that hides nothing.

    As it stands, Flask-Mail waits for ever, believes any certificate, and when QUIT fails after
    a mail was taken, reports the mail as failed.
    """

    def __init__(self, mail: MailState, server: MailServer) -> None:
        super().__init__(mail)
        self.server = server

    def configure_host(self) -> smtplib.SMTP:
        """A line to the server, encrypted and signed in as the settings demand."""
        server, name = self.server, socket.gethostname()
        context = ssl.create_default_context()
        host: smtplib.SMTP
        if server.tls:
            host = _TlsLine(server.host, server.port, name, timeout=TIMEOUT, context=context)
        else:
            host = _Line(server.host, server.port, name, timeout=TIMEOUT)
        try:
            if server.starttls:
                host.starttls(context=context)
            if server.user and server.password:
                host.login(server.user, server.password)
        except Exception:
            host.close()
            raise
        return host

    def hand_over(self, mail: Mail) -> None:
        """Say one mail. As Flask-Mail's `send`, for mails that are built here."""
        if self.host is None:
            raise smtplib.SMTPServerDisconnected("no line")
        self.host.sendmail(mail.sender, [mail.to], mail.as_bytes())
        self.num_emails += 1

    @property
    def broken(self) -> bool:
        """The server, or a fault on the way, has ended it."""
        return self.host is None or self.host.sock is None

    def answers(self) -> bool:
        """Whether the server is still there: it may have hung up while nothing was said."""
        try:
            return self.host is not None and self.host.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def __exit__(self, *_: object) -> None:
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()
            self.host.close()
            self.host = None


class Smtp:
    """One line to an SMTP server, kept open while it works and opened again when it broke."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._line: CheckedConnection | None = None
        self._last_word = 0.0

    def open(self) -> None:
        """Be sure of a working line."""
        self._ready()

    def _ready(self) -> CheckedConnection:
        if self._line is not None:
            fresh = time.monotonic() - self._last_word < FRESH
            if fresh or self._line.answers():
                return self._line
        self.close()
        line = CheckedConnection(current_app.extensions["mail"], self._server)
        try:
            line.__enter__()
        except Exception as error:
            raise classify(error) from None
        self._line, self._last_word = line, time.monotonic()
        return line

    def deliver(self, mail: Mail) -> None:
        """Hand over one mail.

        A server may end a line at any time, after so many mails for example, and the mail that
        meets the end of a used one is not to blame: it gets a new line, once.
        """
        line = self._ready()
        used = line.num_emails > 0
        try:
            self._say(line, mail)
        except HandOverFailed as failure:
            if failure.fault is not Fault.CONNECTION or not used:
                raise
            self._say(self._ready(), mail)

    def _say(self, line: CheckedConnection, mail: Mail) -> None:
        try:
            line.hand_over(mail)
        except Exception as error:
            if line.broken or not isinstance(error, _ANSWERS):
                self.close()  # who knows what the server has heard
            raise classify(error) from None
        finally:
            self._last_word = time.monotonic()

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        if self._line is not None:
            self._line.__exit__()
            self._line = None


class Folder:
    """A demonstration's mail: kept in a maildir, where `/mailbox` shows it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> None:
        """Make the folder."""
        mailbox.Maildir(self._path, create=True)

    def deliver(self, mail: Mail) -> None:
        """Put the mail into the folder, whole or not at all."""
        try:
            mailbox.Maildir(self._path).add(mail.as_bytes())
        except OSError as error:
            raise HandOverFailed(Fault.TEMPORARY, type(error).__name__) from None

    def close(self) -> None:
        """Nothing to let go of."""


_ANSWERS = smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException


def classify(error: Exception) -> HandOverFailed:
    """Whose fault an exception on the way to the server is."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return HandOverFailed(_of_reply(code, words, to_recipient=True), f"{name} {code}")
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        fault = _of_reply(code, error.smtp_error)
        if isinstance(error, _OURS) and code >= 500:
            fault = Fault.SENDER
        return HandOverFailed(fault, f"{name} {code}")
    if isinstance(error, AnswerLost):
        return HandOverFailed(Fault.UNANSWERED, name)
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return HandOverFailed(Fault.SENDER, name)
    if isinstance(error, OSError):  # every other failure of smtplib and every time-out is one
        return HandOverFailed(Fault.CONNECTION, name)
    return HandOverFailed(Fault.PERMANENT, name)


_OURS = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
)
"""What is refused before there is talk of a recipient."""
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ABOUT_SENDER = re.compile(r"5\.7\.|5\.1\.[78]$")
_NO_SUCH_MAILBOX = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}
_FULL_OR_UNROUTED = {"5.2.2", "5.4.4"}
_SIGN_IN = {530, 534, 535, 538}
_GOOD_BYE = 421


def _of_reply(code: int, words: bytes | str, *, to_recipient: bool = False) -> Fault:
    """What a server's refusal means (RFC 5321 §4.2.1, RFC 3463 §3).

    A full mailbox and a missing route call themselves permanent and seldom are. Policy, sign-in
    and relaying are about who sends, not about whom to, at whatever command they come up. Only
    what names the mailbox is held against the mailbox.
    """
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    if code == _GOOD_BYE:
        return Fault.CONNECTION
    if code < 500 or code == 552 or enhanced in _FULL_OR_UNROUTED:
        return Fault.TEMPORARY
    if code in _SIGN_IN or _ABOUT_SENDER.match(enhanced) or "relay" in text.lower():
        return Fault.SENDER
    if to_recipient and enhanced in _NO_SUCH_MAILBOX:
        return Fault.UNDELIVERABLE
    return Fault.PERMANENT
