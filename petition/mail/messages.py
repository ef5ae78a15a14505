"""What each mail says: one function a kind, three templates each, and the headers of all."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from flask import render_template
from flask_babel import force_locale
from flask_mail import Message

from petition import config, links, tokens
from petition.clock import now
from petition.languages import closest
from petition.mail.outbox import Job
from petition.models import Kind
from petition.tokens import Purpose


class Mail(Message):
    """A message whose bytes are built, and whose headers are checked, by Python's own `email`.

    Flask-Mail's builder joins names and addresses unquoted and lets a line break through in
    places; `EmailMessage` refuses both.
    """

    def as_bytes(self) -> bytes:
        """The message as it goes over the wire."""
        settings = config.current()
        message = EmailMessage(policy=SMTP)
        message["Subject"] = self.subject
        message["From"] = Address(settings.site_name, addr_spec=settings.sender)
        message["To"] = Address(addr_spec=str(self.recipients[0]))
        message["Date"] = format_datetime(now())
        message["Message-ID"] = self.msgId
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(self.body, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        return message.as_bytes()


@dataclass(frozen=True)
class Words:
    """What a mail's templates are given."""

    site: str
    title: str
    name: str
    letter_url: str
    manage_url: str
    confirm_url: str
    code: str
    days: int


def compose(job: Job) -> Mail:
    """The mail of a claimed job, in the language its reader signed in."""
    with force_locale(closest(job.signature.language)):
        return _render(job, _words(job))


def _words(job: Job) -> Words:
    return Words(
        site=config.current().site_name,
        title=job.revision.title,
        name=job.signature.name,
        letter_url=links.absolute("letters.show", slug=job.letter.slug),
        manage_url=_link("signing.signature", Purpose.SIGNATURE, job),
        confirm_url=_link("signing.confirm", Purpose.CONFIRM, job),
        code=tokens.code(job.signature.id, job.mail.id),
        days=Purpose.CONFIRM.age.days,
    )


def _link(endpoint: str, purpose: Purpose, job: Job) -> str:
    return links.absolute(endpoint, token=tokens.make(purpose, job.signature.id))


def _render(job: Job, words: Words) -> Mail:
    folder = f"mail/{Kind(job.mail.kind).value}"
    subject = render_template(f"{folder}/subject.txt", mail=words)
    message = Mail(
        subject=" ".join(subject.split()),
        recipients=[job.signature.email or ""],
        body=_squeeze(render_template(f"{folder}/body.txt", mail=words)),
        html=render_template(f"{folder}/body.html", mail=words),
        sender=config.current().sender,
    )
    message.msgId = job.mail.message_id
    return message


def _squeeze(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
