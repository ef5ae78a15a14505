"""The signatures of a sweep: found, moved and moved back, a batch in a transaction.

Each transaction says in the row of its sweep how far it has come. Whoever is stopped in between,
nothing is done twice and nothing is left out. Signing goes on meanwhile: on SQLite a batch is the
one writer for some hundredths of a second.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, delete, exists, func, literal_column, select

from petition.actions import moderate, telling
from petition.actions.move import move_each
from petition.actions.settle import by_decisions, reopen, settle
from petition.clock import now
from petition.database import load, writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import (
    TAKES,
    Act,
    Actor,
    Decision,
    Letter,
    Signature,
    Stage,
    State,
    Sweep,
    Swept,
    is_unsure,
)
from petition.queries import decisions, filters, tallies
from petition.queries.sought import Sought

WINDOW = 5_000
"""Signatures of a letter among which is looked at once."""
BATCH = 500
"""Signatures that are moved in one transaction."""


@dataclass(frozen=True)
class Found:
    """A signature, and what its letter has to say about where it goes."""

    id: int
    state: str
    name: str
    signals: int
    verified_at: datetime | None
    moderation: str
    hold: int


def _found() -> Select[int, str, str, int, datetime | None, str, int]:
    return select(
        Signature.id,
        Signature.state,
        Signature.name,
        Signature.signals,
        Signature.verified_at,
        Letter.moderated,
        Letter.hold,
    ).join(Letter, Letter.id == Signature.letter_id)


def held(sweep_id: int) -> Sweep:
    """A sweep as it stands now, kept from everybody else until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    sweep = db.session.scalar(_one(sweep_id).with_for_update())
    if sweep is None:
        raise NotFound
    return sweep


def free(sweep_id: int) -> Sweep | None:
    """The same, if nobody else keeps it."""
    return db.session.scalar(_one(sweep_id).with_for_update(skip_locked=True))


def _one(sweep_id: int) -> Select[Sweep]:
    return select(Sweep).where(Sweep.id == sweep_id).execution_options(populate_existing=True)


def collect(sweep_id: int) -> bool:
    """Look for the signatures of a sweep among the next of its letter.

    To look takes longer than to write down what was found, and nobody waits for that.

    Returns:
        Whether there are more to look at.
    """
    sweep = db.session.get_one(Sweep, sweep_id, populate_existing=True)
    if sweep.stage != Stage.COLLECTING:
        return False
    begun = sweep.passed
    end, found = _look(sweep)
    db.session.rollback()
    with writing(db.session):
        sweep = held(sweep_id)
        if sweep.stage == Stage.COLLECTING and sweep.passed == begun:
            _note(sweep, found)
            sweep.passed = end
            if end >= sweep.last_id:
                sweep.stage, sweep.passed = Stage.READY, 0
        return sweep.stage == Stage.COLLECTING


def _look(sweep: Sweep) -> tuple[int, list[Found]]:
    """Up to which signature was looked, and what was found."""
    sought = Sought.read(sweep.conditions or {})
    wanted = sought.filter.state
    states = [each for each in TAKES[Act(sweep.act)] if wanted in {None, each}]
    if not states:
        return sweep.last_id, []
    end = sweep.last_id if _are_few(sweep.letter_id, states) else _end_of_window(sweep)
    rows = db.session.execute(
        _found()
        .where(
            *filters.conditions(sweep.letter_id, sought.filter),
            Signature.id > sweep.passed,
            Signature.id <= end,
            _stand(states),
            Signature.name != "",
            ~_decided_since(sweep.shown_at),
        )
        .order_by(Signature.id)
    )
    return end, [each for row in rows if sought.fits((each := Found(*row)).name)]


def _are_few(letter_id: int, states: list[State]) -> bool:
    """Whether an index has them by themselves, and all of them at once are no more than a window
    may have."""
    return len(states) == 1 and getattr(tallies.of_letter(letter_id), states[0]) <= WINDOW


def _end_of_window(sweep: Sweep) -> int:
    ids = (
        select(Signature.id)
        .where(
            Signature.letter_id == sweep.letter_id,
            Signature.id > sweep.passed,
            Signature.id <= sweep.last_id,
        )
        .order_by(Signature.id)
        .limit(WINDOW)
        .subquery()
    )
    last, number = db.session.execute(select(func.max(ids.c.id), func.count(ids.c.id))).one()
    return last if number == WINDOW else sweep.last_id


def _stand(states: list[State]) -> ColumnElement[bool]:
    """Written out where it is one, as the condition of an index is."""
    if len(states) == 1:
        return Signature.state == literal_column(f"'{states[0].value}'")
    return Signature.state.in_(states)


def _decided_since(moment: datetime) -> ColumnElement[bool]:
    return exists().where(Decision.signature_id == Signature.id, Decision.created_at > moment)


def choose(sweep: Sweep, ids: Iterable[int]) -> None:
    """Take signatures for those of a sweep that were there when the organizer looked.

    Inside the transaction that moves them.
    """
    _note(sweep, _locked(sweep.letter_id, [each for each in ids if each <= sweep.last_id]))


def drop(sweep: Sweep) -> None:
    """Keep nothing of a sweep that has moved nothing, inside the transaction that has made it."""
    db.session.flush()
    db.session.expunge(sweep)
    db.session.execute(delete(Swept).where(Swept.sweep_id == sweep.id))
    db.session.execute(delete(Sweep).where(Sweep.id == sweep.id))


def _note(sweep: Sweep, found: list[Found]) -> None:
    """Those that the sweep would leave where they are stand in the numbers alone."""
    act = Act(sweep.act)
    ways = [(each, goes(act, each)) for each in found if each.state in TAKES[act]]
    rows = [
        {"sweep_id": sweep.id, "signature_id": each.id, "from_state": each.state}
        for each, to in ways
        if to != each.state
    ]
    if rows:
        load(db.session, Swept, rows)
    numbers = Counter(f"{each.state} {to}" for each, to in ways)
    sweep.found = dict(Counter(sweep.found) + numbers)


def goes(act: Act, signature: Found) -> State:
    """Where an act takes a signature. A well-known name that nobody has made sure of is never
    published among many: it stays where it is."""
    match act:
        case Act.PUBLISH if is_unsure(signature, State.PUBLISHED):
            return State(signature.state)
        case Act.PUBLISH:
            return State.PUBLISHED
        case Act.REJECT:
            return State.REJECTED
        case Act.HOLD:
            return State.HELD
        case Act.RESTORE:
            return moderate.stood(signature)


def carry_out(sweep: Sweep) -> bool:
    """Move the next batch of a sweep, inside the transaction that holds it.

    Those that do not stand where they were found, or that somebody has decided about since the
    organizer looked, are left alone.

    Returns:
        Whether there are more.
    """
    mine = select(Swept.signature_id, Swept.from_state).where(
        Swept.sweep_id == sweep.id, Swept.signature_id > sweep.passed
    )
    rows = db.session.execute(mine.order_by(Swept.signature_id).limit(BATCH)).all()
    stood: dict[int, str] = {row.signature_id: row.from_state for row in rows}
    moved = _move(sweep, stood)
    sweep.moved += moved
    sweep.left += len(stood) - moved
    if len(stood) == BATCH:
        sweep.passed = max(stood)
        return True
    sweep.stage, sweep.ended_at = Stage.DONE, now()
    return False


def _move(sweep: Sweep, stood: Mapping[int, str]) -> int:
    act = Act(sweep.act)
    found = _locked(sweep.letter_id, stood)
    decided = _already_decided(stood, sweep.shown_at)
    moves = [
        (each.id, each.state, goes(act, each))
        for each in found
        if each.state == stood[each.id] and each.name and each.id not in decided
    ]
    due = [each for each in moves if each[1] != each[2]]
    at = move_each(
        sweep.letter_id,
        due,
        Actor.ORGANIZER,
        organizer_id=sweep.organizer_id,
        reason=sweep.reason,
        sweep_id=sweep.id,
        assignee_id=None,
    )
    ids = [signature_id for signature_id, _, _ in due]
    if act is Act.REJECT:
        settle(ids, at=at)
        if sweep.tells and sweep.reason:
            telling.tell(db.session.get_one(Letter, sweep.letter_id), ids, sweep.reason)
    if act is Act.RESTORE:
        telling.tell_standing([each for each, state, _ in due if state == State.REJECTED])
    return len(due)


def _locked(letter_id: int, ids: Iterable[int]) -> list[Found]:
    """Signatures as they stand now, kept from everybody else; all of them in one order."""
    rows = db.session.execute(
        _found()
        .where(Signature.id.in_(list(ids)), Signature.letter_id == letter_id)
        .order_by(Signature.id)
        .with_for_update(of=Signature)
    )
    return [Found(*row) for row in rows]


def _already_decided(ids: Iterable[int], moment: datetime) -> set[int]:
    """To be asked once they are locked: a statement does not see what it has waited for."""
    since = select(Decision.signature_id).where(
        Decision.signature_id.in_(list(ids)), Decision.created_at > moment
    )
    return set(db.session.scalars(since))


def move_back(sweep: Sweep) -> bool:
    """Move back the next batch of what a sweep moved, inside the transaction that holds it.

    About which something was decided since, that is left alone; what cannot be published without
    somebody being sure, too.

    Returns:
        Whether there are more.
    """
    rows = db.session.execute(_made_by(sweep)).all()
    sweep.back += _undo(sweep, {row.signature_id: row for row in rows})
    if len(rows) == BATCH:
        sweep.passed = rows[-1].signature_id
        return True
    sweep.stage, sweep.undone_at = Stage.UNDONE, now()
    return False


_Made = Row[int, int, str]


def _made_by(sweep: Sweep) -> Select[int, int, str]:
    return (
        select(Decision.id, Decision.signature_id, Decision.from_state)
        .where(
            Decision.sweep_id == sweep.id,
            Decision.undoes_id.is_(None),
            Decision.signature_id > sweep.passed,
        )
        .order_by(Decision.signature_id)
        .limit(BATCH)
    )


def _undo(sweep: Sweep, made: Mapping[int, _Made]) -> int:
    found = _locked(sweep.letter_id, made)
    latest = decisions.latest(made)
    due = [
        each
        for each in found
        if latest[each.id].id == made[each.id].id
        and each.name
        and not is_unsure(each, made[each.id].from_state)
    ]
    undone = [made[each.id] for each in due]
    rejected = [row.signature_id for row in undone if row.from_state == State.REJECTED]
    move_each(
        sweep.letter_id,
        [(each.id, each.state, State(made[each.id].from_state)) for each in due],
        Actor.ORGANIZER,
        organizer_id=sweep.undone_by,
        reasons=decisions.rejected_for(rejected),
        sweep_id=sweep.id,
        undoes={row.signature_id: row.id for row in undone},
    )
    if sweep.act == Act.REJECT:
        ids = [row.signature_id for row in undone]
        reopen(ids, by_decisions(row.id for row in undone))
        telling.tell_standing(ids)
    return len(due)
