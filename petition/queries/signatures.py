"""Signatures: the one definition of public, and the looks at single ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, exists, func, literal_column, select, tuple_

from petition import numerals
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import (
    STANDING,
    Letter,
    Revision,
    Signature,
)

PAGE = 50
"""Names on a page of the list."""

BATCH = 1000
"""Signatures read at once where all are wanted."""


def published(letter_id: int) -> Select[Signature]:
    """What the world may see of a letter's signatures, newest first.

    The state is written into the statement rather than bound to it: a database recognizes that
    a partial index applies only from what stands there.
    """
    return (
        select(Signature)
        .where(
            Signature.letter_id == letter_id,
            Signature.state == literal_column("'published'"),
            Signature.show_name,
        )
        .order_by(Signature.published_at.desc(), Signature.id.desc())
    )


@dataclass(frozen=True)
class NamePage:
    """One page of names and the cursor of the next, if there is one."""

    signatures: list[Signature]
    next_cursor: str | None


def leading(letter_id: int) -> list[Signature]:
    """The public signatures of those who were asked to stand first, in the organizer's order."""
    first = published(letter_id).where(Signature.position.is_not(None)).order_by(None)
    return list(db.session.scalars(first.order_by(Signature.position, Signature.id)))


def in_time(letter_id: int) -> Select[Signature]:
    """All other public signatures, newest first."""
    return published(letter_id).where(Signature.position.is_(None))


def latest(letter_id: int, limit: int) -> list[Signature]:
    """The latest public signatures, apart from those who were asked to stand first."""
    return list(db.session.scalars(in_time(letter_id).limit(limit)))


def earliest(letter_id: int, limit: int) -> list[Signature]:
    """The earliest public signatures, in the order they came."""
    oldest = in_time(letter_id).order_by(None).order_by(Signature.published_at, Signature.id)
    return list(db.session.scalars(oldest.limit(limit)))


def in_batches(letter_id: int) -> Iterator[list[Signature]]:
    """All public signatures but those who stand first, in the order they came.

    Each batch is let go of before the next is read, so that a million take no more memory than
    a thousand.
    """
    place = tuple_(Signature.published_at, Signature.id)
    oldest = in_time(letter_id).order_by(None).order_by(Signature.published_at, Signature.id)
    last: tuple[datetime | None, int] | None = None
    while True:
        following = oldest if last is None else oldest.where(place > last)
        batch = list(db.session.scalars(following.limit(BATCH)))
        db.session.expunge_all()
        if not batch:
            return
        last = (batch[-1].published_at, batch[-1].id)
        yield batch


def page(letter_id: int, after: str | None) -> NamePage:
    """The names that follow a cursor, or the newest, apart from those who stand first.

    Raises:
        NotFound: the cursor is not one of ours.
    """
    return page_of(in_time(letter_id), after)


def handed(letter_id: int) -> Select[Signature]:
    """The published signatures whose signers let their name be handed to the addressee, shown in
    public or not; in the order they came."""
    return (
        select(Signature)
        .where(
            Signature.letter_id == letter_id,
            Signature.state == literal_column("'published'"),
            Signature.pass_on,
        )
        .order_by(Signature.id)
    )


def leading_handed(letter_id: int) -> list[Signature]:
    """Those among them who were asked to stand first, in the organizer's order."""
    first = handed(letter_id).where(Signature.position.is_not(None)).order_by(None)
    return list(db.session.scalars(first.order_by(Signature.position, Signature.id)))


def handed_in_batches(letter_id: int) -> Iterator[list[Signature]]:
    """All the others among them, each batch let go of before the next is read."""
    others, last = handed(letter_id).where(Signature.position.is_(None)).limit(BATCH), 0
    while batch := list(db.session.scalars(others.where(Signature.id > last))):
        db.session.expunge_all()
        last = batch[-1].id
        yield batch


def page_of(statement: Select[Signature], after: str | None, size: int = PAGE) -> NamePage:
    """What follows a cursor among some of the public signatures, newest first.

    Raises:
        NotFound: the cursor is not one of ours.
    """
    if after:
        position = tuple_(Signature.published_at, Signature.id)
        statement = statement.where(position < _read_cursor(after))
    rows = list(db.session.scalars(statement.limit(size + 1)))
    more = len(rows) > size
    return NamePage(rows[:size], cursor(rows[size - 1]) if more else None)


def cursor(signature: Signature) -> str:
    """A public signature's place in the list: the microsecond it was published, and its number."""
    if signature.published_at is None:
        raise ValueError("only what is published has a place")
    return numerals.cursor(signature.published_at, signature.id)


def _read_cursor(value: str) -> tuple[Any, ...]:
    try:
        return numerals.place(value, 2, timed=True)
    except ValueError:
        raise NotFound from None


@dataclass(frozen=True)
class SignatureInContext:
    """A signature with the letter it stands under and the text its signer read."""

    signature: Signature
    letter: Letter
    revision: Revision


def in_context(signature_id: int) -> SignatureInContext:
    """One signature, for its own signer.

    Raises:
        NotFound: it was deleted.
    """
    found = db.session.execute(
        select(Signature, Letter, Revision)
        .join(Letter, Letter.id == Signature.letter_id)
        .join(Revision, Revision.id == Signature.revision_id)
        .where(Signature.id == signature_id)
    ).first()
    if found is None:
        raise NotFound
    return SignatureInContext(*found)


def network(letter_id: int, signature_id: int) -> int:
    """The network that one of a letter's signatures came from, as it is kept.

    Raises:
        NotFound: there is no such signature, or nothing is kept about where it came from.
    """
    found = db.session.scalar(
        select(Signature.network).where(
            Signature.id == signature_id, Signature.letter_id == letter_id
        )
    )
    if found is None:
        raise NotFound
    return found


def any_since(letter_id: int, moment: datetime) -> bool:
    """Whether somebody has signed a letter since a moment; confirmed or not."""
    mine = exists().where(Signature.letter_id == letter_id, Signature.consented_at > moment)
    return bool(db.session.scalar(select(mine)))


def any_answer(letter_id: int, key: str) -> bool:
    """Whether somebody has answered one of the organizer's own questions."""
    answered = Signature.answers[key].as_string().is_not(None)
    mine = exists().where(Signature.letter_id == letter_id, Signature.answers.is_not(None))
    return bool(db.session.scalar(select(mine.where(answered))))


def under_earlier(text: Revision, edition: int, after: int = 0) -> Select[int, bytes]:
    """Who can be asked to sign a text anew: the ids and digests of standing signatures.

    Args:
        text: one of the letter's, in the language of the signers.
        edition: they stand under a text of an earlier one.
        after: the last signature whose signer has been asked.
    """
    older = select(Revision.id).where(
        Revision.letter_id == text.letter_id,
        Revision.language == text.language,
        Revision.edition < edition,
    )
    return select(Signature.id, Signature.digest).where(
        Signature.letter_id == text.letter_id,
        Signature.id > after,
        Signature.state.in_(STANDING),
        Signature.email.is_not(None),
        Signature.revision_id.in_(older),
    )


def how_many_under_earlier(text: Revision, edition: int, after: int = 0) -> int:
    """How many can be asked; counted, for the organizers alone."""
    asked = under_earlier(text, edition, after).subquery()
    return db.session.scalar(select(func.count()).select_from(asked)) or 0


class Waited(Protocol):
    """A signature that had a place among those that wait."""

    @property
    def id(self) -> int: ...
    @property
    def letter_id(self) -> int: ...
    @property
    def confirmed_at(self) -> datetime | None: ...


def held_after(signature: Waited) -> int | None:
    """The signature that waits next after one that has been decided about, if any does."""
    position = tuple_(Signature.confirmed_at, Signature.id)
    return db.session.scalar(
        select(Signature.id)
        .where(
            Signature.letter_id == signature.letter_id,
            Signature.state == literal_column("'held'"),
            position > (signature.confirmed_at, signature.id),
        )
        .order_by(Signature.confirmed_at, Signature.id)
        .limit(1)
    )
