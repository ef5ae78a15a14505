"""All that is kept about one signature, for its own signer."""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from petition.extensions import db
from petition.models import (
    Decision,
    Letter,
    OutgoingMail,
    Report,
    Signal,
    Signatory,
    Signature,
    Verification,
)
from petition.models.signature import OF_THE_WAY
from petition.queries import teams

M = TypeVar("M", Decision, OutgoingMail, Report, Verification)


@dataclass(frozen=True)
class Holdings:
    """What stands beside a signature, each in the order it came."""

    noticed: list[str]
    """What was noticed in its words (`Signal`), by name."""
    decisions: list[Decision]
    mails: list[OutgoingMail]
    reports: list[Report]
    verifications: list[Verification]
    asked_first: Signatory | None
    reasons: list[dict[str, Any]]
    """Why its team rejects signatures, as `petition.reasons` reads it."""


def of(signature: Signature, letter: Letter) -> Holdings:
    """What is kept of a signer beside their signature."""
    # To tell how it came would teach robots, and who is blocked, to come otherwise.
    told = Signal(signature.signals) & ~OF_THE_WAY
    asked = select(Signatory).where(Signatory.signature_id == signature.id)
    return Holdings(
        [each.name.lower() for each in told if each.name],
        _rows(Decision, signature.id),
        _rows(OutgoingMail, signature.id),
        _rows(Report, signature.id),
        _rows(Verification, signature.id),
        db.session.scalar(asked),
        teams.reasons_of(letter.team_id),
    )


def _rows(model: type[M], signature_id: int) -> list[M]:
    mine = select(model).where(model.signature_id == signature_id)
    return list(db.session.scalars(mine.order_by(model.id)))
