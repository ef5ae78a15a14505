"""Who else has the queue of a letter before them, and what changed there meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal_column, select

from petition.clock import now
from petition.extensions import db
from petition.models import (
    Attention,
    Decision,
    Membership,
    Organizer,
    Signature,
    is_undoable,
    is_unsure,
)

LASTS = timedelta(seconds=60)
"""Whoever was not heard of for so long does not look any more."""
MOST_NEW = 100
"""New ones are counted no further than to one more."""


@dataclass(frozen=True)
class Onlooker:
    """A colleague, and the signature they look at, if at one."""

    who: str
    signature_id: int | None


def others(letter_id: int, team_id: int, organizer_id: int) -> list[Onlooker]:
    """The colleagues of an organizer who have a letter's queue before them now."""
    found = db.session.execute(
        select(Organizer.email, Attention.signature_id)
        .join(Organizer, Organizer.id == Attention.organizer_id)
        .join(Membership, Membership.organizer_id == Attention.organizer_id)
        .where(
            Attention.letter_id == letter_id,
            Attention.organizer_id != organizer_id,
            Attention.seen_at > now() - LASTS,
            Membership.team_id == team_id,
        )
        .order_by(Organizer.email)
    )
    return [Onlooker(*row) for row in found]


@dataclass(frozen=True)
class Standing:
    """Where a signature stands, and what was decided about it last."""

    id: int
    state: str
    name: str
    decision: Decision | None
    who: str | None
    """The organizer who decided that; none, where it was its signer or the site itself."""
    signals: int
    verified_at: datetime | None

    @property
    def undoable(self) -> bool:
        """Whether a moderator can put it back to where it was."""
        if self.decision is None or not is_undoable(self, self.decision):
            return False
        return not is_unsure(self, self.decision.from_state)


def standings(letter_id: int, signature_ids: list[int]) -> list[Standing]:
    """Where some of a letter's signatures stand now; those that are gone are not among them."""
    latest = (
        select(func.max(Decision.id))
        .where(Decision.signature_id == Signature.id)
        .correlate(Signature)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(
            Signature.id,
            Signature.state,
            Signature.name,
            Decision,
            Organizer.email,
            Signature.signals,
            Signature.verified_at,
        )
        .outerjoin(Decision, Decision.id == latest)
        .outerjoin(Organizer, Organizer.id == Decision.organizer_id)
        .where(Signature.letter_id == letter_id, Signature.id.in_(signature_ids))
        .order_by(Signature.id)
    )
    return [Standing(*row) for row in found]


def changed(letter_id: int, seen: Mapping[int, str]) -> list[Standing]:
    """Those that do not stand any more where an organizer has seen them.

    Args:
        seen: the state of each, by its id.
    """
    return [each for each in standings(letter_id, list(seen)) if each.state != seen[each.id]]


def how_many_new(letter_id: int, since: datetime) -> int:
    """How many wait that were confirmed after a moment; counted to one more than `MOST_NEW`."""
    some = (
        select(Signature.id)
        .where(
            Signature.letter_id == letter_id,
            Signature.state == literal_column("'held'"),
            Signature.confirmed_at > since,
        )
        .limit(MOST_NEW + 1)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(some)) or 0
