"""A form becomes a signature and the promise of its mail, in one commit."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    bindparam,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.dml import Insert

from petition import address, limits, lookalike
from petition.actions import networks, puzzles, rules, screening, tally
from petition.actions.fingerprint import fingerprint
from petition.actions.turns import place
from petition.clock import now
from petition.database import Step, insert, write_in_turn
from petition.exceptions import LetterClosed, LetterPaused, NotOpenYet
from petition.extensions import db
from petition.mail import outbox
from petition.mail.suppressions import not_suppressed
from petition.models import Letter, Life, Revision, Signal, Signature, State
from petition.puzzle import Solution


@dataclass(frozen=True)
class Entry:
    """What a signer entered, already checked and tidied by the form."""

    name: str
    email: address.Address
    affiliation: str
    role: str
    location: str
    comment: str
    show_name: bool
    updates: bool
    answers: dict[str, Any] | None = None
    country: str = ""
    pass_on: bool = False


def sign(
    letter: Letter,
    revision: Revision,
    entry: Entry,
    visitor: str | None,
    solution: Solution | None = None,
    source: str | None = None,
) -> None:
    """Take a signature, whoever the address belongs to and whatever it did before.

    A new address, a waiting, a confirmed, a rejected and a suppressed one all run through the
    same statements and come out the same way: the difference goes by mail, or nowhere.

    Args:
        visitor: the network address that the form came from.
        solution: the proof of work that came with it, found to be right.
        source: what led to the letter (`sources.read`); kept until it is counted.

    Raises:
        LetterClosed: the letter takes no signatures any more.
        LetterPaused: it takes none at the moment.
        NotOpenYet: it takes none yet.
        PuzzleMissing: it takes none without a proof of work at the moment.
        PuzzleUsed: the proof of work has been taken before.
        TooOften: this network has sent too many.
    """
    must_be_open(letter)
    puzzles.must_be_solved(letter, solution)
    limits.check("sign", limits.SIGN, visitor)
    digest = address.digest(entry.email.canonical)
    origin = Origin(
        networks.of_signer(letter, visitor),
        solution is not None,
        source,
        rules.of_form(letter, entry.email, digest, visitor),
    )
    with puzzles.used_once():
        write_in_turn(
            db,
            place(digest),
            *puzzles.use(solution),
            _record(letter, revision, entry, digest, origin),
            (
                outbox.promise(letter.id, digest, entry.email, fingerprint(entry, revision.id)),
                tally.addition(letter.id, State.PENDING, _made_just_now(), digest=digest),
            ),
        )


@dataclass(frozen=True)
class Origin:
    """Where a form came from, and how."""

    network: int | None
    solved: bool
    source: str | None
    ruled: Signal
    """What the rules of its letter say."""


def count_failure(visitor: str | None) -> None:
    """Count a form that could not be taken. Raises `TooOften` where there were too many."""
    limits.check("form", limits.FORM, visitor)


def must_be_open(letter: Letter) -> None:
    """Raise where a letter takes no signatures now.

    Raises:
        LetterClosed: it takes none any more.
        NotOpenYet: it takes none yet.
        LetterPaused: it is paused.
    """
    life = letter.life(now())
    if life is Life.CLOSED:
        raise LetterClosed
    if life is not Life.OPEN:
        raise NotOpenYet
    if letter.paused_at is not None:
        raise LetterPaused


def _record(
    letter: Letter, revision: Revision, entry: Entry, digest: bytes, origin: Origin
) -> Step:
    """Write the signature, or refresh the one that waits; nothing for a suppressed address.

    What was typed last is what a waiting signer will be shown and asked to confirm. What is
    confirmed is not touched.
    """
    at = now()
    return Step(
        _upsert(db.engine.dialect.name),
        {
            "letter_id": letter.id,
            "revision_id": revision.id,
            "digest": digest,
            "email": entry.email.delivery,
            "name": entry.name,
            "affiliation": entry.affiliation,
            "role": entry.role,
            "location": entry.location,
            "comment": entry.comment,
            "country": entry.country,
            "answers": entry.answers or None,
            "show_name": entry.show_name,
            "updates": entry.updates,
            "pass_on": entry.pass_on,
            "network": origin.network,
            "solved": origin.solved,
            "source": origin.source,
            "skeleton": lookalike.skeleton(entry.name),
            "signals": (
                screening.of_words(entry.name, entry.affiliation, entry.email, letter.watch)
                | origin.ruled
            ).value,
            "language": revision.language,
            "consented_at": at,
            "created_at": at,
        },
    )


_TYPED = (
    "revision_id",
    "email",
    "name",
    "affiliation",
    "role",
    "location",
    "comment",
    "country",
    "answers",
    "show_name",
    "updates",
    "pass_on",
    "network",
    "solved",
    "source",
    "skeleton",
    "signals",
    "language",
    "consented_at",
)
"""What comes with each form while a signature waits; what was typed last stands."""


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Insert:
    table = Signature.__table__
    # What is the same for everybody is written out: a parameter costs time with every signature.
    values: dict[str, ColumnElement[Any]] = {
        name: bindparam(name, type_=table.c[name].type)
        for name in (*_TYPED, "letter_id", "digest", "created_at")
    } | {
        "state": literal_column(f"'{State.PENDING}'"),
        "invented": false(),
        "initials": false(),
        "searchable": false(),
        "requests": literal_column("1", Integer),
    }
    statement = insert(dialect, Signature)
    waiting = or_(
        *(table.c.state == literal_column(f"'{s}'") for s in (State.PENDING, State.WITHDRAWN))
    )
    renewed = {
        name: case((waiting, statement.excluded[name]), else_=table.c[name]) for name in _TYPED
    }
    return statement.from_select(
        [*values], select(*values.values()).where(not_suppressed())
    ).on_conflict_do_update(
        index_elements=[Signature.digest, Signature.letter_id],
        set_=renewed | {"requests": Signature.requests + literal_column("1")},
    )


@cache
def _made_just_now() -> ScalarSelect[int]:
    """1 where the row was made by this very request, 0 where it is older or was not made."""
    return (
        select(func.count())
        .select_from(Signature)
        .where(
            Signature.digest == bindparam("digest", type_=Signature.__table__.c.digest.type),
            Signature.letter_id == bindparam("letter_id"),
            Signature.requests == literal_column("1"),
            not_suppressed(),
        )
        .scalar_subquery()
    )
