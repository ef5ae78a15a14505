"""What the open queue of an organizer hears every few seconds: who else looks, what changed."""

from datetime import datetime

from flask import Blueprint, Response, request
from flask_babel import gettext, ngettext
from flask_login import current_user, login_required

from petition.actions import attention as watching
from petition.exceptions import NotFound
from petition.queries import attention, queue, tallies
from petition.queries.letters import OwnLetter
from petition.views import queues, spots, standings
from petition.views.own_letter import own_letter
from petition.views.spots import Spot

bp = Blueprint("attention", __name__, url_prefix="/organize/letters/<slug:slug>")


@bp.post("/attention")
@login_required
def look(slug: str) -> Response:
    """Note what an organizer looks at, and tell what changed of what stands before them."""
    own, mine = own_letter(slug), current_user.organizer_id
    since, shown, at = _since(), _shown(), spots.number(request.form.get("signature") or None)
    watching.look(own.letter, mine, at)
    others = attention.others(own.letter.id, own.letter.team_id, mine)
    changed = attention.changed(own.letter.id, shown)
    return standings.answer(
        {
            "others": [{"who": each.who, "signature": each.signature_id} for each in others],
            "rows": [standings.row(own, each, mine) for each in changed],
            "numbers": queues.numbers(own, tallies.of_letter(own.letter.id)),
            "news": _news(own, since),
            "new": Spot(after=queue.confirmed_after(since)).address(slug),
        }
    )


def _since() -> datetime:
    """When the page was made."""
    try:
        since = datetime.fromisoformat(request.form.get("since", ""))
    except ValueError:
        raise NotFound from None
    if since.tzinfo is None:
        raise NotFound
    return since


def _shown() -> dict[int, str]:
    """The signatures on the page, each with the state in which it is shown."""
    pairs = (each.partition("-") for each in request.form.getlist("row")[: queue.PAGE])
    known = ((spots.number(number), state) for number, _, state in pairs)
    return {number: state for number, state in known if number is not None}


def _news(own: OwnLetter, since: datetime) -> str:
    """How many wait that came since then, in words; empty, where none did."""
    number = attention.how_many_new(own.letter.id, since)
    if number == 0:
        return ""
    if number > attention.MOST_NEW:
        return str(gettext("More than %(number)s new ones wait", number=attention.MOST_NEW))
    return str(
        ngettext("%(number)s new one waits", "%(number)s new ones wait", number, number=number)
    )
