"""What a team has written about signatures for itself, and what was handed to whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from petition.extensions import db
from petition.models import Note, Organizer, Signature

LATEST = 20
"""Notes about one signature that are looked at."""
MOST = 1000
"""What was handed over is counted no further than to one more."""


@dataclass(frozen=True)
class Written:
    """A note, by whom, and to whom the signature was handed with it."""

    note: Note
    organizer: Organizer
    to: Organizer | None


def of(signature_ids: Iterable[int]) -> dict[int, list[Written]]:
    """The last notes about signatures, by their ids, oldest first; at most `LATEST` of each."""
    place = func.row_number().over(partition_by=Note.signature_id, order_by=Note.id.desc())
    placed = (
        select(Note.id, place.label("place"))
        .where(Note.signature_id.in_(list(signature_ids)))
        .subquery()
    )
    to = aliased(Organizer)
    rows = db.session.execute(
        select(Note, Organizer, to)
        .join(placed, placed.c.id == Note.id)
        .join(Organizer, Organizer.id == Note.organizer_id)
        .outerjoin(to, to.id == Note.handed_to)
        .where(placed.c.place <= LATEST)
        .order_by(Note.id)
    )
    found: dict[int, list[Written]] = defaultdict(list)
    for row in rows:
        found[row[0].signature_id].append(Written(*row))
    return found


def how_many_handed(letter_ids: Iterable[int], organizer_id: int) -> dict[int, int]:
    """How many signatures are in somebody's hands; every letter asked for is in the answer."""
    wanted = list(letter_ids)
    some = (
        select(Signature.letter_id)
        .where(Signature.letter_id.in_(wanted), Signature.assignee_id == organizer_id)
        .limit(MOST + 1)
        .subquery()
    )
    rows = db.session.execute(select(some.c.letter_id, func.count()).group_by(some.c.letter_id))
    numbers = {row[0]: row[1] for row in rows}
    return {letter_id: numbers.get(letter_id, 0) for letter_id in wanted}
