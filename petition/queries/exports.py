"""All of a letter's signatures, for its organizers to take along."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from petition.extensions import db
from petition.models import Revision, Signature, State

BATCH = 1000


@dataclass(frozen=True)
class Signed:
    """A signature, and which text it signed."""

    signature: Signature
    revision: int
    edition: int

    @property
    def confirmed(self) -> bool:
        """Whether what stands in it was confirmed. Who withdrew took their words with them; what
        was typed for their address since is anybody's."""
        return self.signature.state != State.WITHDRAWN


def confirmed(letter_id: int) -> Iterator[list[Signed]]:
    """All that were ever confirmed, in the order the addresses came, in batches.

    What nobody confirmed may be anybody's invention, and goes nowhere.
    """
    statement = (
        select(Signature, Revision.number, Revision.edition)
        .join(Revision, Revision.id == Signature.revision_id)
        .where(Signature.letter_id == letter_id, Signature.state != State.PENDING)
        .order_by(Signature.id)
        .limit(BATCH)
    )
    last = 0
    while batch := [
        Signed(*row) for row in db.session.execute(statement.where(Signature.id > last))
    ]:
        # Nothing is held on to: neither the rows, nor the reading they came from.
        db.session.expunge_all()
        db.session.rollback()
        last = batch[-1].signature.id
        yield batch
