"""What each mail says: one folder of templates a kind, and the headers of all."""

import re
import textwrap
from binascii import b2a_qp
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from flask import render_template
from flask_babel import force_locale
from markupsafe import escape

from petition import config, links, retention, tokens
from petition.clock import now
from petition.config import Config
from petition.languages import closest
from petition.mail.outbox import HASTE, AboutSignature, Job, Posted
from petition.models import Kind, Listing, State
from petition.sources import Via
from petition.text import initials
from petition.tokens import Purpose

WIDTH = 72
"""Characters of a line of plain text (RFC 3676 §4.2)."""

_QUOTE = "> "

_BREAKABLE = re.compile(r"[^\S\u00a0\u202f]+")
"""Space where a line may end; French has one before a colon where none may."""

_BOUNDARY = "=_the_same_words_=_"
"""Between the two bodies. "=_" is nothing that quoted-printable could say (RFC 2045 §6.7)."""


@dataclass(frozen=True)
class Mail:
    """A mail to one reader, whose headers are checked and whose two bodies say the same.

    Flask-Mail's own message joins names and addresses unquoted, lets a line break through in
    places, and asks the network for this machine's name for every Message-ID. Python's
    `EmailMessage` takes longer over a mail than the server does: here its policy only folds what
    somebody wrote.
    """

    to: str
    sender: str
    subject: str
    text: str
    html: str
    message_id: str

    def as_bytes(self) -> bytes:
        """The message as it goes over the wire.

        Raises:
            ValueError: something that must not stand in a header would.
        """
        settings = config.current()
        head = (
            _folded("From", settings.site_name, settings.sender),
            _folded("Subject", self.subject),
            f"To: {_word(self.to)}\r\n",
            f"Date: {format_datetime(now())}\r\n",
            f"Message-ID: {_word(self.message_id)}\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            "MIME-Version: 1.0\r\n",
            f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n',
        )
        parts = _part("plain", self.text), _part("html", self.html)
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
    """What a mail's templates are given: what is the same in many mails, and gaps for the rest."""

    site: str
    title: str
    sender: str
    shown: bool
    letter_url: str
    thanks_url: str
    days: int
    waits: int
    """Days after which what nobody confirmed is deleted."""
    said: str
    """By the organizers, in words of their own."""
    responsible: str
    contact: str
    news: str | None
    """What was changed in substance since they signed; None, where nothing was."""
    rejected: bool
    why: str
    """The public words for it, where it is rejected."""
    more: str
    """What the organizers write beside, for this reason."""
    held: bool
    """It is not rejected any more, and waits for the organizers to look at it."""
    signed_on: date | None
    """None, where the mail does not say so."""
    name: str = "\x02name\x03"
    manage_url: str = "\x02manage_url\x03"
    confirm_url: str = "\x02confirm_url\x03"
    code: str = "\x02code\x03"
    answer: str = "\x02answer\x03"

    @property
    def more_quoted(self) -> str:
        """The same as plain text."""
        return _quoted(self.more)


_GAP = re.compile(r"\x02(\w+)\x03")


@dataclass(frozen=True)
class Form:
    """A mail with gaps: as it goes to everybody who signs one letter in one language."""

    subject: str
    text: str
    html: str


def compose(job: Job) -> Mail:
    """The mail of a claimed job, in its reader's language."""
    return _posted(job) if isinstance(job, Posted) else _about_signature(job)


def _about_signature(job: AboutSignature) -> Mail:
    settings = config.current()
    form = _form(
        job.kind,
        job.language,
        None if job.language == job.letter_language else job.language,
        job.title,
        job.sender,
        job.slug,
        job.show_name and job.listing != Listing.NOT,
        job.wording.get(job.language, {}).get("mail", ""),
        job.responsible or job.sender,
        job.contact,
        job.news,
        bool(job.about),
        job.about.get("why", ""),
        job.about.get("more", ""),
        job.state == State.HELD,
        # Only where it is said: a form for each day would keep none for long.
        job.signed_at.date() if job.kind == Kind.DECIDED else None,
        settings,
    )
    answer = job.answer or ""
    gaps = {
        "name": job.name if job.listing != Listing.INITIALS else initials(job.name),
        "manage_url": _link("own.show", Purpose.SIGNATURE, job.signature_id),
        "confirm_url": _link("signing.confirm", Purpose.CONFIRM, job.signature_id),
        "code": _grouped(tokens.code(job.signature_id, job.mail_id)),
    }
    return Mail(
        to=job.email or "",
        sender=settings.sender,
        subject=form.subject,
        text=_GAP.sub(lambda gap: {**gaps, "answer": _quoted(answer)}[gap[1]], form.text),
        html=_GAP.sub(lambda gap: str(escape({**gaps, "answer": answer}[gap[1]])), form.html),
        message_id=job.message_id,
    )


def _link(endpoint: str, purpose: Purpose, subject: int) -> str:
    return links.absolute(endpoint, token=tokens.make(purpose, subject))


def _grouped(code: str) -> str:
    """A code as a hand can copy it, in one line: 123 456."""
    half = len(code) // 2
    return f"{code[:half]}\u00a0{code[half:]}"


@lru_cache(maxsize=256)
def _form(
    kind: str,
    language: str,
    lang: str | None,
    title: str,
    sender: str,
    slug: str,
    shown: bool,
    said: str,
    responsible: str,
    contact: str,
    news: str | None,
    rejected: bool,
    why: str,
    more: str,
    held: bool,
    signed_on: date | None,
    settings: Config,
) -> Form:
    """Rendered once: when a crowd signs, the templates would take most of a mail's time."""
    words = Words(
        site=settings.site_name,
        title=title,
        sender=sender,
        shown=shown,
        letter_url=links.absolute("letters.show", slug=slug, lang=lang, via=Via.MAIL),
        thanks_url=links.absolute("signing.thanks", slug=slug, lang=lang),
        days=Purpose.CONFIRM.age.days,
        waits=retention.UNCONFIRMED.days,
        said=said,
        responsible=responsible,
        contact=contact,
        news=news,
        rejected=rejected,
        why=why,
        more=more,
        held=held,
        signed_on=signed_on,
    )
    with force_locale(closest(language)):
        return Form(*_rendered(Kind(kind), words))


def _rendered(kind: Kind, words: Words | dict[str, Any]) -> tuple[str, str, str]:
    """Subject, plain text and HTML."""
    subject, text, html = (
        render_template(f"mail/{kind.value}/{file}", mail=words)
        for file in ("subject.txt", "body.txt", "body.html")
    )
    return _BREAKABLE.sub(" ", subject).strip(), _laid_out(text), html


def _posted(job: Posted) -> Mail:
    """A mail that is written for one reader alone."""
    settings = config.current()
    made = _MADE[Kind(job.kind)](job.about)
    site = {"site": settings.site_name, "title": settings.site_name, "letter_url": links.site()}
    with force_locale(closest(job.language)):
        subject, text, html = _rendered(Kind(job.kind), {**site, **job.about, **made})
    return Mail(
        to=job.email or "",
        sender=settings.sender,
        subject=subject,
        text=text,
        html=html,
        message_id=job.message_id,
    )


def _code_and_link(about: dict[str, Any]) -> dict[str, Any]:
    return _code_alone(about) | {"url": _link("sign_in.link", Purpose.SIGN_IN, about["sign_in"])}


def _code_alone(about: dict[str, Any]) -> dict[str, Any]:
    code = _grouped(tokens.sign_in_code(about["sign_in"]))
    return {"code": code, "minutes": HASTE.give_up // timedelta(minutes=1)}


def _invitation(about: dict[str, Any]) -> dict[str, Any]:
    url = _link("invitations.show", Purpose.INVITATION, about["invitation"])
    return {"url": url, "days": Purpose.INVITATION.age.days}


def _first_invitation(about: dict[str, Any]) -> dict[str, Any]:
    opens = about["opens"]
    return {
        "url": _link("first.show", Purpose.FIRST, about["signatory"]),
        "opens": datetime.fromisoformat(opens) if opens else None,
        "days": Purpose.FIRST.age.days,
    }


def _burst(about: dict[str, Any]) -> dict[str, Any]:
    there = {"slug": about["slug"], "tab": "all", **about["filter"]}
    return {
        "url": links.absolute("moderation.queue", **there),
        "rules_url": links.absolute("rules.of_letter", slug=about["slug"]),
    }


_MADE: dict[Kind, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Kind.SIGN_IN: _code_and_link,
    Kind.PROOF: _code_alone,
    Kind.NEW_ADDRESS: _code_alone,
    Kind.ADDRESS_CHANGED: dict,
    Kind.PASSKEYS_CHANGED: dict,
    Kind.INVITATION: _invitation,
    Kind.FIRST_INVITATION: _first_invitation,
    Kind.BURST: _burst,
}
"""What the templates of each kind need beside what stands in the row: links and codes."""


def _laid_out(text: str) -> str:
    """Plain text with lines of a readable length and single empty lines between paragraphs."""
    return re.sub(r"\n{3,}", "\n\n", _lines(text)).strip() + "\n"


def _lines(text: str) -> str:
    return "\n".join(_wrapped(line) for line in text.splitlines())


def _quoted(text: str) -> str:
    """Somebody else's words, as mail programs know them (RFC 3676 §4.5)."""
    return "\n".join(_wrapped(f"{_QUOTE}{line}".rstrip()) for line in text.splitlines())


def _wrapped(line: str) -> str:
    """One paragraph in lines; a word too long for a line stays whole."""
    if len(line) <= WIDTH:
        return line
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=_QUOTE if line.startswith(_QUOTE) else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
