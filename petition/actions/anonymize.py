"""Long after a letter has closed, all who signed it are made anonymous; their number stays."""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, delete, exists, func, select, update

from petition import address, caching, retention
from petition.actions import tally
from petition.actions.altering import hold
from petition.actions.emptied import NOTHING
from petition.actions.erase import forget_traces
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Letter,
    NameGroup,
    Signatory,
    Signature,
    Stage,
    State,
    Sweep,
)

BATCH = 500
"""Signatures in one transaction."""

_signature = cast(Table, Signature.__table__)
_LEFT: dict[str, Any] = NOTHING
"""What a signature has beside its state and its times."""


def anonymize() -> Iterator[int]:
    """Make the signatures of all letters anonymous that closed long enough ago.

    Killed in between, it is done again from the letter's first signature, which changes nothing
    of what was done. A letter is said to be anonymous when its last signature is.

    Yields:
        How many signatures were made anonymous, after each transaction.
    """
    for letter_id in _due():
        _begin(letter_id)
        last = 0
        while ids := _next(letter_id, last):
            yield _empty(letter_id, ids)
            last = ids[-1]
        _end(letter_id)


def _due() -> list[int]:
    ended = func.coalesce(Letter.closes_at, Letter.withdrawn_at, type_=Letter.closes_at.type)
    rows = db.session.execute(
        select(Letter.id, ended)
        .where(
            Letter.anonymous_at.is_(None),
            ended < now() - retention.GRACE,
            exists().where(Signature.letter_id == Letter.id),
        )
        .order_by(Letter.id)
    ).all()
    db.session.rollback()
    return [letter_id for letter_id, end in rows if retention.anonymous_from(end) <= now()]


def _begin(letter_id: int) -> None:
    """Forget what stands with the letter. Withdrawn for so long, it never opens again."""
    with writing(db.session):
        letter = hold(letter_id)
        letter.closes_at = letter.closes_at or letter.withdrawn_at
        letter.watch = []  # these are names of people too
        for model in (Signatory, NameGroup):
            db.session.execute(delete(model).where(model.letter_id == letter_id))
        _forget_sweeps(letter_id)


def _forget_sweeps(letter_id: int) -> None:
    """What was looked for may be names, and why, too. What was not begun never is."""
    mine = update(Sweep).where(Sweep.letter_id == letter_id)
    for statement in (
        mine.where(Sweep.stage.in_([Stage.COLLECTING, Stage.READY])).values(stage=Stage.DISCARDED),
        mine.values(conditions=None, words=""),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def _next(letter_id: int, last: int) -> list[int]:
    mine = select(Signature.id).where(Signature.letter_id == letter_id, Signature.id > last)
    found = list(db.session.scalars(mine.order_by(Signature.id).limit(BATCH)))
    db.session.rollback()
    return found


def _empty(letter_id: int, ids: list[int]) -> int:
    """Leave of some signatures what is counted; delete those that nobody confirmed."""
    with writing(db.session):
        # First, as signers do who go meanwhile: in two orders, the two would wait for each other.
        db.session.execute(_locked(ids))
        forget_traces(ids)
        waiting = db.session.scalars(
            delete(Signature)
            .where(Signature.id.in_(ids), Signature.state == State.PENDING)
            .returning(Signature.id)
            .execution_options(synchronize_session=False)
        ).all()
        left = sorted(set(ids) - set(waiting))
        if left:
            db.session.connection().execute(
                update(_signature)
                .where(_signature.c.id == bindparam("of"))
                .values(**_LEFT, digest=bindparam("anew")),
                [{"of": id_, "anew": address.nobodys_digest()} for id_ in left],
            )
        if waiting:
            tally.adjust(letter_id, {State.PENDING: -len(waiting)})
    return len(ids)


def _locked(ids: list[int]) -> Select[int]:
    some = select(Signature.id).where(Signature.id.in_(ids)).order_by(Signature.id)
    return some.with_for_update()


def _end(letter_id: int) -> None:
    with writing(db.session):
        letter = hold(letter_id)
        letter.anonymous_at = now()
        letter.version += 1
        slug = letter.slug
    caching.recent.forget(slug)
