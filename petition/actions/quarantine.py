"""What comes in a crowd is set aside without a word to whoever sent it, and can be brought back.

A crowd is told when a signature is confirmed, from the rows around it: who signed within a while
before and after it, and has confirmed. So it makes no difference whether a robot confirms each
signature at once or all of them in the end; when there turn out to be too many, those of the
crowd that stand already are set aside with the rest.

Three lanes. With proof of work, which takes a device a second a signature, many may come from one
network. Without it fewer may. And those who come without it to one letter, whichever networks
they come from, are counted once more together, but for a few groups: a class of thirty pupils
without scripts behind one address gets through, twice a day, even while a robot is at work. For
more there are allowances (`networks`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    true,
)

from petition import caching
from petition.actions.move import Locked, move_many
from petition.database import Lock, take_in_turn, writing
from petition.extensions import db
from petition.models import (
    Actor,
    AllowedNetwork,
    Decision,
    Letter,
    Signal,
    Signature,
    State,
    is_held,
)

LOOKED_AT = 5_000
"""Rows that are looked at; where there are more, that itself is a crowd."""
BATCH = 1_000
"""Signatures that are moved in one transaction."""
GROUP = 15
"""So many from one network, and not too many, are a group: a class, say."""
GROUPS = 4
"""A letter may have so many groups within an hour that are not counted with what roves. With
more, somebody may be renting networks to look like classes."""
SHARE = 4
"""Without proof of work, one in so many is no crowd: a letter that thousands sign has hundreds
of readers without scripts."""


@dataclass(frozen=True)
class Window:
    """How many may come within a while before and after each of them."""

    span: timedelta
    most: int


@dataclass(frozen=True)
class Lane:
    """What is counted together."""

    signal: Signal
    """What is noticed about a signature that comes in such a crowd."""
    solved: bool
    windows: tuple[Window, Window]
    """The short one, then the long one."""

    @property
    def of_network(self) -> bool:
        """Whether each network is counted by itself, rather than the whole letter."""
        return self.signal is Signal.NETWORK


MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)

SOLVED = Lane(Signal.NETWORK, True, (Window(MINUTES, 150), Window(DAY, 600)))
UNSOLVED = Lane(Signal.NETWORK, False, (Window(MINUTES, 40), Window(DAY, 60)))
ROVING = Lane(Signal.UNSOLVED, False, (Window(MINUTES, 60), Window(HOUR, 150)))
"""From any network: who rents addresses all over the world gets no further than this."""


@dataclass(frozen=True)
class Crowd:
    """Too many of one lane, around one signature, or a group that was taken for a part of such."""

    lane: Lane
    window: Window | None
    """None, where there are not too many beside the groups."""
    around: Locked
    groups: frozenset[int] = frozenset()
    """The networks of the groups among them."""

    @property
    def takes(self) -> bool:
        """Whether the signature itself is one of too many."""
        return self.window is not None and not self.of_group

    @property
    def of_group(self) -> bool:
        """Whether the signature itself is one of a group."""
        return self.around.network in self.groups


def crowd_of(signature: Locked) -> Crowd | None:
    """The crowd that a signature comes in, inside the transaction that confirms it.

    None for most: where limits are off, where its network is allowed, where few came, where an
    organizer knows who it is.
    """
    known = signature.verified_at is not None or signature.position is not None
    if signature.network is None or known:
        return None
    lanes = (SOLVED,) if signature.solved else (UNSOLVED, ROVING)
    found = (_crowd(lane, signature) for lane in lanes)
    return next((crowd for crowd in found if crowd is not None), None)


def _crowd(lane: Lane, signature: Locked) -> Crowd | None:
    if not _look(lane, signature).nearly_full(lane):
        return None
    # Whoever confirms at the same moment is counted too.
    take_in_turn(db.session, _turn(lane, signature))
    seen, groups = _look(lane, signature), frozenset[int]()
    if not (lane.of_network or seen.endless):
        seen, groups = _apart(seen, _by_network(signature))
    window = _exceeded(lane, seen, signature)
    if window is None and signature.network not in groups:
        return None
    return Crowd(lane, window, signature, groups)


def _turn(lane: Lane, signature: Locked) -> Lock:
    """One transaction at a time decides about a lane."""
    return Lock(signature.network or 0) if lane.solved else Lock(-signature.letter_id)


@dataclass(frozen=True)
class _Seen:
    """How many others of a lane have confirmed."""

    short: int
    long: int
    looked_at: int
    allowed: bool

    @property
    def endless(self) -> bool:
        return self.looked_at >= LOOKED_AT

    def nearly_full(self, lane: Lane) -> bool:
        """Whether the next few, who may be confirming right now, could be too many."""
        if self.allowed:
            return False
        full = zip((self.short, self.long), lane.windows, strict=True)
        return self.endless or any(number >= window.most // 2 for number, window in full)


def _exceeded(lane: Lane, seen: _Seen, signature: Locked) -> Window | None:
    short, long = lane.windows
    if seen.endless:
        return long
    for window, number in ((short, seen.short), (long, seen.long)):
        if number >= window.most and not _drowned(lane, window, number, signature):
            return window
    return None


def _look(lane: Lane, signature: Locked) -> _Seen:
    return _Seen(*db.session.execute(_looking(lane), _around(lane, signature)).one())


def _apart(seen: _Seen, networks: Sequence[Row[int, int, int]]) -> tuple[_Seen, frozenset[int]]:
    """What is seen without the groups, and the networks of those; many groups are none."""
    groups = [each for each in networks if each.long >= GROUP]
    if len(groups) > GROUPS:
        return seen, frozenset()
    short = seen.short - sum(each.short for each in groups)
    long = seen.long - sum(each.long for each in groups)
    rest = replace(seen, short=short, long=long)
    return rest, frozenset(each.network for each in groups)


def _by_network(signature: Locked) -> Sequence[Row[int, int, int]]:
    return db.session.execute(_looking_by_network(), _around(ROVING, signature)).all()


def _around(lane: Lane, signature: Locked) -> dict[str, Any]:
    """The bounds of a lane's windows around a signature."""
    short, long = (window.span for window in lane.windows)
    at = signature.created_at
    return {
        "letter_id": signature.letter_id,
        "network": signature.network,
        "at": at,
        "begins": at - long,
        "begins_short": at - short,
        "ends_short": at + short,
        "ends": at + long,
    }


_letter_id = bindparam("letter_id", type_=Signature.letter_id.type)
_network = bindparam("network", type_=Signature.network.type)
_at, _begins, _begins_short, _ends_short, _ends = (
    bindparam(name, type_=Signature.created_at.type)
    for name in ("at", "begins", "begins_short", "ends_short", "ends")
)


def _is_allowed(network: Any, letter_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether a network was allowed when a form came from there."""
    return exists().where(
        AllowedNetwork.letter_id == letter_id,
        AllowedNetwork.network == network,
        AllowedNetwork.until > at,
    )


def _rows(lane: Lane) -> ColumnElement[bool]:
    """What an index has of a lane.

    Conditions of a partial index are written out: a database recognizes them from what stands
    there.
    """
    if lane.of_network:
        return Signature.network == _network
    return and_(
        Signature.letter_id == _letter_id,
        Signature.network.is_not(None),
        literal_column("NOT signature.solved"),
    )


@cache
def _looking(lane: Lane) -> Select[int, int, int, bool]:
    near = _near(lane)
    short, long = _numbers(near)
    allowed = select(_is_allowed(_network, _letter_id, _at)).scalar_subquery()
    return select(short, long, func.count(), allowed).select_from(near)


@cache
def _looking_by_network() -> Select[int, int, int]:
    near = _near(ROVING)
    short, long = _numbers(near)
    columns = (near.c.network, short.label("short"), long.label("long"))
    return select(*columns).select_from(near).group_by(near.c.network)


def _numbers(near: Subquery) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many have confirmed in the short window, and in the long one."""
    shortly = near.c.created_at.between(_begins_short, _ends_short)
    return (
        func.count(case((and_(near.c.counts, shortly), 1))),
        func.count(case((near.c.counts, 1))),
    )


def _near(lane: Lane) -> Subquery:
    """The rows of a lane around a signature, and which of them count.

    Whom a network of its own has set aside is no part of what roves.
    """
    roves = true() if lane.of_network else Signature.signals.bitwise_and(Signal.NETWORK) == 0
    return (
        select(
            Signature.network,
            Signature.created_at,
            and_(
                Signature.confirmed_at.is_not(None),
                Signature.letter_id == _letter_id,
                Signature.solved == lane.solved,
                roves,
                ~_is_allowed(Signature.network, Signature.letter_id, Signature.created_at),
            ).label("counts"),
        )
        .where(_rows(lane), Signature.created_at.between(_begins, _ends))
        .limit(LOOKED_AT)
        .subquery()
    )


def _drowned(lane: Lane, window: Window, number: int, signature: Locked) -> bool:
    """Whether these are few among all who signed the letter meanwhile.

    Those are found by their numbers, which ascend with the time: no index has them by time.
    """
    if lane.of_network:
        return False
    enough, at = number * SHARE, signature.created_at
    bounds = {
        "letter_id": signature.letter_id,
        "begins": at - window.span,
        "ends": at + window.span,
        "enough": enough,
    }
    return (db.session.scalar(_all_meanwhile(), bounds) or 0) >= enough


@cache
def _all_meanwhile() -> Select[int]:
    bounds = select(func.min(Signature.id).label("first"), func.max(Signature.id).label("last"))
    unsolved = (
        bounds.where(_rows(ROVING), Signature.created_at.between(_begins, _ends))
    ).subquery()
    meanwhile = (
        select(Signature.id)
        .where(
            Signature.letter_id == _letter_id,
            Signature.id >= select(unsolved.c.first).scalar_subquery(),
            Signature.id <= select(unsolved.c.last).scalar_subquery(),
            Signature.confirmed_at.is_not(None),
        )
        .limit(bindparam("enough", type_=Integer))
        .subquery()
    )
    return select(func.count()).select_from(meanwhile)


def settle(crowd: Crowd) -> None:
    """Set aside those of a crowd that stand already, in batches, and bring back its groups.

    But nobody whom an organizer knows: somebody has decided about them, made sure who they are,
    or asked them to sign first. The first of a group came when it was none yet.
    """
    while crowd.window and _set_some_aside(crowd, crowd.window) == BATCH:
        pass
    if crowd.of_group:
        with writing(db.session):
            _bring_back(crowd)
    caching.recent.forget(crowd.around.slug)


def _set_some_aside(crowd: Crowd, window: Window) -> int:
    lane, signature = crowd.lane, crowd.around
    bounds = {
        **_around(lane, signature),
        "begins": signature.created_at - window.span,
        "ends": signature.created_at + window.span,
    }
    with writing(db.session):
        take_in_turn(db.session, _turn(lane, signature))
        rows = db.session.execute(_standing(lane, crowd.groups), bounds).all()
        move_many(
            signature.letter_id,
            [(row.id, row.state) for row in rows],
            State.QUARANTINED,
            Actor.SCREENING,
            signals=Signature.signals.bitwise_or(lane.signal.value),
        )
    return len(rows)


def _standing(lane: Lane, groups: Collection[int]) -> Select[int, str]:
    return (
        select(Signature.id, Signature.state)
        .where(
            _rows(lane),
            Signature.created_at.between(_begins, _ends),
            Signature.letter_id == _letter_id,
            Signature.solved == lane.solved,
            Signature.state.in_([State.PUBLISHED, State.HELD]),
            Signature.verified_at.is_(None),
            Signature.position.is_(None),
            Signature.network.not_in(groups),
            ~_decided(),
            ~_is_allowed(Signature.network, Signature.letter_id, Signature.created_at),
        )
        .order_by(Signature.id)
        .limit(BATCH)
        .with_for_update(of=Signature, skip_locked=True)
    )


def _decided() -> ColumnElement[bool]:
    return exists().where(Decision.signature_id == Signature.id, Decision.organizer_id.is_not(None))


_Aside = Row[int, str, int, datetime | None]


def bring_back(letter: Letter, network: int, organizer_id: int) -> None:
    """Bring back what was set aside of what came from a network, inside a transaction.

    What an organizer has decided about stays where it is.
    """
    rows = db.session.execute(_aside(letter.id, network)).all()
    _restore(rows, letter, Actor.ORGANIZER, organizer_id)


def _restore(
    rows: Sequence[_Aside], letter: Letter, actor: Actor, organizer_id: int | None = None
) -> None:
    for to in (State.PUBLISHED, State.HELD):
        due = [(row.id, row.state) for row in rows if _was_to_be(letter, row) is to]
        move_many(letter.id, due, to, actor, organizer_id=organizer_id)


def _bring_back(crowd: Crowd) -> None:
    """Bring back those of the signer's own group who were taken for a part of what roves."""
    signature = crowd.around
    take_in_turn(db.session, _turn(crowd.lane, signature))
    mine = _aside(signature.letter_id, signature.network or 0)
    roving = mine.where(
        Signature.signals.bitwise_and(Signal.NETWORK) == 0, literal_column("NOT signature.solved")
    )
    letter = db.session.get_one(Letter, signature.letter_id)
    _restore(db.session.execute(roving).all(), letter, Actor.SCREENING)


def _aside(letter_id: int, network: int) -> Select[int, str, int, datetime | None]:
    return (
        select(Signature.id, Signature.state, Signature.signals, Signature.verified_at)
        .where(
            Signature.network == network,
            Signature.letter_id == letter_id,
            Signature.state == State.QUARANTINED,
            Signature.name != "",
            ~_decided(),
        )
        .order_by(Signature.id)
        .with_for_update(of=Signature)
    )


def _was_to_be(letter: Letter, row: _Aside) -> State:
    known = row.verified_at is not None
    held = is_held(letter.moderation, letter.hold, row.signals & ~Signal.NETWORK, known=known)
    return State.HELD if held else State.PUBLISHED
