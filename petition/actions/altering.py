"""Changing what stands with a letter: one colleague at a time, and none unseen."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import inspect, select

from petition import caching
from petition.actions.roles import must
from petition.database import writing
from petition.exceptions import NotFound, Overtaken
from petition.extensions import db
from petition.models import Letter, Role


@contextmanager
def altering(
    letter: Letter, role: str, least: Role, version: int | None = None
) -> Iterator[Letter]:
    """A letter to change, kept from everybody else until the change is written.

    Args:
        role: of who changes it, in the letter's team.
        least: who may.
        version: of the letter as it was shown to them; None, where that does not matter.

    Raises:
        Forbidden: this role may not.
        NotFound: it is gone.
        Overtaken: somebody else has changed it since.
    """
    must(role, least)
    slug = letter.slug
    with writing(db.session):
        kept = hold(letter.id)
        if version is not None and version != kept.version:
            raise Overtaken
        yield kept
        kept.version += 1
    caching.recent.forget(slug)


def changed_in(letter: Letter) -> list[str]:
    """The columns of a letter that the caller has changed and not yet written."""
    state = inspect(letter)
    return [each.key for each in state.attrs if each.history.has_changes()]


def hold(letter_id: int) -> Letter:
    """A letter as it stands now, inside the transaction that alone may change it.

    Who signs only refers to it, and does not wait.

    Raises:
        NotFound: it is gone.
    """
    letter = db.session.scalar(
        select(Letter)
        .where(Letter.id == letter_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if letter is None:
        raise NotFound
    return letter
