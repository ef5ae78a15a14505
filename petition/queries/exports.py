"""All of a letter's signatures and decisions, for its organizers to take along."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column, select

from petition.clock import now
from petition.database import snapshot
from petition.extensions import db
from petition.models import (
    Action,
    AuditEntry,
    Counts,
    Decision,
    Letter,
    Organizer,
    Revision,
    Signature,
    State,
)
from petition.queries import filters, tallies
from petition.queries.filters import Filter

BATCH = 1000
LATEST = 10
"""Exports that are told of."""


@dataclass(frozen=True)
class Instant:
    """A letter at the instant at which all of it is read."""

    at: datetime
    letter: Letter
    counts: Counts


@contextmanager
def at_one_instant(letter_id: int) -> Iterator[Instant]:
    """Reads of a letter that all see one instant, so that rows and count agree."""
    with snapshot(db.session):
        counts = tallies.of_letter(letter_id)
        letter = db.session.scalars(select(Letter).where(Letter.id == letter_id)).one()
        yield Instant(now(), letter, counts)


@dataclass(frozen=True)
class Signed:
    """A signature, and which text it signed."""

    signature: Signature
    revision: int
    edition: int

    @property
    def public(self) -> bool:
        """Whether it is counted, and shown as far as its signer lets it be."""
        return self.signature.state == State.PUBLISHED

    @property
    def confirmed(self) -> bool:
        """Whether what stands in it was confirmed. Who withdrew took their words with them; what
        was typed for their address since is anybody's."""
        return self.signature.state != State.WITHDRAWN


def confirmed(letter_id: int, wanted: Filter | None = None) -> Iterator[list[Signed]]:
    """All that were ever confirmed, in the order the addresses came, in batches.

    What nobody confirmed may be anybody's invention, and goes nowhere. Each batch is let go of
    before the next is read.

    Args:
        wanted: what they have to be besides.
    """
    exact: list[ColumnElement[bool]] = filters.conditions(letter_id, wanted) if wanted else []
    statement = (
        select(Signature, Revision.number, Revision.edition)
        .join(Revision, Revision.id == Signature.revision_id)
        .where(Signature.letter_id == letter_id, Signature.state != State.PENDING, *exact)
        .order_by(Signature.id)
        .limit(BATCH)
    )
    last = 0
    while batch := [
        Signed(*row) for row in db.session.execute(statement.where(Signature.id > last))
    ]:
        db.session.expunge_all()
        last = batch[-1].signature.id
        yield batch


@dataclass(frozen=True)
class Decided:
    """What an organizer decided, and who it was."""

    decision: Decision
    by: str
    """Their address."""


def decisions(letter_id: int) -> Iterator[list[Decided]]:
    """All that organizers decided about a letter's signatures, oldest first, in batches."""
    statement = (
        select(Decision, Organizer.email)
        .join(Organizer, Organizer.id == Decision.organizer_id)
        .where(Decision.letter_id == letter_id, Decision.organizer_id.is_not(None))
        .order_by(Decision.id)
        .limit(BATCH)
    )
    last = 0
    while batch := [
        Decided(*row) for row in db.session.execute(statement.where(Decision.id > last))
    ]:
        db.session.expunge_all()
        last = batch[-1].decision.id
        yield batch


@dataclass(frozen=True)
class Made:
    """An export that was made, and by whom."""

    entry: AuditEntry
    by: str | None
    """Their address; none, where nobody was signed in."""


def latest(letter_id: int) -> list[Made]:
    """The exports of a letter that were made last, latest first."""
    rows = db.session.execute(
        select(AuditEntry, Organizer.email)
        .outerjoin(Organizer, Organizer.id == AuditEntry.organizer_id)
        .where(
            AuditEntry.letter_id == letter_id,
            # As the condition of its index is written.
            AuditEntry.action == literal_column(f"'{Action.EXPORT.value}'"),
        )
        .order_by(AuditEntry.id.desc())
        .limit(LATEST)
    )
    return [Made(*row) for row in rows]
