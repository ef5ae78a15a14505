"""Coming in, and going."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user, login_required

from petition.actions import organizers, sessions
from petition.exceptions import LinkBroken, LinkExpired, LinkUsed
from petition.forms.decision import PressForm
from petition.views import answers, signed_in

bp = Blueprint("sign_in", __name__, url_prefix="/organize")


@bp.get("/sign-in")
def ask() -> Response:
    """How to get in; who is in goes to their letters."""
    if current_user.is_authenticated:
        return answers.see(url_for("organize.home"))
    return answers.page("sign_in/ask.html")


@bp.get("/sign-in/<token>")
def link(token: str) -> Response:
    """A one-time link shows a button; opening it spends nothing."""
    return answers.page("sign_in/link.html", token=token, form=PressForm())


@bp.post("/sign-in/<token>")
def enter(token: str) -> Response:
    """Spend the link and begin a new session."""
    try:
        key = organizers.sign_in(token, request.remote_addr, "")
    except (LinkBroken, LinkExpired, LinkUsed):
        return answers.page("sign_in/ask.html", status=410, spent=True)
    signed_in.begin(key)
    return answers.see(url_for("organize.home"))


@bp.post("/sign-out")
@login_required
def out() -> Response:
    """End every session of this organizer."""
    sessions.end_all(current_user.organizer_id)
    signed_in.end()
    return answers.see(url_for("sign_in.ask"))
