"""Tables as files, a piece at a time: CSV that no spreadsheet calculates, and JSON lines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from petition.text import defused

BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for something else."""
PIECE = 200
"""Rows that are sent at once."""


def as_csv(
    columns: Sequence[str], rows: Iterable[Iterable[Any]], *, bom: bool = False
) -> Iterator[str]:
    """RFC 4180, every cell quoted, none of which a spreadsheet calculates."""
    if bom:
        yield BOM
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(defused(column) for column in columns)
    for number, row in enumerate(rows, 1):
        writer.writerow(defused(cell(value)) for value in row)
        if number % PIECE == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def cell(value: Any) -> str:
    """A plain value as it stands in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _emptied(buffer: io.StringIO) -> str:
    written = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return written


def as_json_lines(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One object a line (https://jsonlines.org)."""
    for record in records:
        yield json.dumps(record, ensure_ascii=False) + "\n"
