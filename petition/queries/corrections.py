"""What signers have put other words in the place of."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, select

from petition.extensions import db
from petition.models import Decision

LATEST = 10
"""Corrections of one signature that are looked at."""


def of(signature_ids: Iterable[int]) -> dict[int, list[Decision]]:
    """The last corrections of signatures, by their ids, latest first: each with what stood before.

    At most `LATEST` of each.
    """
    latest = func.row_number().over(partition_by=Decision.signature_id, order_by=Decision.id.desc())
    counted = (
        select(Decision.id, latest.label("place"))
        .where(Decision.signature_id.in_(list(signature_ids)), Decision.before.is_not(None))
        .subquery()
    )
    found = db.session.scalars(
        select(Decision)
        .join(counted, counted.c.id == Decision.id)
        .where(counted.c.place <= LATEST)
        .order_by(Decision.id.desc())
    )
    corrections: dict[int, list[Decision]] = defaultdict(list)
    for each in found:
        corrections[each.signature_id].append(each)
    return corrections
