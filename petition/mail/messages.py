"""What each mail says: one folder of templates a kind, and the headers of all."""

import re
import textwrap
from binascii import b2a_qp
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from flask import render_template
from flask_babel import force_locale
from flask_mail import Message

from petition import config, links, tokens
from petition.clock import now
from petition.languages import closest
from petition.mail.outbox import Job
from petition.tokens import Purpose

WIDTH = 72
"""Characters of a line of plain text (RFC 3676 §4.2)."""

_BOUNDARY = "=_the_same_words_=_"
"""Between the two bodies. "=_" is nothing that quoted-printable could say (RFC 2045 §6.7)."""


class Mail(Message):
    """A message to one reader, whose headers are checked and whose two bodies say the same.

    Flask-Mail's own builder joins names and addresses unquoted and lets a line break through in
    places. Python's `EmailMessage` does neither, but takes longer over a mail than the server
    does: here it only folds what somebody wrote.
    """

    def as_bytes(self) -> bytes:
        """The message as it goes over the wire.

        Raises:
            ValueError: something that must not stand in a header would.
        """
        settings = config.current()
        head = (
            _folded("From", settings.site_name, settings.sender),
            _folded("Subject", self.subject),
            f"To: {_word(str(self.recipients[0]))}\r\n",
            f"Date: {format_datetime(now())}\r\n",
            f"Message-ID: {_word(str(self.msgId))}\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            "MIME-Version: 1.0\r\n",
            f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n',
        )
        parts = _part("plain", self.body or ""), _part("html", self.html or "")
        return "".join(head).encode("ascii") + b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()


@lru_cache(maxsize=256)
def _folded(name: str, words: str, address: str | None = None) -> str:
    """A header with somebody's words in it: encoded where not ASCII, folded, refused if broken."""
    if re.search(r"[\x00-\x1f\x7f]", words):
        raise ValueError("a header would break here")
    value = words if address is None else Address(words, addr_spec=address)
    return str(SMTP.header_store_parse(name, value)[1].fold(policy=SMTP))


def _word(value: str) -> str:
    if not re.fullmatch(r"[!-~]+", value):
        raise ValueError("a header would break here")
    return value


def _part(subtype: str, text: str) -> bytes:
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + b2a_qp(f"{text}\n".replace("\n", "\r\n").encode())


@dataclass(frozen=True)
class Words:
    """What a mail's templates are given."""

    site: str
    title: str
    name: str
    shown: bool
    letter_url: str
    manage_url: str
    confirm_url: str
    code: str
    days: int


def compose(job: Job) -> Mail:
    """The mail of a claimed job, in the language its reader signed in."""
    with force_locale(closest(job.language)):
        return _render(job, _words(job))


def _words(job: Job) -> Words:
    return Words(
        site=config.current().site_name,
        title=job.title,
        name=job.name,
        shown=job.show_name,
        letter_url=links.absolute("letters.show", slug=job.slug),
        manage_url=_link("signing.signature", Purpose.SIGNATURE, job),
        confirm_url=_link("signing.confirm", Purpose.CONFIRM, job),
        code=_grouped(tokens.code(job.signature_id, job.mail_id)),
        days=Purpose.CONFIRM.age.days,
    )


def _link(endpoint: str, purpose: Purpose, job: Job) -> str:
    return links.absolute(endpoint, token=tokens.make(purpose, job.signature_id))


def _grouped(code: str) -> str:
    """A code as a hand can copy it: 123 456."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def _render(job: Job, words: Words) -> Mail:
    def rendered(file: str) -> str:
        return render_template(f"mail/{job.kind}/{file}", mail=words)

    message = Mail(
        subject=" ".join(rendered("subject.txt").split()),
        recipients=[job.email or ""],
        body=_laid_out(rendered("body.txt")),
        html=rendered("body.html"),
        sender=config.current().sender,
    )
    message.msgId = job.message_id
    return message


def _laid_out(text: str) -> str:
    """Plain text with lines of a readable length and single empty lines between paragraphs."""
    wrapped = "\n".join(line if " " not in line else _wrapped(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", wrapped).strip() + "\n"


@lru_cache(maxsize=256)
def _wrapped(line: str) -> str:
    """One paragraph in lines; a word too long for a line stays whole."""
    if len(line) <= WIDTH:
        return line
    return textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
