"""The search learns the words of names, after they were confirmed.

The words of those who are not public stand apart, so that those who look among public names never
come past them.
"""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, delete, true, update

from petition import domains, folding, lookalike
from petition.database import load, writing
from petition.extensions import db
from petition.models import Letter, NameWord, Signature, State
from petition.queries.filters import apart, at
from petition.queries.names import unsearchable

BATCH = 500
"""Names in one transaction."""

_signature = cast(Table, Signature.__table__)


def some_names() -> bool:
    """Learn the words of the names that wait longest.

    All of a name and an affiliation is learnt, whatever of it is shown: that may change, and is
    looked at when somebody searches. Who signs later is compared with all of them.

    Returns:
        Whether there may be more.
    """
    waiting = unsearchable().order_by(Signature.id)
    if db.session.scalar(waiting.limit(1)) is None:
        return False
    with writing(db.session):
        some = waiting.add_columns(
            Signature.letter_id,
            Signature.name,
            Signature.affiliation,
            Signature.skeleton,
            Signature.state,
            Signature.email,
        ).with_for_update(skip_locked=True)
        rows = db.session.execute(some.limit(BATCH)).all()
        if rows:
            _learn(rows)
    if rows:
        _say_so({row.letter_id for row in rows if row.state == State.PUBLISHED})
    return len(rows) == BATCH


def _say_so(letter_ids: set[int]) -> None:
    """Have the names of letters counted anew by group.

    Not together with the learning: others hold a letter before its signatures.
    """
    if not letter_ids:
        return
    with writing(db.session):
        db.session.execute(
            update(Letter)
            .where(Letter.id.in_(letter_ids))
            .values(grouped=-1)
            .execution_options(synchronize_session=False)
        )


def _learn(rows: Sequence[Row[Any]]) -> None:
    ids = [row.id for row in rows]
    db.session.execute(delete(NameWord).where(NameWord.signature_id.in_(ids)))
    learnt = [word for row in rows for word in _words(row)]
    if learnt:
        load(db.session, NameWord, learnt)
    db.session.connection().execute(
        update(_signature)
        .where(_signature.c.id == bindparam("signature_id"))
        .values(
            searchable=true(),
            affiliation_key=bindparam("key"),
            skeleton=bindparam("looks"),
        ),
        [
            {"signature_id": row.id, "key": folding.key(row.affiliation), "looks": _looks(row)}
            for row in rows
        ],
    )


def _words(row: Row[Any]) -> list[dict[str, Any]]:
    learnt = words(row.id, row.letter_id, row.name, row.affiliation)
    if row.state != State.PUBLISHED:
        learnt = [each | {"word": apart(each["word"])} for each in learnt]
    if row.name and row.email:
        host = at(domains.domain(row.email))
        learnt.append({"letter_id": row.letter_id, "word": host, "signature_id": row.id})
    return learnt


def _looks(row: Row[Any]) -> int:
    """The skeleton of a name; those from before names were compared have none yet."""
    return lookalike.skeleton(row.name) if row.skeleton is None else row.skeleton


def words(signature_id: int, letter_id: int, *values: str) -> list[dict[str, Any]]:
    """What the search has to know of a signature's name and affiliation, as rows of `NameWord`."""
    known = {beginning for value in values for beginning in folding.beginnings(value)}
    return [
        {"letter_id": letter_id, "word": word, "signature_id": signature_id}
        for word in sorted(known)
    ]
