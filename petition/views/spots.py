"""Where in the queue an organizer is, as addresses say it and forms send it along."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import request, url_for

from petition import numerals
from petition.exceptions import FilterInvalid, NotFound
from petition.queries.filters import Filter
from petition.queries.queue import Tab

_ONE = "signature"
_LONGEST = 4_000
"""Characters of what is sent along."""
_CURSOR = re.compile("[0-9a-f]{1,16}(-[0-9a-f]{1,16})?")


@dataclass(frozen=True)
class Spot:
    """A tab of the queue, what is looked for in it, and after what; or the page of a signature."""

    tab: Tab = Tab.WAITING
    wanted: Filter = field(default_factory=Filter)
    after: str | None = None
    signature: int | None = None
    wrong: frozenset[str] = frozenset()
    """The names of what is looked for and was not understood."""

    @property
    def at(self) -> str:
        """What forms call it."""
        return _ONE if self.signature is not None else self.tab.value

    @property
    def words(self) -> dict[str, Any]:
        """What stands in its address, beside the letter."""
        tab = {} if self.tab is Tab.WAITING else {"tab": self.tab.value}
        return tab | self.wanted.address() | ({"after": self.after} if self.after else {})

    def along(self) -> dict[str, str]:
        """What a form sends along beside `at`, to be led back."""
        if self.signature is not None:
            return {"back": str(self.signature)}
        words = {name: value for name, value in self.words.items() if name != "tab"}
        return {"back": urlencode(words)} if words else {}

    def first(self) -> "Spot":
        """The first page of what is looked for."""
        return replace(self, after=None)

    def address(self, slug: str, anchor: str = "") -> str:
        """The address of the page."""
        if self.signature is not None:
            return url_for(
                "moderation.signature",
                slug=slug,
                signature_id=self.signature,
                _anchor=anchor or None,
            )
        return url_for("moderation.queue", slug=slug, _anchor=anchor or None, **self.words)


def here() -> Spot:
    """Where a page is asked for, or where a form was sent from.

    Raises:
        NotFound: there is no such tab, or no such cursor.
    """
    if request.method in {"GET", "HEAD"}:
        return asked(request.args.get("tab", Tab.WAITING.value), request.args)
    at, back = request.form.get("at", ""), request.form.get("back", "")[:_LONGEST]
    if at == _ONE:
        return Spot(tab=Tab.ALL, signature=number(back))
    return asked(at if at in set(Tab) else Tab.WAITING.value, dict(parse_qsl(back)))


def asked(tab: str, args: Mapping[str, str]) -> Spot:
    """A tab, with what is looked for in it; what of that is not understood is left out, and told.

    Raises:
        NotFound: there is no such tab, or no such cursor.
    """
    after = args.get("after")
    if tab not in set(Tab) or (after is not None and not _CURSOR.fullmatch(after)):
        raise NotFound
    try:
        return Spot(Tab(tab), Filter.read(args), after)
    except FilterInvalid as problem:
        understood = {name: args[name] for name in args if name not in problem.what}
        return Spot(Tab(tab), Filter.read(understood), None, wrong=frozenset(problem.what))


def number(value: str | None) -> int | None:
    """The number of a row, out of an address.

    Raises:
        NotFound: it is none.
    """
    if value is None:
        return None
    try:
        return numerals.row(value)
    except ValueError:
        raise NotFound from None
