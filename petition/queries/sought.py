"""What the signatures of a sweep have in common: what a filter knows, and the look of a name."""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from petition import folding
from petition.exceptions import FilterInvalid
from petition.queries.filters import Filter

PATTERN_LENGTH = 100
LOOKED_AT = 500
"""Characters of a folded name that are compared with a pattern."""


@dataclass(frozen=True)
class Sought:
    """What is looked for."""

    filter: Filter
    pattern: str = ""
    """Of the name, in which `*` stands for anything and `?` for one character."""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Sought":
        """What a form asks for, or what is kept with a sweep.

        Raises:
            FilterInvalid: with the names of all that cannot be understood.
        """
        pattern = args.get("pattern", "").strip()
        wrong = {"pattern"} if pattern and not _is_good(pattern) else set()
        try:
            wanted = Filter.read(args)
        except FilterInvalid as problem:
            raise FilterInvalid(wrong | problem.what) from None
        if wrong:
            raise FilterInvalid(wrong)
        return cls(wanted, pattern)

    def conditions(self) -> dict[str, str]:
        """What is kept; read again, it is the same."""
        return self.filter.address() | ({"pattern": self.pattern} if self.pattern else {})

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.conditions())

    def fits(self, name: str) -> bool:
        """Whether a name looks so; case and accents make no difference."""
        return not self.pattern or self._look.match(_looked_at(name)) is not None

    @cached_property
    def _look(self) -> re.Pattern[str]:
        """It goes over a name once, however many stars there are."""
        return re.compile(fnmatch.translate(folding.folded(self.pattern).replace("[", "[[]")))


def _looked_at(name: str) -> str:
    """Some letters are a whole sentence once they are folded."""
    return folding.folded(name)[:LOOKED_AT]


def _is_good(pattern: str) -> bool:
    """A star is cheap and many are not; without any letter, it would be everybody."""
    folded = folding.folded(pattern)
    named = any(character.isalnum() for character in folded)
    return named and len(folded) <= PATTERN_LENGTH and folded.count("*") <= 4
