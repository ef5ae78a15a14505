"""Who did what to whom when, read back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, select

from petition.extensions import db
from petition.models import AuditEntry, Invitation, Letter, Membership, Organizer

PAGE = 100
BATCH = 1000
REACH = 20_000
"""Entries among which one page looks for what is asked for."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for in a record; all of it must fit."""

    organizer: int | None = None
    actions: tuple[str, ...] = ()
    signature: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def anything(self) -> bool:
        """Whether it leaves anything out."""
        return self != Wanted()


@dataclass(frozen=True)
class Deed:
    """An entry, who did it, and the letter it was about, if either is known."""

    entry: AuditEntry
    by: str | None
    """The organizer's address."""
    slug: str | None


@dataclass(frozen=True)
class DeedPage:
    """Some entries, newest first, and before which the earlier ones are, if there are any."""

    deeds: list[Deed]
    earlier: int | None
    looked_to: datetime | None = None
    """How far back was looked, where that was not to the end and these are not a whole page."""


@dataclass(frozen=True)
class Scope:
    """Of what the record is: of a letter, or of a team with all its letters."""

    team_id: int | None = None
    letter_id: int | None = None


def _entries(scope: Scope, wanted: Wanted) -> Select[AuditEntry, str, str]:
    """What was done, newest first."""
    return (
        select(AuditEntry, Organizer.email, Letter.slug)
        .outerjoin(Organizer, Organizer.id == AuditEntry.organizer_id)
        .outerjoin(Letter, Letter.id == AuditEntry.letter_id)
        .where(_here(scope), *_fits(wanted))
        .order_by(AuditEntry.id.desc())
    )


def _here(scope: Scope) -> ColumnElement[bool]:
    if scope.letter_id is not None:
        return AuditEntry.letter_id == scope.letter_id
    return AuditEntry.team_id == scope.team_id


def _fits(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.organizer is not None:
        yield AuditEntry.organizer_id == wanted.organizer
    if wanted.actions:
        yield AuditEntry.action.in_(wanted.actions)
    if wanted.signature is not None:
        yield AuditEntry.signature_id == wanted.signature
    if wanted.since is not None:
        yield AuditEntry.created_at >= wanted.since
    if wanted.until is not None:
        yield AuditEntry.created_at < wanted.until


def page(scope: Scope, wanted: Wanted, before: int | None = None) -> DeedPage:
    """A page of a record.

    Args:
        before: the entry before which it begins.
    """
    statement = _entries(scope, wanted)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    end = _end(scope, before) if wanted.anything else None
    if end is not None:
        statement = statement.where(AuditEntry.id >= end.id)
    found = [Deed(*row) for row in db.session.execute(statement.limit(PAGE + 1))]
    if len(found) > PAGE:
        return DeedPage(found[:PAGE], found[PAGE - 1].entry.id)
    return DeedPage(found, None) if end is None else DeedPage(found, end.id, end.created_at)


def _end(scope: Scope, before: int | None) -> Row[int, datetime] | None:
    """The last entry up to which one page looks; none, where it can look at all."""
    some = select(AuditEntry.id, AuditEntry.created_at).where(_here(scope))
    if before is not None:
        some = some.where(AuditEntry.id < before)
    last = some.order_by(AuditEntry.id.desc()).offset(REACH - 1).limit(1)
    return db.session.execute(last).first()


def in_batches(scope: Scope, wanted: Wanted) -> Iterator[list[Deed]]:
    """All of a record, each batch let go of before the next is read."""
    statement, last = _entries(scope, wanted), None
    while True:
        some = statement if last is None else statement.where(AuditEntry.id < last)
        batch = [Deed(*row) for row in db.session.execute(some.limit(BATCH))]
        db.session.expunge_all()
        db.session.rollback()
        if not batch:
            return
        last = batch[-1].entry.id
        yield batch


@dataclass(frozen=True)
class Mentioned:
    """The addresses of the organizers and the invited people that entries speak of by number."""

    organizers: dict[int, str]
    invited: dict[int, str]


def mentioned(deeds: Iterable[Deed]) -> Mentioned:
    """Who is spoken of in these entries. Two statements."""
    about = [deed.entry.about or {} for deed in deeds]
    return Mentioned(
        _addresses(Organizer, {each["organizer"] for each in about if "organizer" in each}),
        _addresses(Invitation, {each["invitation"] for each in about if "invitation" in each}),
    )


def _addresses(model: type[Organizer] | type[Invitation], ids: set[int]) -> dict[int, str]:
    wanted = select(model.id, model.email).where(model.id.in_(ids))
    return dict(db.session.execute(wanted).all())


def members(team_id: int) -> list[Organizer]:
    """Who is in a team now, to look for what they did."""
    rows = db.session.scalars(
        select(Organizer)
        .join(Membership, Membership.organizer_id == Organizer.id)
        .where(Membership.team_id == team_id)
        .order_by(Organizer.email)
    )
    return list(rows)
