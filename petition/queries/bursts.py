"""When more signatures come than a letter usually sees, and which those are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, literal, literal_column, select, union_all

from petition import numerals
from petition.extensions import db
from petition.models import Burst, Rising, Signature
from petition.queries import filters
from petition.queries.filters import Filter

MOST = 1_000
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Risen:
    """A burst."""

    burst: Burst
    label: str
    """What they have in common, for people; nothing is known of a network."""
    aside: int = 0
    """How many of them are set aside, counted up to `MOST`."""

    @property
    def filter(self) -> Filter:
        """What finds exactly those in the queue."""
        return of(Rising(self.burst.rising), self.burst)

    @property
    def rule(self) -> str:
        """What an entry of the lists would go by; nothing, where there is none for it."""
        rising = Rising(self.burst.rising)
        return self.burst.key if rising in {Rising.NETWORK, Rising.DOMAIN} else ""


def of(rising: Rising, burst: Burst) -> Filter:
    """What finds the signatures of a burst."""
    when = Filter(since=burst.began_at, until=burst.last_at + _TICK)
    match rising:
        case Rising.NETWORK:
            return replace(when, from_network=numerals.unhexed(burst.key))
        case Rising.DOMAIN:
            return replace(when, domain=burst.key)
        case Rising.NAME:
            return replace(when, name=numerals.unhexed(burst.key))
        case _:
            return when


def running(letter_id: int) -> list[Risen]:
    """The bursts of a letter that nobody has dismissed and that are not over, latest first."""
    bursts = db.session.scalars(
        select(Burst)
        .where(Burst.letter_id == letter_id, Burst.closed_at.is_(None))
        .order_by(Burst.began_at.desc(), Burst.id.desc())
    ).all()
    looks = {each.key: numerals.unhexed(each.key) for each in bursts if each.rising == Rising.NAME}
    names = _names(letter_id, set(looks.values())) if looks else {}
    aside = _aside(letter_id, bursts) if bursts else {}
    return [
        Risen(
            each,
            names.get(looks[each.key], "") if each.key in looks else each.label,
            aside[each.id],
        )
        for each in bursts
    ]


def _aside(letter_id: int, bursts: Sequence[Burst]) -> dict[int, int]:
    """How many of each are set aside. One statement, each part by the index of those set aside."""
    parts = []
    for each in bursts:
        some = (
            select(Signature.id)
            .where(
                *filters.conditions(letter_id, of(Rising(each.rising), each)),
                Signature.state == literal_column("'quarantined'"),
                Signature.confirmed_at >= each.began_at,
            )
            .limit(MOST)
            .subquery()
        )
        parts.append(select(literal(each.id), func.count()).select_from(some))
    return {row[0]: row[1] for row in db.session.execute(union_all(*parts))}


def numbers(letter_id: int, keys: set[str]) -> dict[str, int]:
    """Of networks, by what stands for them: how many signatures a burst from there had."""
    if not keys:
        return {}
    rows = db.session.execute(
        select(Burst.key, func.max(Burst.number))
        .where(
            Burst.letter_id == letter_id, Burst.rising == Rising.NETWORK.value, Burst.key.in_(keys)
        )
        .group_by(Burst.key)
    )
    return dict(rows.all())


def _names(letter_id: int, looks: set[int]) -> dict[int, str]:
    """A name that looks so, of each. It is not kept with the burst: its owner may leave."""
    rows = db.session.execute(
        select(Signature.skeleton, func.max(Signature.name))
        .where(
            Signature.letter_id == letter_id,
            Signature.skeleton.in_(looks),
            Signature.confirmed_at.is_not(None),
        )
        .group_by(Signature.skeleton)
    )
    return {look: name for look, name in rows if look is not None}
