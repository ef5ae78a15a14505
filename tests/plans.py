"""Which tables a database would read from end to end for what is asked of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from petition.extensions import db

Asked = list[tuple[str, Any]]
_WHOLE = re.compile(r"(?:SCAN|Seq Scan on) (\w+)")


@contextmanager
def recorded() -> Iterator[Asked]:
    """What is asked inside, with its values."""
    seen: Asked = []

    def record(_c: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, values))

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", record)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", record)


def read_whole(these: Asked) -> set[str]:
    """The tables that are read so for them."""
    postgresql = db.engine.dialect.name == "postgresql"
    explain = "EXPLAIN" if postgresql else "EXPLAIN QUERY PLAN"
    with db.engine.connect() as connection:
        if postgresql:  # a few rows it would rather read through
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        steps = [
            str(step[-1])
            for statement, values in these
            for step in connection.exec_driver_sql(f"{explain} {statement}", values)
        ]
    return {table for step in steps for table in _WHOLE.findall(step)}
