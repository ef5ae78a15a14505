"""What the signatures around some say about them, for those who decide."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import aliased

from petition import lookalike
from petition.extensions import db
from petition.models import Signature
from petition.signals import NEAR, Beside, Other

NAMESAKES = 100
"""Signatures with names that look like one of a page that are told apart and counted; of more, a
page says only that there are more."""
SHOWN = 3
"""Of these, so many are shown beside each."""
NEIGHBOURS = 5_000
"""Signatures from the networks of a page that are counted; from so many on, it makes no odds."""


def beside(letter_id: int, signatures: Iterable[Signature]) -> dict[int, Beside]:
    """What stands beside each of a page of a letter's signatures, by their ids.

    Three statements.
    """
    shown = list(signatures)
    names = _names(letter_id, shown)
    came = _came(letter_id, shown)
    alike = {each.id: _alike(each, names[each.skeleton]) for each in shown}
    others = _others([other for each in alike.values() for other in each.nearest])
    return {each.id: _beside(each, alike[each.id], others, came[each.network]) for each in shown}


class _Named(NamedTuple):
    """A signature, as far as it is compared with others; beside a page there are five thousand."""

    id: int
    spelt: str
    claims: str
    """Its role and its affiliation, whatever their case."""


@dataclass(frozen=True)
class _Alike:
    """Those whose names are like that of one."""

    same: int
    like: int
    twins: int
    nearest: list[_Named]
    spelt: str


def _alike(signature: Signature, names: list[_Named]) -> _Alike:
    spelt = lookalike.spelt(signature.name)
    claims = f"{signature.role}{_WITHIN}{signature.affiliation}".casefold()
    others = [
        (each.spelt != spelt, each.claims != claims, each)
        for each in names
        if each.id != signature.id
    ]
    told = Counter(each[:2] for each in others)
    same = told[False, False] + told[False, True]
    return _Alike(
        same=same,
        like=len(others) - same,
        twins=told[False, False] if claims != _WITHIN else 0,
        nearest=[each for _, _, each in nsmallest(SHOWN, others)],
        spelt=spelt,
    )


def _beside(
    signature: Signature, alike: _Alike, others: dict[int, Other], came: list[datetime]
) -> Beside:
    at = signature.created_at
    near = bisect_right(came, at + NEAR) - bisect_left(came, at - NEAR)
    return Beside(
        same_name=alike.same,
        like_name=alike.like,
        network=max(0, near - 1),
        names_more=alike.same + alike.like >= NAMESAKES,
        twins=alike.twins,
        others=tuple(
            replace(others[each.id], turned=_is_turned(each.spelt, alike.spelt))
            for each in alike.nearest
            if each.id in others
        ),
    )


def _is_turned(one: str, other: str) -> bool:
    return one != other and sorted(one.split()) == sorted(other.split())


def _names(letter_id: int, shown: list[Signature]) -> dict[int | None, list[_Named]]:
    """The confirmed signatures with names that look the same as those of these, by the look."""
    first = {each.skeleton: each.id for each in shown if each.skeleton is not None}
    some = (
        select(_LINE.label("line"))
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
    lines = select(func.aggregate_strings(some.c.line, _BETWEEN)).scalar_subquery()
    found = select(_Shown.skeleton, lines).where(_Shown.id.in_(first.values()))
    return defaultdict(list, {look: _read(lines) for look, lines in db.session.execute(found)})


def _read(lines: str | None) -> list[_Named]:
    rows = [line.split(_WITHIN, 2) for line in (lines or "").split(_BETWEEN) if line]
    spelt = {name: lookalike.spelt(name) for name in {name for _, name, _ in rows}}
    return [_Named(int(number), spelt[name], claims.casefold()) for number, name, claims in rows]


_Shown = aliased(Signature)
_BETWEEN, _WITHIN = "\x1e", "\x1f"
"""Between signatures, and between what is said of one. No words of theirs have such characters."""
_LINE = (
    cast(Signature.id, String)
    + _WITHIN
    + Signature.name
    + _WITHIN
    + Signature.role
    + _WITHIN
    + Signature.affiliation
)


def _others(named: list[_Named]) -> dict[int, Other]:
    found = db.session.execute(
        select(
            Signature.id,
            Signature.name,
            Signature.role,
            Signature.affiliation,
            Signature.email,
            Signature.state,
            Signature.removed_for,
            Signature.created_at,
        ).where(Signature.id.in_({each.id for each in named}))
    )
    return {row.id: Other(*row) for row in found}


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
