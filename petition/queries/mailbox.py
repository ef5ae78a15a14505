"""The mails that a demonstration kept in its folder."""

import email
import email.policy
import mailbox
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from markupsafe import Markup

from petition import config
from petition.exceptions import NotFound


@dataclass(frozen=True)
class KeptMail:
    """One mail as its reader would see it."""

    key: str
    to: str
    sender: str
    subject: str
    date: datetime
    text: str

    @property
    def linked(self) -> Markup:
        """The text with its web addresses as links, as a mail program shows it."""
        parts = re.split(r"(https?://\S+)", self.text)
        return Markup("").join(
            Markup('<a href="{0}">{0}</a>').format(part) if number % 2 else part
            for number, part in enumerate(parts)
        )


def folder() -> Path:
    """Where a demonstration keeps its mails."""
    return config.current().data_dir / "mailbox"


def newest(limit: int = 50) -> list[KeptMail]:
    """The latest mails, newest first."""
    box = mailbox.Maildir(folder(), create=True)
    latest = sorted(box.keys(), key=_moment, reverse=True)[:limit]
    return [_kept(key, box.get_bytes(key)) for key in latest]


def _moment(key: str) -> list[int]:
    """When a mail was kept: a maildir's names say it in seconds and microseconds."""
    return [int(number) for number in re.findall(r"\d+", key)[:2]]


def read(key: str) -> KeptMail:
    """One mail.

    Raises:
        NotFound: it is not there.
    """
    try:
        return _kept(key, mailbox.Maildir(folder(), create=True).get_bytes(key))
    except KeyError:
        raise NotFound from None


def _kept(key: str, raw: bytes) -> KeptMail:
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(("plain",))
    return KeptMail(
        key=key,
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        date=parsedate_to_datetime(str(message["Date"])),
        text=body.get_content() if body else "",
    )
