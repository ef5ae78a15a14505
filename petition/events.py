"""What happened to a letter, as programs that follow it are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from petition import links, public
from petition.models import Change, Letter, Life, Milestone, Revision
from petition.public import PublicLetter, PublicRevision


@dataclass(frozen=True)
class Event:
    """Something that happened to a letter."""

    kind: str
    """`opened`, `milestone`, `goal`, `closed` or `outcome`; or what a text is (`Change`)."""
    at: datetime
    id: str
    """Of the event within its letter, for good: the last part of its Atom id."""
    url: str
    """Where there is more about it."""
    number: int = 0
    """Of a milestone: how many had signed."""
    text: PublicRevision | None = None
    retitled: bool = False
    """Whether the text has another title than the one before it in its language."""


def of_letter(
    letter: PublicLetter,
    row: Letter,
    texts: Iterable[Revision],
    milestones: Iterable[Milestone],
    most: int,
) -> list[Event]:
    """What happened to a letter since the world could first read it, the latest first.

    What passes again, as a pause does, is not among it.

    Args:
        texts: all of which the letter was published, the latest first.
        milestones: the latest first.
        most: so many events are told.
    """
    told = []
    if letter.life is Life.CLOSED and letter.closes_at is not None:
        if letter.outcome or letter.outcome_message:
            at = max(letter.closes_at, row.outcome_at or letter.closes_at)
            told.append(Event("outcome", at, "outcome", letter.url))
        told.append(Event("closed", letter.closes_at, "closed", letter.url))
    for milestone in milestones:
        kind = "goal" if milestone.number in row.goals else "milestone"
        told.append(
            Event(
                kind,
                milestone.reached_at,
                f"milestone/{milestone.number}",
                letter.url,
                milestone.number,
            )
        )
    latest_first = list(texts)
    told.extend(
        _of_text(letter, public.revision(each), _is_retitled(each, latest_first[at:]))
        for at, each in enumerate(latest_first[:most])
        if each.change != Change.FIRST and each.published_at > letter.published_at
    )
    told.append(Event("opened", letter.published_at, "opened", letter.url))
    return sorted(told, key=lambda event: event.at, reverse=True)[:most]


def _is_retitled(text: Revision, from_it_on: Iterable[Revision]) -> bool:
    titles = [each.title for each in from_it_on if each.language == text.language]
    return len(titles) > 1 and titles[0] != titles[1]


def _of_text(letter: PublicLetter, text: PublicRevision, retitled: bool) -> Event:
    if text.change is Change.TRANSLATION:
        url = letter.address_in(text.language)
    else:
        place = {"slug": letter.slug, "number": text.number, "lang": letter.lang}
        url = links.absolute("revisions.show", **place)
    return Event(
        text.change,
        text.published_at,
        f"text/{text.number}",
        url,
        text=text,
        retitled=retitled,
    )
