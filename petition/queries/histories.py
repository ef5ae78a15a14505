"""What became of signatures so far: every decision about each, and by whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, true

from petition.extensions import db
from petition.models import Decision, Organizer, Signature, is_undoable, is_unsure
from petition.queries import newest

LATEST = 20
"""Decisions about one signature that are told of."""


@dataclass(frozen=True)
class Decided:
    """A decision, and who made it, where that was an organizer."""

    decision: Decision
    who: str | None


@dataclass(frozen=True)
class History:
    """The decisions about one signature, latest first."""

    decided: list[Decided]
    undoable: bool
    """The last of them can be undone by a moderator: nothing has happened since, the words are
    still there, and who it is has been made sure of, where it must be before it is published."""


def of(signatures: Iterable[Signature]) -> dict[int, History]:
    """The histories of a page of signatures, by their ids. Two statements."""
    shown = list(signatures)
    decisions = newest.of_each(Decision, (each.id for each in shown), true(), LATEST)
    organizers = {each.organizer_id for some in decisions.values() for each in some}
    rows = db.session.execute(
        select(Organizer.id, Organizer.email).where(Organizer.id.in_(organizers - {None}))
    )
    called: dict[int | None, str] = {row[0]: row[1] for row in rows}
    return {
        each.id: History(
            [
                Decided(decision, called.get(decision.organizer_id))
                for decision in decisions[each.id]
            ],
            _is_undoable(each, decisions[each.id]),
        )
        for each in shown
    }


def _is_undoable(signature: Signature, decisions: list[Decision]) -> bool:
    last = decisions[0] if decisions else None
    if last is None or not is_undoable(signature, last):
        return False
    return not is_unsure(signature, last.from_state)
