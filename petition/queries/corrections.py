"""What signers have put other words in the place of."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from petition.extensions import db
from petition.models import Decision


def of(signature_ids: Iterable[int]) -> dict[int, list[Decision]]:
    """The corrections of signatures, by their ids, latest first: each with what stood before."""
    found = db.session.scalars(
        select(Decision)
        .where(Decision.signature_id.in_(list(signature_ids)), Decision.before.is_not(None))
        .order_by(Decision.id.desc())
    )
    corrections: dict[int, list[Decision]] = defaultdict(list)
    for each in found:
        corrections[each.signature_id].append(each)
    return corrections
