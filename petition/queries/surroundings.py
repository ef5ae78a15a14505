"""What the signatures around some say about them, for those who decide."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from petition import lookalike
from petition.extensions import db
from petition.models import Signature
from petition.signals import NEAR, Beside

NAMESAKES = 200
"""Signatures with names that look like one of a page that are told apart and counted."""
NEIGHBOURS = 5_000
"""Signatures from the networks of a page that are counted; from so many on, it makes no odds."""


def beside(letter_id: int, signatures: Iterable[Signature]) -> dict[int, Beside]:
    """What stands beside each of a page of a letter's signatures, by their ids. Two statements."""
    shown = list(signatures)
    spelt = _spelt(letter_id, shown)
    came = _came(letter_id, shown)
    return {each.id: _beside(each, spelt[each.skeleton], came[each.network]) for each in shown}


def _beside(signature: Signature, spelt: dict[str, int], came: list[datetime]) -> Beside:
    mine = lookalike.spelt(signature.name)
    same = spelt.get(mine, 0)
    at = signature.created_at
    near = bisect_right(came, at + NEAR) - bisect_left(came, at - NEAR)
    alike = sum(spelt.values())
    return Beside(
        same_name=max(0, same - 1),
        like_name=alike - same,
        network=max(0, near - 1),
        names_more=alike > NAMESAKES,
    )


def _spelt(letter_id: int, shown: list[Signature]) -> dict[int | None, dict[str, int]]:
    """How many confirmed signatures there are of each spelling of names that look the same."""
    spelt: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    first = {each.skeleton: each.id for each in shown if each.skeleton is not None}
    some = (
        select(Signature.name)
        .where(
            Signature.letter_id == letter_id,
            # Which says that it is not null, as its index has it. To say so besides would lead
            # SQLite through all of the letter's.
            Signature.skeleton == _Shown.skeleton,
            Signature.confirmed_at.is_not(None),
        )
        .correlate(_Shown)
        .limit(NAMESAKES + 1)
        .subquery()
    )
    names = select(func.aggregate_strings(some.c.name, _BETWEEN)).scalar_subquery()
    found = select(_Shown.skeleton, names).where(_Shown.id.in_(first.values()))
    for look, together in db.session.execute(found):
        for name, number in Counter((together or "").split(_BETWEEN)).items():
            spelt[look][lookalike.spelt(name)] += number
    return spelt


_Shown = aliased(Signature)
_BETWEEN = "\n"
"""Between names, of which each is a line."""


def _came(letter_id: int, shown: list[Signature]) -> dict[int | None, list[datetime]]:
    """When confirmed signatures came from the networks of these, in order."""
    networks = {each.network for each in shown if each.network is not None}
    moments = [each.created_at for each in shown if each.network is not None]
    came: dict[int | None, list[datetime]] = defaultdict(list)
    found = db.session.execute(
        select(Signature.network, Signature.created_at)
        .where(
            Signature.letter_id == letter_id,
            Signature.network.in_(networks),
            Signature.created_at >= min(moments, default=_NEVER) - NEAR,
            Signature.created_at <= max(moments, default=_NEVER) + NEAR,
            Signature.confirmed_at.is_not(None),
        )
        .order_by(Signature.created_at)
        .limit(NEIGHBOURS)
    )
    for network, moment in found:
        came[network].append(moment)
    return came


_NEVER = datetime.fromisoformat("1970-01-02T00:00:00+00:00")
