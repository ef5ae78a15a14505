"""A visitor looks for letters, or for names under one: no answer to that is remembered."""

from petition import limits


def count_for_letters(visitor: str | None) -> None:
    """Count a search that reads all letters.

    Raises:
        TooOften: this network searches too much.
    """
    limits.check("search", limits.SEARCH, visitor)


def count_for_names(visitor: str | None) -> None:
    """Count a search that reads a part of the index of names.

    Raises:
        TooOften: this network searches too much.
    """
    limits.check("search-names", limits.SEARCH_NAMES, visitor)
