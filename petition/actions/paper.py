"""Signatures on paper: what an organizer hands in, and takes out again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from petition import caching
from petition.actions.altering import hold
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Letter, PaperBatch, Role
from petition.queries import batches
from petition.queries.batches import PaperDrift


@dataclass(frozen=True)
class Batch:
    """So many signatures on paper, collected on a day in a place."""

    number: int
    collected_on: date
    place: str
    note: str


def add(letter: Letter, role: str, organizer_id: int, batch: Batch) -> int:
    """Count signatures on paper; the id of their batch.

    Raises:
        Forbidden: this role does not write letters.
    """
    must(role, Role.EDITOR)
    with _counting(letter) as kept:
        row = PaperBatch(letter_id=kept.id, organizer_id=organizer_id, **vars(batch))
        db.session.add(row)
        db.session.flush()
        record(Action.PAPER_ADDED, letter=kept, batch=row.id, number=batch.number)
    return row.id


def remove(letter: Letter, role: str, batch_id: int) -> None:
    """Count a batch no more. Once more changes nothing.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: the letter has no such batch.
    """
    must(role, Role.EDITOR)
    with _counting(letter) as kept:
        batch = _batch(kept, batch_id)
        batch.removed_at = batch.removed_at or now()
        record(Action.PAPER_REMOVED, letter=kept, batch=batch_id, number=batch.number)


def restore(letter: Letter, role: str, batch_id: int) -> None:
    """Count a batch again. Once more changes nothing.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: the letter has no such batch.
    """
    must(role, Role.EDITOR)
    with _counting(letter) as kept:
        batch = _batch(kept, batch_id)
        batch.removed_at = None
        record(Action.PAPER_RESTORED, letter=kept, batch=batch_id, number=batch.number)


def _batch(letter: Letter, batch_id: int) -> PaperBatch:
    batch = db.session.scalar(
        select(PaperBatch).where(PaperBatch.id == batch_id, PaperBatch.letter_id == letter.id)
    )
    if batch is None:
        raise NotFound
    return batch


@contextmanager
def _counting(letter: Letter) -> Iterator[Letter]:
    """A letter whose batches change, kept from everybody else; its number follows them."""
    slug = letter.slug
    with writing(db.session):
        kept = hold(letter.id)
        yield kept
        _count(kept)
    caching.recent.forget(slug)


def _count(letter: Letter) -> None:
    db.session.flush()
    letter.paper = (
        db.session.scalar(
            select(func.coalesce(func.sum(PaperBatch.number), 0)).where(
                PaperBatch.letter_id == letter.id, PaperBatch.removed_at.is_(None)
            )
        )
        or 0
    )


def repair() -> list[PaperDrift]:
    """Correct the numbers that differ from their batches; what was corrected."""
    with writing(db.session):
        found = batches.drift()
        for each in found:
            _count(hold(each.letter_id))
    return found
