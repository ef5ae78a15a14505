"""Signatures on paper, batch by batch, and whether the kept number is true."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select

from petition.extensions import db
from petition.models import Letter, Organizer, PaperBatch


@dataclass(frozen=True)
class HandedIn:
    """A batch, and who handed it in."""

    batch: PaperBatch
    organizer: Organizer


def of_letter(letter_id: int, limit: int = 200) -> list[HandedIn]:
    """What is counted of a letter's signatures on paper, latest day first."""
    rows = db.session.execute(
        select(PaperBatch, Organizer)
        .join(Organizer, Organizer.id == PaperBatch.organizer_id)
        .where(PaperBatch.letter_id == letter_id, PaperBatch.removed_at.is_(None))
        .order_by(PaperBatch.collected_on.desc(), PaperBatch.id.desc())
        .limit(limit)
    )
    return [HandedIn(*row) for row in rows]


@dataclass(frozen=True)
class PaperDrift:
    """A letter whose number of signatures on paper differs from its batches."""

    letter_id: int
    kept: int
    rows: int

    @property
    def what(self) -> str:
        """Which number it is."""
        return "on paper"


def drift() -> list[PaperDrift]:
    """Where the kept number and the batches disagree, both seen at the same instant."""
    counted = and_(PaperBatch.letter_id == Letter.id, PaperBatch.removed_at.is_(None))
    total = func.coalesce(func.sum(PaperBatch.number), 0)
    rows = db.session.execute(
        select(Letter.id, Letter.paper, total)
        .outerjoin(PaperBatch, counted)
        .group_by(Letter.id, Letter.paper)
        .having(Letter.paper != total)
        .order_by(Letter.id)
    )
    return [PaperDrift(letter_id, kept, int(found)) for letter_id, kept, found in rows]
