"""A real SMTP server for tests: it keeps what it took, and misbehaves where it is told to."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from petition.config import MailServer

USER, PASSWORD = "letters", "a password"


@dataclass(frozen=True)
class Taken:
    """A mail that the server has taken, and on which line."""

    line: int
    sender: str
    to: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail as a mail program reads it."""
        return email.message_from_bytes(self.content, EmailMessage, policy=email.policy.default)

    @property
    def message_id(self) -> str:
        """By which a mailbox tells a repetition."""
        return str(self.message["Message-ID"])


@dataclass
class Fault:
    """What the server does wrong, at which command, to whom, how often."""

    command: str
    reply: str | None
    """What it says instead; nothing at all, where there is nothing."""
    hang_up: bool
    to: str | None
    times: float
    take: bool
    """Whether it keeps the mail nevertheless."""

    def fits(self, command: str, to: list[str]) -> bool:
        """Whether it is due now."""
        return self.command == command and self.times > 0 and self.to in {None, *to}


class SmtpServer:
    """An SMTP server on a port of this machine, in a thread of its own."""

    def __init__(
        self,
        *,
        port: int = 0,
        certificate: ssl.SSLContext | None = None,
        starttls: bool = False,
        sign_in: bool = False,
    ) -> None:
        self.taken: list[Taken] = []
        self.commands: list[str] = []
        """Every command about a mail that reached it, on all lines."""
        self.heard: Callable[[str], None] = lambda _command: None
        """Called with each command before it is answered; with CONNECT before the greeting."""
        self.lines = 0
        """How many lines were opened to it."""
        self.delay = 0.0
        """Seconds it takes over a mail before it has it, and again before it says so."""
        self.faults: list[Fault] = []
        self.port = port
        self._certificate = certificate
        self._starttls = starttls
        self._sign_in = sign_in
        self._controller: Controller | None = None

    def start(self) -> None:
        """Listen; after the first time, on the same port as before."""
        self._controller = _Controller(self, self._options())
        self._controller.start()
        self.port = self._controller.port

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": self.port}
        if self._starttls:
            options |= {"tls_context": self._certificate, "require_starttls": True}
        elif self._certificate:
            options |= {"ssl_context": self._certificate}
        if self._sign_in:
            options |= {
                "authenticator": _authenticate,
                "auth_required": True,
                "auth_exclude_mechanism": ["LOGIN"],
            }
        return options

    def stop(self) -> None:
        """Be gone: every line breaks, no new one is taken."""
        if self._controller is not None:
            self._controller.break_lines()
            self._controller.stop()
            self._controller = None

    def address(self, **others: Any) -> MailServer:
        """Where it is, as the settings say it."""
        values: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER if self._sign_in else None,
            "password": PASSWORD if self._sign_in else None,
            "tls": self._certificate is not None and not self._starttls,
            "starttls": self._starttls,
        }
        return MailServer(**values | others)

    @property
    def url(self) -> str:
        """Where it is, as an operator writes it."""
        return f"smtp://127.0.0.1:{self.port}"

    def refuse(
        self, command: str, reply: str, *, to: str | None = None, times: float = float("inf")
    ) -> None:
        """Answer a command with this."""
        self.faults.append(Fault(command, reply, False, to, times, False))

    def hang_up(
        self,
        command: str,
        reply: str | None = None,
        *,
        to: str | None = None,
        times: float = float("inf"),
        take: bool = False,
    ) -> None:
        """Break the line at a command, after `reply`; with `take`, having kept the mail."""
        self.faults.append(Fault(command, reply, True, to, times, take))

    def fall_silent(self, command: str, *, times: float = float("inf"), take: bool = False) -> None:
        """Never answer a command; with `take`, having kept the mail."""
        self.faults.append(Fault(command, None, False, None, times, take))

    def __enter__(self) -> "SmtpServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler:
    """aiosmtpd asks these before it answers."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self.open: set[_Line] = set()

    def opened(self, line: "_Line") -> None:
        self._server.lines += 1
        line.number = self._server.lines
        self.open.add(line)
        self._server.heard("CONNECT")

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name, like those below
        self, smtp: "_Line", _s: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := await self._fault("MAIL", smtp, []):
            return fault
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, smtp: "_Line", _s: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if fault := await self._fault("RCPT", smtp, [address]):
            return fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, smtp: "_Line", _s: Session, envelope: Envelope
    ) -> str:
        if fault := await self._fault("DATA", smtp, envelope.rcpt_tos):
            return fault
        if self._server.delay:
            await asyncio.sleep(self._server.delay)
        self._keep(smtp, envelope)
        if self._server.delay:
            await asyncio.sleep(self._server.delay)
        return "250 OK"

    async def handle_NOOP(  # noqa: N802
        self, smtp: "_Line", _s: Session, _e: Envelope, _arg: str
    ) -> str:
        return await self._fault("NOOP", smtp, []) or "250 OK"

    async def handle_QUIT(self, smtp: "_Line", _s: Session, _e: Envelope) -> str:  # noqa: N802
        return await self._fault("QUIT", smtp, []) or "221 Bye"

    def _keep(self, smtp: "_Line", envelope: Envelope) -> None:
        content = envelope.original_content or b""
        for to in envelope.rcpt_tos:
            taken = Taken(smtp.number, envelope.mail_from or "", to, content)
            self._server.taken.append(taken)

    async def _fault(self, command: str, smtp: "_Line", to: list[str]) -> str | None:
        self._server.commands.append(command)
        await asyncio.to_thread(self._server.heard, command)
        fault = next((each for each in self._server.faults if each.fits(command, to)), None)
        if fault is None:
            return None
        fault.times -= 1
        if fault.take:
            self._keep(smtp, smtp.envelope)
        if fault.hang_up:
            if fault.reply:
                await smtp.push(fault.reply)
            smtp.transport.close()
            raise asyncio.CancelledError
        if fault.reply is None:
            await asyncio.sleep(3600)
        return fault.reply


class _Line(SMTP):
    """One line, numbered in the order in which they were opened."""

    event_handler: _Handler
    number = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if not self.number:  # after STARTTLS it is made once more
            self.event_handler.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.open.discard(self)


class _Controller(Controller):
    handler: _Handler

    def __init__(self, server: SmtpServer, options: dict[str, Any]) -> None:
        super().__init__(_Handler(server), **options)

    def factory(self) -> SMTP:
        return _Line(self.handler, loop=self.loop, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        """Learn the port. Controller would knock at the door, which would count as a line."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        self._factory_invoked.set()
        self.smtpd = self.factory()

    def break_lines(self) -> None:
        """Controller stops the loop and leaves the lines as they are."""
        asyncio.run_coroutine_threadsafe(self._break_lines(), self.loop).result()

    async def _break_lines(self) -> None:
        assert self.server is not None
        self.server.close()
        while self.handler.open:
            for line in self.handler.open:
                if line.transport is not None:
                    line.transport.abort()
            await asyncio.sleep(0)


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)
