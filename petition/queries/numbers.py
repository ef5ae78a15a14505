"""What was counted of a letter, and what may explain it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from petition.extensions import db
from petition.models import (
    Burst,
    Change,
    Grouping,
    Kind,
    NameGroup,
    Organizer,
    OutgoingMail,
    Revision,
    Rising,
    Signature,
    Statistic,
)
from petition.models import Measure as Measure  # views know it from here
from petition.models.record import WAITS as WAITS

LEAST_TOLD_APART = 5
"""What fewer people share could name one of them; it is counted together with others."""
LATEST = 5_000
"""Who signed last, of whose mails we tell how they fared."""
MOST_MARKS = 20


@dataclass(frozen=True)
class Hour:
    """How many confirmed within an hour, by the state they came to."""

    at: datetime
    state: str
    number: int


def newest_hour(letter_id: int) -> datetime | None:
    """The last hour in which anybody confirmed, as far as it is counted."""
    mine = Statistic.letter_id == letter_id, Statistic.measure == Measure.CONFIRMED
    return db.session.scalar(
        select(Statistic.hour).where(*mine).order_by(Statistic.hour.desc()).limit(1)
    )


def confirmed(letter_id: int, since: datetime) -> list[Hour]:
    """How many confirmed, hour by hour; hours in which nobody did are left out."""
    rows = db.session.execute(
        select(Statistic.hour, Statistic.key, Statistic.number)
        .where(
            Statistic.letter_id == letter_id,
            Statistic.measure == Measure.CONFIRMED,
            Statistic.hour >= since,
        )
        .order_by(Statistic.hour)
    )
    return [Hour(*row) for row in rows]


def sums(letter_id: int) -> dict[Measure, Counter[str]]:
    """All that is counted by the day, summed up from the letter's beginning."""
    return sums_of(letter_id, [each for each in Measure if each is not Measure.CONFIRMED])


def sums_of(letter_id: int, measures: Iterable[Measure]) -> dict[Measure, Counter[str]]:
    """Some of what is counted by the day, summed up from the letter's beginning."""
    rows = db.session.execute(
        select(Statistic.measure, Statistic.key, func.sum(Statistic.number))
        .where(Statistic.letter_id == letter_id, Statistic.measure.in_(measures))
        .group_by(Statistic.measure, Statistic.key)
    )
    found: dict[Measure, Counter[str]] = {each: Counter() for each in Measure}
    for measure, key, number in rows:
        found[Measure(measure)][key] = int(number)
    return found


def names_of(organizer_ids: Iterable[int]) -> dict[int, str]:
    """What organizers are called: their name, or their address where they gave none."""
    rows = db.session.execute(
        select(Organizer.id, Organizer.name, Organizer.email).where(Organizer.id.in_(organizer_ids))
    )
    return {number: name or email for number, name, email in rows}


def affiliations(letter_id: int, limit: int) -> list[tuple[str, int]]:
    """What most of the public names belong to, as last counted."""
    rows = db.session.execute(
        select(NameGroup.label, NameGroup.number)
        .where(NameGroup.letter_id == letter_id, NameGroup.grouping == Grouping.AFFILIATION)
        .order_by(NameGroup.number.desc(), NameGroup.label)
        .limit(limit)
    )
    return [(label, number) for label, number in rows]


@dataclass
class Mailed:
    """How the mails to one domain fared."""

    sent: int = 0
    waited: list[timedelta] = field(default_factory=list)
    """From the mail to the confirmation, of those who confirmed; ascending."""

    @property
    def confirmed(self) -> int:
        return len(self.waited)

    @property
    def share(self) -> float:
        """Of the mails sent, those that were followed; from 0 to 1."""
        return len(self.waited) / self.sent if self.sent else 0.0

    def within(self, share: float) -> timedelta | None:
        """The time in which such a share of those who confirmed did so."""
        return self.waited[int(share * (len(self.waited) - 1) + 0.5)] if self.waited else None


def mailed(letter_id: int, since: datetime, before: datetime) -> dict[str, Mailed]:
    """Of the latest who signed: by the domain of their mail, who confirmed, and how soon.

    Args:
        since: of mails that were sent before, some signatures or addresses are forgotten by now.
        before: who was sent the mail later may not have read it yet.
    """
    latest = (
        select(Signature.id, Signature.email, Signature.confirmed_at)
        .where(Signature.letter_id == letter_id)
        .order_by(Signature.id.desc())
        .limit(LATEST)
        .subquery()
    )
    # Looked up for each, and not joined: these are few, and the mails may be many.
    first = (
        select(func.min(OutgoingMail.sent_at))
        .where(OutgoingMail.signature_id == latest.c.id, OutgoingMail.kind == Kind.CONFIRM)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(latest.c.email, latest.c.confirmed_at, first).where(latest.c.email.is_not(None))
    )
    found: defaultdict[str, Mailed] = defaultdict(Mailed)
    for email, confirmed_at, sent_at in rows:
        if sent_at is None or not since <= sent_at <= before:
            continue
        domain = found[email.rpartition("@")[2].lower()]
        domain.sent += 1
        if confirmed_at is not None:
            domain.waited.append(max(timedelta(), confirmed_at - sent_at))
    for each in found.values():
        each.waited.sort()
    return dict(found)


@dataclass(frozen=True)
class Text:
    """A text that took the place of another."""

    at: datetime
    number: int


def texts(letter_id: int, since: datetime) -> list[Text]:
    """The latest texts that took the place of others, in order."""
    rows = db.session.execute(
        select(Revision.published_at, Revision.number)
        .where(
            Revision.letter_id == letter_id,
            Revision.published_at >= since,
            Revision.change.in_([Change.CORRECTION, Change.SUBSTANCE]),
        )
        .order_by(Revision.number.desc())
        .limit(MOST_MARKS)
    )
    return [Text(*row) for row in rows][::-1]


@dataclass(frozen=True)
class Rise:
    """A burst, as far as it can be told."""

    at: datetime
    rising: Rising
    label: str
    number: int


def bursts(letter_id: int, since: datetime) -> list[Rise]:
    """The latest bursts, in order."""
    rows = db.session.execute(
        select(Burst.began_at, Burst.rising, Burst.label, Burst.number)
        .where(Burst.letter_id == letter_id, Burst.began_at >= since)
        .order_by(Burst.id.desc())
        .limit(MOST_MARKS)
    )
    found: Sequence[Rise] = [Rise(at, Rising(by), label, n) for at, by, label, n in rows]
    return sorted(found, key=lambda each: each.at)
