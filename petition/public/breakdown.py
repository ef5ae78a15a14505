"""How the count of a letter is made: what is in it, what is not, and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from petition import reasons
from petition.models import Counts, Letter, Moderation, Removal, Sweep
from petition.public.letters import PublicLetter
from petition.public.numbers import figures, instant


@dataclass(frozen=True)
class Removed:
    """Signatures that stand rejected for one reason."""

    words: str
    """Why, in the words of a language."""
    reason: str
    """Why, as files say it."""
    number: int
    first: date
    last: date
    """The days, in UTC, between which they were."""


@dataclass(frozen=True)
class Invalidation:
    """Signatures that were rejected together, by what was wrong with all of them."""

    words: str
    reason: str
    number: int
    """How many were rejected by it."""
    back: int
    """How many of them came back, when it was undone."""
    day: date
    undone: date | None


@dataclass(frozen=True)
class Composition:
    """How the count of a letter is made: what is in it, and what is not. No name is."""

    confirmed: int
    """Confirmed by e-mail, and published."""
    invented: int
    """Counted for a demonstration, and confirmed by nobody."""
    invented_exact: bool
    """Otherwise there are more, and all of them are among the confirmed."""
    hidden: int
    """How many of the confirmed hide their name."""
    hidden_exact: bool
    """Otherwise there are more."""
    withdrawn: int
    rejected: int
    removed: tuple[Removed, ...]
    """The rejected ones by reason, the most frequent first."""
    daily: tuple[Removed, ...]
    """The same by day and reason, latest day first."""
    invalidations: tuple[Invalidation, ...]
    """Latest first. What was not undone of them is among the rejected."""
    some_held: bool
    """What looks odd waits for a moderator."""
    all_held: bool
    """Whatever is confirmed waits, and always did."""
    held_now: bool
    """Whatever is confirmed waits for a while; what was confirmed before did not."""


def composition(
    row: Letter,
    counts: Counts,
    *,
    hidden: int,
    most_hidden: int,
    invented: int,
    most_invented: int,
    removed: Iterable[Removal],
    invalidations: Iterable[Sweep],
    team_reasons: Sequence[Mapping[str, Any]],
    language: str,
) -> Composition:
    """How the count of a letter is made, in the words of a language.

    Args:
        hidden: how many of the published hide their name, counted to one above `most_hidden`.
        invented: how many of them are, counted to one above `most_invented`.
        removed: by day and reason, latest day first.
        team_reasons: as they are kept with the letter's team.
    """

    def wording(code: str) -> str:
        return reasons.wording(code, team_reasons, language)

    daily = tuple(
        Removed(wording(each.reason), each.reason, each.number, each.day, each.day)
        for each in removed
    )
    exact = invented <= most_invented
    return Composition(
        confirmed=counts.published - invented if exact else counts.published,
        invented=min(invented, most_invented),
        invented_exact=exact,
        hidden=min(hidden, most_hidden),
        hidden_exact=hidden <= most_hidden,
        withdrawn=counts.withdrawn,
        rejected=sum(each.number for each in daily),
        removed=_by_reason(daily),
        daily=daily,
        invalidations=tuple(_invalidation(each, wording) for each in invalidations),
        some_held=bool(row.hold),
        all_held=row.moderation == Moderation.BEFORE,
        held_now=row.holds_all and row.moderation != Moderation.BEFORE,
    )


def _by_reason(daily: Iterable[Removed]) -> tuple[Removed, ...]:
    """The most frequent first; reasons of one wording are one."""
    said: dict[str, list[Removed]] = {}
    for each in daily:
        said.setdefault(each.words, []).append(each)
    summed = (
        Removed(
            words,
            those[0].reason,
            sum(each.number for each in those),
            min(each.first for each in those),
            max(each.last for each in those),
        )
        for words, those in said.items()
    )
    return tuple(sorted(summed, key=lambda each: (-each.number, each.words)))


def _invalidation(sweep: Sweep, wording: Callable[[str], str]) -> Invalidation:
    began = sweep.began_at or sweep.created_at
    return Invalidation(
        words=wording(sweep.reason or ""),
        reason=sweep.reason or "",
        number=sweep.moved,
        back=sweep.back,
        day=began.date(),
        undone=sweep.undone_at.date() if sweep.undone_at else None,
    )


def composed(letter: PublicLetter, made_of: Composition) -> dict[str, Any]:
    """How the count of a letter is made, for a program. Fields are only ever added."""
    return figures(letter) | {
        "language": letter.language,
        "since": instant(letter.published_at),
        "confirmed": made_of.confirmed,
        "invented": made_of.invented,
        "invented_exact": made_of.invented_exact,
        "names_hidden": made_of.hidden,
        "names_hidden_exact": made_of.hidden_exact,
        "withdrawn": made_of.withdrawn,
        "rejected": made_of.rejected,
        "rejected_by_reason": [
            {
                "reason": each.reason,
                "words": each.words,
                "number": each.number,
                "first": each.first.isoformat(),
                "last": each.last.isoformat(),
            }
            for each in made_of.removed
        ],
        "rejected_by_day": [
            {"day": each.last.isoformat(), "reason": each.reason, "number": each.number}
            for each in made_of.daily
        ],
        "invalidations": [
            {
                "day": each.day.isoformat(),
                "reason": each.reason,
                "words": each.words,
                "number": each.number,
                "undone": each.undone.isoformat() if each.undone else None,
                "back": each.back,
            }
            for each in made_of.invalidations
        ],
        "moderation": "before" if made_of.all_held else "after",
        "held_for_now": made_of.held_now,
    }
