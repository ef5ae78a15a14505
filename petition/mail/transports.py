"""Where mail is handed over: an SMTP server, or in a demonstration a folder to read."""

import mailbox
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Protocol

from flask import current_app
from flask_mail import Connection
from flask_mail import Mail as MailState

from petition.config import MailServer
from petition.mail.messages import Mail

TIMEOUT = 30
"""Seconds that any one answer of the server may take."""


class Fault(Enum):
    """Whose fault a refusal is, and so what to do about it."""

    TEMPORARY = "temporary"
    """Nobody's: try this mail again later."""
    CONNECTION = "connection"
    """The line broke: open a new one, and try this mail again later."""
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

    def deliver(self, message: Mail) -> None:
        """Take one mail. Raises `HandOverFailed`."""

    def close(self) -> None:
        """Let go of the line. Never raises."""


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
            host = smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=TIMEOUT, context=context
            )
        else:
            host = smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT)
        try:
            if server.starttls:
                host.starttls(context=context)
            if server.user and server.password:
                host.login(server.user, server.password)
        except Exception:
            host.close()
            raise
        return host

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

    def open(self) -> None:
        """Be sure of a working line: the server may have hung up while nothing was sent."""
        if self._line is not None and self._alive(self._line):
            return
        self.close()
        line = CheckedConnection(current_app.extensions["mail"], self._server)
        try:
            line.__enter__()
        except Exception as error:
            raise classify(error) from None
        self._line = line

    @staticmethod
    def _alive(line: CheckedConnection) -> bool:
        try:
            return line.host is not None and line.host.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def deliver(self, message: Mail) -> None:
        """Hand over one mail."""
        if self._line is None:
            raise HandOverFailed(Fault.CONNECTION, "no connection")
        try:
            self._line.send(message)
        except Exception as error:
            failure = classify(error)
            if failure.fault is Fault.CONNECTION:
                self.close()
            raise failure from None

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        if self._line is not None:
            self._line.__exit__(None, None, None)
            self._line = None


class Folder:
    """A demonstration's mail: kept in a maildir, where `/mailbox` shows it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> None:
        """Make the folder."""
        mailbox.Maildir(self._path, create=True)

    def deliver(self, message: Mail) -> None:
        """Put the mail into the folder, whole or not at all."""
        mailbox.Maildir(self._path).add(message.as_bytes())

    def close(self) -> None:
        """Nothing to let go of."""


def classify(error: Exception) -> HandOverFailed:
    """Whose fault an exception on the way to the server is."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return HandOverFailed(_of_reply(code, words, to_recipient=True), f"{name} {code}")
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        ours = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused)
        fault = Fault.SENDER if ours and code >= 500 else _of_reply(code, error.smtp_error)
        return HandOverFailed(fault, f"{name} {code}")
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return HandOverFailed(Fault.SENDER, name)
    if isinstance(error, OSError):  # smtplib's SMTPServerDisconnected and every time-out is one
        return HandOverFailed(Fault.CONNECTION, name)
    return HandOverFailed(Fault.PERMANENT, name)


_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_FULL_OR_UNROUTED = {"5.2.2", "5.4.4"}


def _of_reply(code: int, words: bytes | str, *, to_recipient: bool = False) -> Fault:
    """What a server's refusal means (RFC 5321 §4.2.1, RFC 3463 §3).

    A full mailbox and a missing route call themselves permanent and seldom are. Policy (5.7) is
    about who sends, not about whom to.
    """
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    if code < 500 or code == 552 or enhanced in _FULL_OR_UNROUTED:
        return Fault.TEMPORARY
    if enhanced.startswith("5.7."):
        return Fault.SENDER
    if to_recipient and (enhanced.startswith("5.1.") or (not enhanced and code in {550, 551, 553})):
        return Fault.UNDELIVERABLE
    return Fault.PERMANENT
