"""What signers have put other words in the place of."""

from collections.abc import Iterable

from petition.models import Decision
from petition.queries import newest

LATEST = 10
"""Corrections of one signature that are looked at."""


def of(signature_ids: Iterable[int]) -> dict[int, list[Decision]]:
    """The last corrections of signatures, by their ids, latest first: each with what stood before.

    At most `LATEST` of each.
    """
    return newest.of_each(Decision, signature_ids, Decision.before.is_not(None), LATEST)
