"""Proofs of work are handed out, and each is taken once, whichever process it comes to."""

from contextlib import AbstractContextManager
from functools import cache
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert
from sqlalchemy.sql.dml import Insert

from petition import config, limits, puzzle
from petition.clock import now
from petition.database import Step, once, writing
from petition.exceptions import PuzzleMissing, PuzzleUsed
from petition.extensions import db
from petition.models import Letter, UsedPuzzle
from petition.puzzle import Solution

_used = cast(Table, UsedPuzzle.__table__)


def make(letter: Letter, visitor: str | None) -> str:
    """A puzzle for somebody who is about to sign a letter, as JSON.

    Raises:
        TooOften: this network asks for too many.
    """
    limits.check("puzzle", limits.PUZZLE, visitor)
    return puzzle.make(letter.id)


def understood(given: str | None, letter: Letter) -> Solution | None:
    """The proof of work that came with a form; none, where none came.

    Raises:
        PuzzleWrong: it is forged, too old, or of another letter.
    """
    return puzzle.check(given, letter.id) if given else None


def must_be_solved(letter: Letter, solution: Solution | None) -> None:
    """Raise `PuzzleMissing` where a letter demands a proof of work, and none came."""
    if solution is None and letter.demands_proof and config.current().ratelimit_enabled:
        raise PuzzleMissing


def use(solution: Solution | None) -> tuple[Step, ...]:
    """Write down that a proof of work was taken, as a step to take with others; none, without."""
    if solution is None:
        return ()
    return (Step(_use(), {"nonce": solution.nonce, "expires_at": solution.expires_at}),)


@cache
def _use() -> Insert:
    return insert(_used).values({name: bindparam(name) for name in ("nonce", "expires_at")})


def used_once() -> AbstractContextManager[None]:
    """Raise `PuzzleUsed` where a proof of work was taken before; nothing is written then."""
    return once(UsedPuzzle.nonce, PuzzleUsed)


def forget_used() -> bool:
    """Forget those that are too old to be taken again anyway; there is never more at once."""
    with writing(db.session):
        db.session.execute(delete(UsedPuzzle).where(UsedPuzzle.expires_at < now()))
    return False
