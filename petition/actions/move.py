"""The one function that moves a signature from state to state.

Thousands confirm at once, so each statement is built once and given its values when it runs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.dml import Insert, ReturningUpdate

from petition.actions import removals, tally
from petition.clock import now
from petition.database import Step, load, look, take
from petition.exceptions import DecisionConflict, NotFound
from petition.extensions import db
from petition.models import Actor, Decision, Letter, Signature, State

MOVES = {
    (State.PENDING, State.PUBLISHED),
    (State.PENDING, State.HELD),
    (State.WITHDRAWN, State.PUBLISHED),
    (State.WITHDRAWN, State.HELD),
    (State.HELD, State.PUBLISHED),
    (State.HELD, State.REJECTED),
    (State.HELD, State.WITHDRAWN),
    (State.PUBLISHED, State.HELD),
    (State.PUBLISHED, State.REJECTED),
    (State.PUBLISHED, State.WITHDRAWN),
    (State.REJECTED, State.HELD),
    (State.REJECTED, State.PUBLISHED),
    (State.PENDING, State.QUARANTINED),
    (State.WITHDRAWN, State.QUARANTINED),
    (State.PUBLISHED, State.QUARANTINED),
    (State.HELD, State.QUARANTINED),
    (State.QUARANTINED, State.PUBLISHED),
    (State.QUARANTINED, State.HELD),
    (State.QUARANTINED, State.REJECTED),
    (State.QUARANTINED, State.WITHDRAWN),
    (State.REJECTED, State.QUARANTINED),
}
"""Every move there is. What is rejected cannot withdraw and sign anew."""

_signature = cast(Table, Signature.__table__)
_decision = cast(Table, Decision.__table__)


@dataclass(frozen=True, slots=True)
class Locked:
    """A signature as it stands now, with what its letter has to say about it.

    Plain columns rather than two rows of the ORM: each confirmation reads one.
    """

    id: int
    letter_id: int
    revision_id: int
    digest: bytes
    state: str
    name: str
    affiliation: str
    role: str
    location: str
    comment: str
    answers: dict[str, Any] | None
    country: str
    show_name: bool
    initials: bool
    updates: bool
    pass_on: bool
    consents: list[dict[str, Any]] | None
    language: str
    email: str | None
    network: int | None
    position: int | None
    solved: bool
    signals: int
    skeleton: int | None
    consented_at: datetime
    created_at: datetime
    confirmed_at: datetime | None
    published_at: datetime | None
    verified_at: datetime | None
    told: str | None
    removed_for: str | None
    removed_at: datetime | None
    slug: str
    letter_language: str
    letter_published_at: datetime | None
    moderation: str
    hold: int
    closes_at: datetime | None
    withdrawn_at: datetime | None
    alike: bool
    """Whether some other that is confirmed looks the same: most need not be compared with any."""

    @property
    def lang(self) -> str | None:
        """What stands in addresses of its text: nothing, where that is in the letter's own."""
        return None if self.language == self.letter_language else self.language

    @property
    def in_view(self) -> bool:
        """Whether its letter can be read, or could, as soon as it opens."""
        return self.letter_published_at is not None and self.withdrawn_at is None


_OF_LETTER = {
    "slug": "slug",
    "letter_language": "language",
    "letter_published_at": "published_at",
    "hold": "hold",
    "closes_at": "closes_at",
    "withdrawn_at": "withdrawn_at",
}


def locked(signature_id: int) -> Locked:
    """A signature as it stands now, kept from everybody else until the transaction ends.

    Raises:
        NotFound: there is none, or it was made anonymous: nobody has a hand in that.
    """
    found = look(db.session, _locked(), {"signature_id": signature_id})
    if found is None:
        raise NotFound
    return Locked(*found)


@cache
def _locked() -> Select[Any]:
    letter = cast(Table, Letter.__table__)
    columns: dict[str, Any] = {
        **_signature.c,
        **{name: letter.c[column] for name, column in _OF_LETTER.items()},
        "moderation": Letter.moderated,
        "alike": _alike(),
    }
    return (
        select(*(columns[field.name] for field in fields(Locked)))
        .join_from(_signature, letter, letter.c.id == _signature.c.letter_id)
        .where(_signature.c.id == bindparam("signature_id"), letter.c.anonymous_at.is_(None))
        .with_for_update(of=_signature)
    )


def _alike() -> ColumnElement[bool]:
    other = _signature.alias("other")
    return exists().where(
        other.c.letter_id == _signature.c.letter_id,
        other.c.skeleton == _signature.c.skeleton,
        other.c.confirmed_at.is_not(None),
        other.c.id != _signature.c.id,
    )


def move(
    signature: Locked,
    to: State,
    actor: Actor,
    *,
    organizer_id: int | None = None,
    reason: str | None = None,
    undoes_id: int | None = None,
    replaced: dict[str, Any] | None = None,
    told: State | None = None,
    **values: Any,
) -> datetime:
    """Move a signature inside the caller's transaction: row, tally, decision, and the removals.

    Args:
        signature: as the caller has just read it; its state must still stand in the database.
        replaced: the words that `values` take the place of, by their columns; kept as they were.
        told: where its signer is told that it went, when it is set aside; by itself, where they
            were told before that it stands.
        values: columns to change along with the state.

    Returns:
        When, as it stands in the decision.

    Raises:
        DecisionConflict: the move is not one of `MOVES`, or somebody moved it first.
    """
    before = State(signature.state)
    if (before, to) not in MOVES:
        raise DecisionConflict
    at = now()
    if to is State.PUBLISHED and (signature.published_at is None or before in _ANEW):
        values |= {"published_at": at}
    elif before in _ANEW:
        values |= {"published_at": None}
    if _is_learnt_anew(before, to):
        values |= {"searchable": False}
    if to is State.QUARANTINED:
        told = State(signature.state) if signature.state in _OPEN else told or _told(signature)
        values |= {"told": told}
    changed = _removals(signature, to, reason, at)
    if changed:
        values |= _removed(to, reason, at)
    _take(
        tally.adjustment(signature.letter_id, {before: -1, to: 1}),
        *changed,
        _decided(
            signature,
            to,
            actor,
            organizer_id=organizer_id,
            reason=reason,
            undoes_id=undoes_id,
            before=replaced,
            told=told if to is State.QUARANTINED else None,
            created_at=at,
        ),
        Step(_move(tuple(values)), values),
    )
    return at


_ANEW = frozenset({State.PENDING, State.WITHDRAWN})
"""Who comes from there signs, or signs again: with a new place in the public list, once in it.
Everybody else who was in it comes back to the place they had."""


def _is_learnt_anew(before: State, to: State) -> bool:
    """Whether the search has to learn the words: they become public, or are so no more, or new."""
    if to is State.WITHDRAWN:
        return False
    return before in _ANEW or State.PUBLISHED in (before, to)


def _removals(signature: Locked, to: State, reason: str | None, at: datetime) -> list[Step]:
    """What a move changes of the numbers of those who stand rejected, by day and reason."""
    if to is State.REJECTED:
        return [removals.adjustment(signature.letter_id, at.date(), reason or "", 1)]
    if signature.state == State.REJECTED and signature.removed_at is not None:
        day, former = signature.removed_at.date(), signature.removed_for or ""
        return [removals.adjustment(signature.letter_id, day, former, -1)]
    return []


def _removed(to: State, reason: str | None, at: datetime) -> dict[str, Any]:
    if to is State.REJECTED:
        return {"removed_for": reason or "", "removed_at": at}
    return {"removed_for": None, "removed_at": None}


_OPEN = frozenset({State.PUBLISHED, State.HELD})
"""Where a signer is told that they stand."""


def _told(signature: Locked) -> State | None:
    return State(signature.told) if signature.told else None


def stay(
    signature: Locked,
    actor: Actor,
    *,
    replaced: dict[str, Any],
    told: State | None = None,
    **values: Any,
) -> None:
    """Change the words of a signature that stays where it is, with a decision that keeps the old.

    Args:
        replaced: the words that `values` take the place of, by their columns.
        told: where its signer is told now that it stands, if it is set aside and that is news.

    Raises:
        DecisionConflict: somebody moved it first.
    """
    told = (told or _told(signature)) if signature.state == State.QUARANTINED else None
    values |= {"told": told}
    _take(
        _decided(signature, signature.state, actor, before=replaced, told=told, created_at=now()),
        Step(_move(tuple(values)), values),
    )


def _decided(signature: Locked, to: str, actor: Actor, **more: Any) -> Step:
    values = dict.fromkeys(("organizer_id", "reason", "undoes_id", "sweep_id"))
    about = {"letter_id": signature.letter_id, "signature_id": signature.id, "actor": actor}
    states = {"from_state": signature.state, "to_state": to}
    return Step(_decide(), {**values, **about, **states, **more})


def _take(*steps: Step) -> None:
    if take(db.session, *steps).fetchone() is None:
        raise DecisionConflict


def move_many(
    letter_id: int,
    signatures: Iterable[tuple[int, str]],
    to: State,
    actor: Actor,
    *,
    organizer_id: int | None = None,
    reason: str | None = None,
    **values: Any,
) -> None:
    """Move signatures of one letter to one state inside the caller's transaction.

    Args:
        signatures: the id and the state of each, kept from everybody else by the caller.
        values: columns to change along with the state.

    Raises:
        DecisionConflict: one of the moves is not one of `MOVES`; nothing is moved then.
    """
    moves = ((signature_id, state, to) for signature_id, state in signatures)
    move_each(letter_id, moves, actor, organizer_id=organizer_id, reason=reason, **values)


def move_each(
    letter_id: int,
    moves: Iterable[tuple[int, str, State]],
    actor: Actor,
    *,
    organizer_id: int | None = None,
    reason: str | None = None,
    reasons: Mapping[int, str] = MappingProxyType({}),
    sweep_id: int | None = None,
    undoes: Mapping[int, int] = MappingProxyType({}),
    **values: Any,
) -> datetime:
    """Move signatures of one letter, each to its own state, inside the caller's transaction.

    The numbers of all states are changed at once: one state after the other, two who do so would
    wait for each other.

    Args:
        moves: the id and the state of each, kept from everybody else by the caller, and where to.
        reasons: of those that have a reason of their own, by their ids.
        sweep_id: the sweep that this is part of.
        undoes: of the signatures that go back, by their ids, the decisions that are undone.
        values: columns to change along with the state.

    Returns:
        When, as it stands in their decisions.

    Raises:
        DecisionConflict: one of the moves is not one of `MOVES`; nothing is moved then.
    """
    due = [(signature_id, State(state), to) for signature_id, state, to in moves]
    if any((state, to) not in MOVES for _, state, to in due):
        raise DecisionConflict
    at = now()
    if not due:
        return at
    why = {signature_id: reasons.get(signature_id, reason) for signature_id, _, _ in due}
    stood = _stood_rejected([each for each, state, _ in due if state is State.REJECTED])
    for group, ids in _alike_moves(due, why).items():
        shown = _along(*group, at)
        moved = update(_signature).where(_signature.c.id.in_(ids))
        db.session.execute(moved.values(state=group[1], **values, **shown))
    decided = [
        {
            "letter_id": letter_id,
            "signature_id": signature_id,
            "actor": actor,
            "organizer_id": organizer_id,
            "from_state": state,
            "to_state": to,
            "reason": why[signature_id],
            "sweep_id": sweep_id,
            "undoes_id": undoes.get(signature_id),
            "told": _is_told(state, stood.get(signature_id)) if to is State.QUARANTINED else None,
            "created_at": at,
        }
        for signature_id, state, to in due
    ]
    load(db.session, Decision, decided)
    left = Counter(state for _, state, _ in due)
    come = Counter(to for _, _, to in due)
    tally.adjust(letter_id, {state: come[state] - left[state] for state in left | come})
    removed = Counter(
        (at.date(), why[signature_id] or "") for signature_id, _, to in due if to is State.REJECTED
    )
    removed.subtract(each.place for each in stood.values() if each.place)
    removals.adjust(letter_id, removed)
    return at


_Why = str | None


def _alike_moves(
    due: list[tuple[int, State, State]], why: Mapping[int, _Why]
) -> dict[tuple[State, State, _Why], list[int]]:
    """The ids of those that go from one state to one other for one reason."""
    groups: dict[tuple[State, State, _Why], list[int]] = {}
    for signature_id, state, to in due:
        groups.setdefault((state, to, why[signature_id]), []).append(signature_id)
    return groups


def _along(state: State, to: State, reason: _Why, at: datetime) -> dict[str, Any]:
    """The columns that change with a state, when many are moved."""
    along: dict[str, Any] = {}
    if to is State.PUBLISHED:
        anew = state in _ANEW
        along |= {"published_at": at if anew else func.coalesce(_signature.c.published_at, at)}
    elif state in _ANEW:
        along |= {"published_at": None}
    if _is_learnt_anew(state, to):
        along |= {"searchable": False}
    if to is State.QUARANTINED and state in _OPEN:
        along |= {"told": _signature.c.state}
    if State.REJECTED in (state, to):
        along |= _removed(to, reason, at)
    return along


@dataclass(frozen=True)
class _Rejected:
    """How a signature stands that is rejected."""

    place: tuple[date, str] | None
    """By which day and reason it is counted."""
    told: str | None


def _stood_rejected(ids: list[int]) -> dict[int, _Rejected]:
    if not ids:
        return {}
    columns = (_signature.c[name] for name in ("id", "removed_at", "removed_for", "told"))
    rows = db.session.execute(select(*columns).where(_signature.c.id.in_(ids)))
    return {
        each: _Rejected((moment.date(), reason or "") if moment else None, told)
        for each, moment, reason, told in rows
    }


def _is_told(state: State, rejected: _Rejected | None) -> str | None:
    """Where the signer is told that it stands of a signature that is set aside."""
    return rejected.told if rejected else state


@cache
def _decide() -> Insert:
    columns = [column.name for column in _decision.c if column.name != "id"]
    return insert(_decision).values({name: bindparam(name) for name in columns})


@cache
def _move(changed: tuple[str, ...]) -> ReturningUpdate[int]:
    """Shares the names of its values with the decision about it."""
    still_there = _signature.c.state == bindparam("from_state")
    return (
        update(_signature)
        .where(_signature.c.id == bindparam("signature_id"), still_there)
        .values(state=bindparam("to_state"), **{name: bindparam(name) for name in changed})
        .returning(_signature.c.id)
    )
