"""All of a letter's signatures, for its organizers to take along."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Case, case, select

from petition.extensions import db
from petition.models import Decision, Revision, Signature, State

BATCH = 1000


@dataclass(frozen=True)
class Signed:
    """A signature, and which text it signed."""

    signature: Signature
    revision: int
    edition: int
    reason: str | None = None
    """Why it is rejected, where it is."""

    @property
    def public(self) -> bool:
        """Whether it is counted, and shown as far as its signer lets it be."""
        return self.signature.state == State.PUBLISHED

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
        select(Signature, Revision.number, Revision.edition, _reason())
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


def _reason() -> Case[str]:
    last = (
        select(Decision.reason)
        .where(Decision.signature_id == Signature.id, Decision.to_state == State.REJECTED)
        .order_by(Decision.id.desc())
        .limit(1)
        .correlate(Signature)
        .scalar_subquery()
    )
    return case((Signature.state == State.REJECTED, last))
