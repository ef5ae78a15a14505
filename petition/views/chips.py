"""What is looked for in the queue, in words that can be taken away one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import format_datetime, gettext

from petition import reasons, signals
from petition.forms.queue import STATES
from petition.languages import autonym
from petition.queries.filters import NOTICED, Filter
from petition.views.spots import Spot

_NOTHING = Filter()


@dataclass(frozen=True)
class Chip:
    """One thing that is looked for, and the address without it."""

    words: str
    without: str


def of(spot: Spot, slug: str, team_reasons: reasons.Kept, called: Mapping[int, str]) -> list[Chip]:
    """All that is looked for.

    Args:
        called: the organizers of the team, by their numbers.
    """
    return [
        Chip(words, replace(spot.first(), wanted=replace(spot.wanted, **without)).address(slug))
        for words, without in _said(spot.wanted, team_reasons, called)
    ]


def _said(
    wanted: Filter, team_reasons: reasons.Kept, called: Mapping[int, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, say in _WORDS.items():
        value = getattr(wanted, name)
        if value not in (None, ""):
            yield str(say(value)), {name: getattr(_NOTHING, name)}
    if wanted.reason:
        why = reasons.name(wanted.reason, team_reasons)
        yield str(gettext("Rejected for: %(reason)s", reason=why)), {"reason": ""}
    if wanted.assignee is not None:
        who = called.get(wanted.assignee, gettext("somebody"))
        yield str(gettext("In the hands of %(who)s", who=who)), {"assignee": None}


def _noticed(signal: Any) -> str:
    if signal == NOTICED:
        return str(gettext("Something was noticed"))
    return str(signals.NAMES.get(signal, signal.code))


def _when(moment: datetime) -> str:
    return str(format_datetime(moment, f"d MMM y, HH:mm{':ss' if moment.second else ''}"))


_WORDS: dict[str, Any] = {
    "text": lambda words: f"“{words}”",
    "who": lambda _: gettext("One e-mail address"),
    "domain": lambda domain: f"@{domain}",
    "network": lambda network: gettext("From %(network)s", network=network),
    "from_network": lambda _: gettext("From one network"),
    "name": lambda _: gettext("One name, and what looks like it"),
    "state": lambda state: STATES[state],
    "signal": _noticed,
    "comment": lambda _: gettext("With a comment"),
    "revision": lambda number: gettext("Text No. %(number)s", number=number),
    "language": autonym,
    "since": lambda moment: gettext("Signed since %(moment)s", moment=_when(moment)),
    "until": lambda moment: gettext("Signed before %(moment)s", moment=_when(moment)),
    "sweep": lambda number: gettext("Decided together, No. %(number)s", number=number),
}
