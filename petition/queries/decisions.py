"""What was decided about signatures last."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, select

from petition.extensions import db
from petition.models import Decision, State


def latest(signature_ids: Iterable[int], *which: ColumnElement[bool]) -> dict[int, Decision]:
    """Of each signature, the last decision of some; those without any are not among them."""
    last = (
        select(func.max(Decision.id))
        .where(Decision.signature_id.in_(list(signature_ids)), *which)
        .group_by(Decision.signature_id)
    )
    found = db.session.scalars(select(Decision).where(Decision.id.in_(last)))
    return {each.signature_id: each for each in found}


def number(signature_id: int) -> int:
    """The number of what was decided last about a signature; 0, where nothing was."""
    mine = select(func.max(Decision.id)).where(Decision.signature_id == signature_id)
    return db.session.scalar(mine) or 0


def set_aside(signature_ids: Iterable[int]) -> dict[int, Decision]:
    """By which decision each signature was last set aside that was published or waited before.

    Those that were set aside as they were confirmed are not among them.
    """
    before = {State.PUBLISHED, State.HELD}
    last = latest(signature_ids, Decision.to_state == State.QUARANTINED)
    return {each: decision for each, decision in last.items() if decision.from_state in before}


def rejected_for(signature_ids: Iterable[int]) -> dict[int, str]:
    """Why some signatures were rejected last."""
    ids = list(signature_ids)
    last = latest(ids, Decision.to_state == State.REJECTED) if ids else {}
    return {each: decision.reason or "" for each, decision in last.items()}
