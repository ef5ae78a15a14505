"""The mails of a demonstration, readable. Exists nowhere else."""

from flask import Blueprint, Response

from petition.queries import mailbox
from petition.views import answers

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@bp.get("")
def inbox() -> Response:
    """The mails that would have left, newest first."""
    return answers.page("mailbox/inbox.html", mails=mailbox.newest())


@bp.get("/<key>")
def mail(key: str) -> Response:
    """One mail, as its reader would see it."""
    return answers.page("mailbox/mail.html", mail=mailbox.read(key))
