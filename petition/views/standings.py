"""Where signatures stand, in words for a row of the queue that is open in a browser."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from petition import reasons
from petition.queries.attention import Standing
from petition.queries.letters import OwnLetter
from petition.views import answers


def wanted() -> bool:
    """Whether it is a page's script that asks, which changes the row in its place."""
    return request.accept_mimetypes.best == "application/json"


def answer(about: Mapping[str, Any], status: int = 200) -> Response:
    """Something for that script."""
    response = answers.json(json.dumps(about))
    response.status_code = status
    return response


def row(own: OwnLetter, standing: Standing, mine: int | None = None) -> dict[str, Any]:
    """What a row says instead of offering buttons, and how it can be put back.

    Args:
        mine: the number of the organizer who reads it; they know what they did themselves.
    """
    last = standing.decision
    who = standing.who if last is None or last.organizer_id != mine else None
    undo = standing.undoable and url_for(
        "moderation.undo", slug=own.letter.slug, decision_id=last.id if last else 0
    )
    return {
        "signature": standing.id,
        "state": standing.state,
        "decision": last.id if last else 0,
        "told": _told(own, standing, who),
        "undo": undo or None,
    }


def _told(own: OwnLetter, standing: Standing, who: str | None) -> str:
    words = _what(own, standing)
    if who is None:
        return words
    return str(gettext("%(what)s, by %(who)s", what=words, who=who))


def _what(own: OwnLetter, standing: Standing) -> str:
    last = standing.decision
    back = last is not None and last.undoes_id is not None
    words = {
        "published": gettext("Published again") if back else gettext("Published"),
        "held": gettext("Waits again") if back else gettext("Waits now"),
        "quarantined": gettext("Set aside again") if back else gettext("Set aside"),
        "rejected": gettext("Rejected again") if back else gettext("Rejected"),
        "withdrawn": gettext("Withdrawn by its signer"),
        "pending": gettext("Not confirmed any more"),
    }
    said = str(words.get(standing.state, standing.state))
    if standing.state == "rejected" and last is not None and last.reason:
        why = reasons.name(last.reason, own.reasons)
        said = str(gettext("%(what)s: %(reason)s", what=said, reason=why))
    return said
