"""What comes in a crowd is set aside without a word to whoever sent it, and can be brought back.

A crowd is told when a signature is confirmed, from the rows around it: who signed within a while
before and after it, and has confirmed. So it makes no difference whether a robot confirms each
signature at once or all of them in the end; when there turn out to be too many, those of the
crowd that stand already are set aside with the rest. Who has not confirmed counts nowhere: to
type forms costs a robot nothing.

With proof of work, which takes a device a second a signature, many may come from one network.
Without it fewer may. And those who come without it to one letter, whichever networks they come
from, are counted once more together, but for groups: a class of thirty pupils without scripts
behind one address gets through, even while a robot is at work. Nobody can tell several classes
from networks that a robot rents, so where there are more than two groups in a day, a moderator
decides about all of them. For more there are allowances (`networks`).

Every page and every mail is the same for who is set aside. Whoever looks for their name among the
names does not find it, nor the line of it: that cannot be hidden from them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from petition.actions.move import Locked, move_each, move_many
from petition.database import Lock, look, take_in_turn, writing
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
"""Signatures that are looked at, the latest first; so many are a crowd in every window."""
BATCH = 1_000
"""Signatures that are moved in one transaction."""
GROUP = 15
"""So many from one network in a day, and not too many, are a group: a class, say."""
GROUPS = 2
"""A letter may have so many groups in a day. With more, somebody may be renting networks to look
like classes."""
SHARE = 4
"""Without proof of work, one in so many is no crowd: a letter that thousands sign has hundreds
of readers without scripts."""


@dataclass(frozen=True)
class Window:
    """How many may come within a while before and after each of them."""

    span: timedelta
    most: int


MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)

SOLVED = (Window(MINUTES, 150), Window(DAY, 600))
"""From one network, with proof of work."""
UNSOLVED = (Window(MINUTES, 40), Window(DAY, 60))
"""From one network, without."""
ROVING = (Window(MINUTES, 60), Window(HOUR, 150), Window(DAY, 400))
"""Without, from any network that is no group: who rents addresses all over the world gets no
further than this."""

_Numbers = Counter[timedelta]
"""How many came within each span."""


@dataclass(frozen=True)
class Crowd:
    """Too many around a signature, or a group that it belongs to."""

    around: Locked
    to: State | None
    """Where they go, the signature with them; None for a group that is left in peace."""
    signal: Signal
    """What is noticed about each."""
    span: timedelta
    """How far around the signature they are."""
    which: ColumnElement[bool]
    """Those of them who stand elsewhere yet."""


def crowd_of(signature: Locked) -> Crowd | None:
    """The crowd that a signature comes in, inside the transaction that confirms it.

    None for most: where limits are off, where its network is allowed, where few came, where an
    organizer knows who it is.
    """
    known = signature.verified_at is not None or signature.position is not None
    if signature.network is None or known or not _several(signature):
        return None
    # Whoever confirms at the same moment is counted too.
    take_in_turn(db.session, _turn(signature))
    if db.session.scalar(_own_is_allowed(), _around(signature)):
        return None
    seen = db.session.execute(_seen(signature.solved), _around(signature)).all()
    crowd = _from_one_network(signature, seen)
    return crowd if crowd or signature.solved else _roving(signature, seen)


def _turn(signature: Locked) -> Lock:
    """One transaction at a time decides about those who are counted together."""
    return Lock(signature.network or 0) if signature.solved else Lock(-signature.letter_id)


_Seen = Row[int, bool, int, int, int]
"""A network, whether these were set aside because of it, and how many came within each span."""


def _from_one_network(signature: Locked, seen: Iterable[_Seen]) -> Crowd | None:
    numbers = sum(
        (_numbers(each) for each in seen if each.network == signature.network), _Numbers()
    )
    for window in SOLVED if signature.solved else UNSOLVED:
        if numbers[window.span] >= window.most:
            which = and_(Signature.network == signature.network, _lane(signature.solved), _stands())
            return Crowd(signature, State.QUARANTINED, Signal.NETWORK, window.span, which)
    return None


def _roving(signature: Locked, seen: Iterable[_Seen]) -> Crowd | None:
    """What comes of those from all networks, but for those that were set aside by themselves."""
    networks = {each.network: _numbers(each) for each in seen if not each.aside}
    groups = {each: numbers for each, numbers in networks.items() if numbers[DAY] >= GROUP}
    if signature.network in groups:
        return _group(signature, groups)
    numbers = sum((networks[each] for each in networks.keys() - groups.keys()), _Numbers())
    for window in ROVING:
        if _too_many(window, numbers, signature):
            which = and_(
                Signature.network.not_in(groups), _lane(solved=False), _stands(), ~_of_network()
            )
            return Crowd(signature, State.QUARANTINED, Signal.UNSOLVED, window.span, which)
    return None


def _group(signature: Locked, groups: dict[int, _Numbers]) -> Crowd:
    """The signature's own group, or all of them, where there are too many.

    The first of a group came when it was none yet, and may have been taken for what roves.
    """
    taken = and_(Signature.state == State.QUARANTINED, ~_of_network())
    numbers, most = sum(groups.values(), _Numbers()), Window(DAY, GROUP * GROUPS)
    if len(groups) > GROUPS and _too_many(most, numbers, signature):
        stands = or_(Signature.state == State.PUBLISHED, taken)
        which = and_(Signature.network.in_(groups), _lane(solved=False), stands)
        return Crowd(signature, State.HELD, Signal.NETWORK, DAY, which)
    which = and_(Signature.network == signature.network, _lane(solved=False), taken)
    return Crowd(signature, None, Signal.UNSOLVED, DAY, which)


def _numbers(seen: _Seen) -> _Numbers:
    return Counter({MINUTES: seen.minutes, HOUR: seen.hour, DAY: seen.day})


def _too_many(window: Window, numbers: _Numbers, signature: Locked) -> bool:
    """Whether a window is full, and not with few among all who signed the letter meanwhile."""
    number = numbers[window.span]
    if number < window.most:
        return False
    # Numbers ascend with the time, by which no index has all of a letter.
    around = _around(signature, window.span)
    ids = [signature.id, *db.session.execute(_first_and_last(), around).one()]
    return not _are(number * SHARE, _standing(), {**around, "first": min(ids), "last": max(ids)})


def _around(signature: Locked, span: timedelta = DAY) -> dict[str, Any]:
    """A signature's letter, network and time, with the bounds of the spans around that."""
    at = signature.created_at
    return {
        "letter_id": signature.letter_id,
        "network": signature.network,
        "at": at,
        "begins": at - span,
        "begins_hour": at - HOUR,
        "begins_minutes": at - MINUTES,
        "ends_minutes": at + MINUTES,
        "ends_hour": at + HOUR,
        "ends": at + span,
    }


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=Signature.created_at.type)


_letter_id = bindparam("letter_id", type_=Signature.letter_id.type)
_network = bindparam("network", type_=Signature.network.type)
_enough = bindparam("enough", type_=Integer)


def _is_allowed(network: Any, letter_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether a network was allowed when a form came from there."""
    return exists().where(
        AllowedNetwork.letter_id == letter_id,
        AllowedNetwork.network == network,
        AllowedNetwork.until > at,
    )


@cache
def _own_is_allowed() -> Select[bool]:
    return select(_is_allowed(_network, _letter_id, _moment("at")))


def _lane(solved: bool) -> ColumnElement[bool]:
    """With proof of work or without; written out, as the condition of an index is."""
    return literal_column("signature.solved" if solved else "NOT signature.solved")


def _near() -> ColumnElement[bool]:
    """What is confirmed of a letter around a signature, but for what is allowed."""
    return and_(
        Signature.letter_id == _letter_id,
        Signature.network.is_not(None),
        Signature.confirmed_at.is_not(None),
        Signature.created_at.between(_moment("begins"), _moment("ends")),
        ~_is_allowed(Signature.network, Signature.letter_id, Signature.created_at),
        ~_of_rules(Signal.ALLOWED),
    )


def _counted(solved: bool) -> ColumnElement[bool]:
    """What is counted together: of one network with proof of work, of all networks without."""
    counted = and_(_near(), _lane(solved))
    return and_(counted, Signature.network == _network) if solved else counted


def _several(signature: Locked) -> bool:
    """Whether the next few, who may be confirming right now, could be too many."""
    windows = SOLVED if signature.solved else UNSOLVED + ROVING
    few = min(window.most for window in windows) // 2
    found = look(db.session, _some(signature.solved), {**_around(signature), "enough": few})
    return found is not None and found[0] == few


def _are(enough: int, counting: Select[int], around: dict[str, Any]) -> bool:
    """Whether a statement that counts no further than to a number comes to it."""
    return db.session.scalar(counting, {**around, "enough": enough}) == enough


@cache
def _some(solved: bool) -> Select[int]:
    some = select(Signature.id).where(_counted(solved)).limit(_enough).subquery()
    return select(func.count()).select_from(some)


@cache
def _seen(solved: bool) -> Select[int, bool, int, int, int]:
    aside = and_(Signature.state == State.QUARANTINED, _of_network())
    near = (
        select(Signature.network, aside.label("aside"), Signature.created_at)
        .where(_counted(solved), or_(~aside, Signature.network == _network))
        .order_by(Signature.created_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )

    def within(span: str) -> ColumnElement[int]:
        bounds = _moment(f"begins_{span}"), _moment(f"ends_{span}")
        return func.count(case((near.c.created_at.between(*bounds), 1))).label(span)

    return select(
        near.c.network,
        near.c.aside,
        within("minutes"),
        within("hour"),
        func.count().label("day"),
    ).group_by(near.c.network, near.c.aside)


@cache
def _first_and_last() -> Select[int, int]:
    counted = select(Signature.id).where(_counted(solved=False)).limit(1)
    first = counted.order_by(Signature.created_at)
    last = counted.order_by(Signature.created_at.desc())
    return select(first.scalar_subquery(), last.scalar_subquery())


@cache
def _standing() -> Select[int]:
    standing = (
        select(Signature.id)
        .where(
            Signature.letter_id == _letter_id,
            Signature.id.between(bindparam("first"), bindparam("last")),
            _stands(),
        )
        .limit(_enough)
        .subquery()
    )
    return select(func.count()).select_from(standing)


def _stands() -> ColumnElement[bool]:
    return Signature.state.in_([State.PUBLISHED, State.HELD])


def _of_network() -> ColumnElement[bool]:
    """Whether too many came from one network, or from several that are alike."""
    return Signature.signals.bitwise_and(Signal.NETWORK) != 0


def _of_rules(signal: Signal) -> ColumnElement[bool]:
    """Whether a rule of the team says what becomes of it, however many came."""
    return Signature.signals.bitwise_and(literal_column(str(signal.value), Integer)) != 0


def settle(crowd: Crowd) -> None:
    """Let those of a crowd who have confirmed before go where it goes, in batches.

    But nobody whom an organizer knows: somebody has decided about them, made sure who they are,
    or asked them to sign first.
    """
    while _settle_some(crowd) == BATCH:
        pass


def _settle_some(crowd: Crowd) -> int:
    signature = crowd.around
    with writing(db.session):
        take_in_turn(db.session, _turn(signature))
        rows = db.session.execute(_others(crowd), _around(signature, crowd.span)).all()
        if crowd.to is None:
            letter = db.session.get_one(Letter, signature.letter_id)
            _restore(rows, letter, Actor.SCREENING)
        else:
            move_many(
                signature.letter_id,
                [(row.id, row.state) for row in rows],
                crowd.to,
                Actor.SCREENING,
                signals=Signature.signals.bitwise_or(crowd.signal.value),
            )
    return len(rows)


_Other = Row[int, str, int, datetime | None]


def _others(crowd: Crowd) -> Select[int, str, int, datetime | None]:
    return (
        select(Signature.id, Signature.state, Signature.signals, Signature.verified_at)
        .where(
            _near(),
            crowd.which,
            Signature.verified_at.is_(None),
            Signature.position.is_(None),
            Signature.name != "",
            ~_of_rules(Signal.BLOCKED),
            ~_decided(),
        )
        .order_by(Signature.id)
        .limit(BATCH)
        .with_for_update(of=Signature, skip_locked=True)
    )


def _decided() -> ColumnElement[bool]:
    return exists().where(Decision.signature_id == Signature.id, Decision.organizer_id.is_not(None))


def bring_back(letter: Letter, network: int, organizer_id: int) -> list[State]:
    """Bring back what was set aside or held of what came from a network, inside a transaction.

    What an organizer has decided about stays where it is.

    Returns:
        Where each is that was brought back.
    """
    rows = db.session.execute(
        select(Signature.id, Signature.state, Signature.signals, Signature.verified_at)
        .where(
            Signature.network == network,
            Signature.letter_id == letter.id,
            Signature.confirmed_at.is_not(None),
            or_(
                Signature.state == State.QUARANTINED,
                and_(Signature.state == State.HELD, _of_network()),
            ),
            Signature.name != "",
            ~_of_rules(Signal.BLOCKED),
            ~_decided(),
        )
        .order_by(Signature.id)
        .with_for_update(of=Signature)
    ).all()
    return _restore(rows, letter, Actor.ORGANIZER, organizer_id)


def _restore(
    rows: Sequence[_Other], letter: Letter, actor: Actor, organizer_id: int | None = None
) -> list[State]:
    moves = [(row.id, row.state, _was_to_be(letter, row)) for row in rows]
    due = [each for each in moves if each[1] != each[2]]
    move_each(letter.id, due, actor, organizer_id=organizer_id)
    return [to for _, _, to in due]


def _was_to_be(letter: Letter, row: _Other) -> State:
    known = row.verified_at is not None
    held = is_held(letter.moderated, letter.hold, row.signals & ~Signal.NETWORK, known=known)
    return State.HELD if held else State.PUBLISHED
