"""What comes in a crowd is set aside without a word to whoever sent it, and can be brought back.

A crowd is told when a signature is confirmed, from the rows around it: who signed within a while
before and after it, and has confirmed. So it makes no difference whether a robot confirms each
signature at once or all of them in the end; when there turn out to be too many, those of the
crowd that stand already are set aside with the rest.

Two lanes: with proof of work, which takes a device seconds a signature, many may come from one
network. Without it fewer may; and all that come so to one letter, from wherever they come, are a
crowd of their own. The numbers leave room for a class of thirty pupils without scripts behind one
address, twice a day; for more there are allowances (`networks`).
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
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
    """Too many of one lane, around one signature."""

    lane: Lane
    window: Window
    around: Locked


def crowd_of(signature: Locked) -> Crowd | None:
    """The crowd that a signature comes in, inside the transaction that confirms it.

    None for most: where limits are off, where its network is allowed, where few came.
    """
    if signature.network is None:
        return None
    lanes = (SOLVED,) if signature.solved else (UNSOLVED, ROVING)
    found = (_crowd(lane, signature) for lane in lanes)
    return next((crowd for crowd in found if crowd is not None), None)


def _crowd(lane: Lane, signature: Locked) -> Crowd | None:
    seen = _look(lane, signature)
    if not seen.nearly_full(lane):
        return None
    # Whoever confirms at the same moment is counted too.
    take_in_turn(db.session, _turn(lane, signature))
    seen = _look(lane, signature)
    for window, number in zip(lane.windows, seen.numbers, strict=True):
        many = number >= window.most and not _drowned(lane, window, number, signature)
        if many or seen.endless:
            return Crowd(lane, window, signature)
    return None


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
    def numbers(self) -> tuple[int, int]:
        return self.short, self.long

    @property
    def endless(self) -> bool:
        return self.looked_at >= LOOKED_AT

    def nearly_full(self, lane: Lane) -> bool:
        """Whether the next few, who may be confirming right now, could be too many."""
        if self.allowed:
            return False
        full = zip(self.numbers, lane.windows, strict=True)
        return self.endless or any(number >= window.most // 2 for number, window in full)


def _look(lane: Lane, signature: Locked) -> _Seen:
    return _Seen(*db.session.execute(_looking(lane), _around(lane, signature)).one())


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
    near = (
        select(
            Signature.letter_id,
            Signature.created_at,
            and_(
                Signature.confirmed_at.is_not(None),
                Signature.letter_id == _letter_id,
                Signature.solved == lane.solved,
                ~_is_allowed(Signature.network, Signature.letter_id, Signature.created_at),
            ).label("counts"),
        )
        .where(_rows(lane), Signature.created_at.between(_begins, _ends))
        .limit(LOOKED_AT)
        .subquery()
    )
    shortly = near.c.created_at.between(_begins_short, _ends_short)
    return select(
        func.count(case((and_(near.c.counts, shortly), 1))),
        func.count(case((near.c.counts, 1))),
        func.count(),
        select(_is_allowed(_network, _letter_id, _at)).scalar_subquery(),
    ).select_from(near)


def _drowned(lane: Lane, window: Window, number: int, signature: Locked) -> bool:
    """Whether these are few among all who signed the letter meanwhile.

    Those are found by their numbers, which ascend with the time: no index has them by time.
    """
    if lane.of_network:
        return False
    enough = number * SHARE
    unsolved = select(func.min(Signature.id).label("first"), func.max(Signature.id).label("last"))
    near = unsolved.where(_rows(lane), Signature.created_at.between(_begins, _ends)).subquery()
    all_of_them = (
        select(Signature.id)
        .where(
            Signature.letter_id == _letter_id,
            Signature.id.between(
                select(near.c.first).scalar_subquery(), select(near.c.last).scalar_subquery()
            ),
            Signature.confirmed_at.is_not(None),
        )
        .limit(enough)
        .subquery()
    )
    at = signature.created_at
    bounds = {
        "letter_id": signature.letter_id,
        "begins": at - window.span,
        "ends": at + window.span,
    }
    found = db.session.scalar(select(func.count()).select_from(all_of_them), bounds)
    return (found or 0) >= enough


def set_aside(crowd: Crowd) -> None:
    """Set aside those of a crowd that stand already, in batches.

    But not whom an organizer knows: somebody has decided about them, made sure who they are, or
    asked them to sign first.
    """
    while _set_some_aside(crowd) == BATCH:
        pass
    caching.recent.forget(crowd.around.slug)


def _set_some_aside(crowd: Crowd) -> int:
    lane, signature = crowd.lane, crowd.around
    bounds = {
        **_around(lane, signature),
        "begins": signature.created_at - crowd.window.span,
        "ends": signature.created_at + crowd.window.span,
    }
    with writing(db.session):
        take_in_turn(db.session, _turn(lane, signature))
        rows = db.session.execute(_standing(lane), bounds).all()
        move_many(
            signature.letter_id,
            [(row.id, row.state) for row in rows],
            State.QUARANTINED,
            Actor.SCREENING,
            signals=Signature.signals.op("|")(lane.signal.value),
        )
    return len(rows)


@cache
def _standing(lane: Lane) -> Select[int, str]:
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
            ~_decided(),
            ~_is_allowed(Signature.network, Signature.letter_id, Signature.created_at),
        )
        .order_by(Signature.id)
        .limit(BATCH)
        .with_for_update(of=Signature, skip_locked=True)
    )


def _decided() -> ColumnElement[bool]:
    return exists().where(Decision.signature_id == Signature.id, Decision.organizer_id.is_not(None))


def bring_back(letter: Letter, network: int, organizer_id: int) -> None:
    """Bring back what was set aside because many came from a network, inside a transaction.

    What an organizer has decided about stays where it is.
    """
    rows = db.session.execute(
        select(Signature.id, Signature.state, Signature.signals, Signature.verified_at)
        .where(
            Signature.network == network,
            Signature.letter_id == letter.id,
            Signature.state == State.QUARANTINED,
            Signature.name != "",
            ~_decided(),
        )
        .order_by(Signature.id)
        .with_for_update(of=Signature)
    ).all()
    for to in (State.PUBLISHED, State.HELD):
        due = [(row.id, row.state) for row in rows if _was_to_be(letter, row) is to]
        move_many(letter.id, due, to, Actor.ORGANIZER, organizer_id=organizer_id)


def _was_to_be(letter: Letter, row: Any) -> State:
    known = row.verified_at is not None
    held = is_held(letter.moderation, letter.hold, row.signals & ~Signal.NETWORK, known=known)
    return State.HELD if held else State.PUBLISHED
