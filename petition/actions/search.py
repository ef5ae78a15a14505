"""A visitor looks for letters."""

from petition import limits


def count_try(visitor: str | None) -> None:
    """Count a search: no answer to it is remembered, and each reads all letters.

    Raises:
        TooOften: this network searches too much.
    """
    limits.check("search", limits.SEARCH, visitor)
