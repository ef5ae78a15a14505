"""Numbers as they stand in addresses: of rows, of 64 bits that are a key, and places in a list."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

LARGEST = 2**63 - 1
"""The largest number that a row can have; a larger one is nobody's."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def row(typed: str) -> int:
    """The number of a row.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch("[0-9]{1,19}", typed) or int(typed) > LARGEST:
        raise ValueError(typed)
    return int(typed)


def hexed(key: int) -> str:
    """A key, such as the look of a name or a network, in 16 digits."""
    return key.to_bytes(8, "big", signed=True).hex()


def unhexed(typed: str) -> int:
    """The key that stands for.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch("[0-9a-f]{16}", typed):
        raise ValueError(typed)
    return int.from_bytes(bytes.fromhex(typed), "big", signed=True)


def cursor(*place: datetime | int) -> str:
    """A place in an order by moments and numbers: to the microsecond, in hex."""
    return "-".join(f"{_whole(each):x}" for each in place)


def _whole(value: datetime | int) -> int:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    return value


def place(cursor: str, parts: int, *, timed: bool) -> tuple[Any, ...]:
    """The place that stands for.

    Args:
        parts: how many there are.
        timed: the first is a moment.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch("[0-9a-f]{1,16}(-[0-9a-f]{1,16})*", cursor):
        raise ValueError(cursor)
    values = [int(part, 16) for part in cursor.split("-")]
    if len(values) != parts or max(values) > LARGEST:
        raise ValueError(cursor)
    if not timed:
        return tuple(values)
    try:
        return _EPOCH + timedelta(microseconds=values[0]), *values[1:]
    except OverflowError:
        raise ValueError(cursor) from None
