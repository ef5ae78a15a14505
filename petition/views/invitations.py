"""Somebody is invited into a team, and comes in."""

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from flask_login import current_user

from petition import tokens
from petition.actions import invitations
from petition.exceptions import LinkBroken, LinkExpired, LinkUsed
from petition.queries import teams
from petition.tokens import Purpose
from petition.views import answers, done, signed_in
from petition.views.devices import device

bp = Blueprint("invitations", __name__, url_prefix="/organize/invitations")


@bp.get("/<token>")
def show(token: str) -> Response:
    """Which team, in which role; opening it accepts nothing."""
    found = teams.invited(tokens.read(Purpose.INVITATION, token))
    return answers.page("invitations/show.html", invited=found, token=token)


@bp.post("/<token>")
def accept(token: str) -> Response:
    """Come in. Who has an account signs in with it; for who has none, the link is proof."""
    joined = invitations.accept(token, device(request.user_agent.string), request.remote_addr)
    if joined.key is not None:
        signed_in.begin(joined.key)
    done.tell(gettext("You are in %(team)s now.", team=joined.team))
    if joined.key is None and not _is(joined.organizer_id):
        return answers.see(url_for("sign_in.ask"))
    return answers.see(url_for("organize.home"))


def _is(organizer_id: int) -> bool:
    return bool(current_user.is_authenticated and current_user.organizer_id == organizer_id)


@bp.errorhandler(LinkBroken)
@bp.errorhandler(LinkExpired)
@bp.errorhandler(LinkUsed)
def over(_error: Exception) -> Response:
    """A link that does not work any more says how to get another."""
    return answers.page("invitations/over.html", status=410)
