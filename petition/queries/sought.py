"""What the signatures of a sweep have in common: what a filter knows, and the look of a name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from petition import folding
from petition.exceptions import FilterInvalid
from petition.queries.filters import Filter

PATTERN_LENGTH = 100


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
        return not self.pattern or self._look.fullmatch(folding.folded(name)) is not None

    @cached_property
    def _look(self) -> re.Pattern[str]:
        stands_for = {"*": ".*", "?": "."}
        parts = re.split(r"([*?])", re.sub(r"\*+", "*", folding.folded(self.pattern)))
        return re.compile("".join(stands_for.get(part, re.escape(part)) for part in parts))


def _is_good(pattern: str) -> bool:
    """A star is cheap and many are not; without any letter, it would be everybody."""
    named = any(character.isalnum() for character in pattern)
    return named and len(pattern) <= PATTERN_LENGTH and pattern.count("*") <= 4
