"""What a signer agreed to, and took back: the record of it, for as long as they sign."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from petition.actions.move import Locked
from petition.clock import now
from petition.exceptions import ChangedTooOften
from petition.extensions import db
from petition.models import Consent, Revision
from petition.models.signature import agreed

MOST = 100
"""Lines of a record, after which nothing new is agreed to. Whoever takes back always may."""


def must_have_room(signature: Locked) -> None:
    """Raise `ChangedTooOften`, where nothing new can be agreed to."""
    if len(signature.consents or ()) >= MOST:
        raise ChangedTooOften


def recorded(
    signature: Locked, changes: dict[Consent, bool], under: int | None = None
) -> list[dict[str, Any]]:
    """The record with these changes at its end, inside the caller's transaction.

    What was agreed to in signing is said by the columns, until the first change: then it is
    written down too, as it was.

    Args:
        under: the number of the revision that it is said under, if not of the one signed so far.
    """
    number = db.session.scalar(select(Revision.number).where(Revision.id == signature.revision_id))
    kept = signature.consents or _at_signing(signature, number)
    at = now()
    new = (_entry(each, said, at, under or number) for each, said in changes.items())
    return [*kept, *new]


def _at_signing(signature: Locked, number: int | None) -> list[dict[str, Any]]:
    said = [Consent.SIGN, *(each for each, ticked in agreed(signature).items() if ticked)]
    return [_entry(each, True, signature.consented_at, number) for each in said]


def _entry(consent: Consent, said: bool, at: datetime, number: int | None) -> dict[str, Any]:
    """One line of the record.

    Args:
        number: of the revision that it was said under.
    """
    return {"purpose": consent, "given": said, "at": at.isoformat(), "revision": number}
