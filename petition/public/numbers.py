"""The numbers of a letter, as other sites show them. Fields are only ever added."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from petition import phrases, sites
from petition.languages import direction
from petition.public.letters import PublicLetter
from petition.sources import Via


def count(letter: PublicLetter, blocked: Iterable[str], as_of: datetime) -> dict[str, Any]:
    """The numbers that other sites show. Fields are only ever added.

    Args:
        blocked: sites that show nothing of the letter.
        as_of: before they were read: all that was published until then is counted.
    """
    return figures(letter) | {
        "as_of": instant(as_of),
        "not_on": [sites.shorthand(each) for each in blocked],
    }


def figures(letter: PublicLetter) -> dict[str, Any]:
    """How a letter stands, whoever asks."""
    return {
        "letter": letter.slug,
        "title": letter.title,
        "url": letter.url,
        "count": letter.count,
        "goal": letter.goal,
        "state": letter.life.value,
        "being_checked": letter.being_checked,
        "paper": letter.paper,
        "paused": letter.paused,
        "outcome": letter.outcome.value if letter.outcome else None,
    }


def card(
    letter: PublicLetter,
    blocked: Iterable[str],
    texts: Mapping[str, Mapping[str, Any]],
    names: Sequence[str],
    as_of: datetime,
) -> dict[str, Any]:
    """All that an element on another site shows of a letter. Fields are only ever added.

    Args:
        blocked: sites that show nothing of the letter.
        as_of: before the numbers were read.
        texts: `card_text` by language, the letter's own first.
        names: of the latest, as they are called.
    """
    return count(letter, blocked, as_of) | {
        "language": letter.language,
        "texts": texts,
        "names": names,
    }


def card_text(letter: PublicLetter, names: Sequence[str], spoken: str) -> dict[str, Any]:
    """What an element on another site says in one of the letter's languages.

    Args:
        spoken: the language of our own words, which is the one spoken now.
    """
    return {
        "title": letter.title,
        "url": letter.via(Via.EMBED),
        "direction": direction(letter.language),
        "spoken": spoken,
        "spoken_direction": direction(spoken),
        "latest": phrases.latest(names),
        "words": phrases.beside_count(),
    }


def instant(moment: datetime) -> str:
    """A moment in UTC, as files say it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
