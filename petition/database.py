"""How the two databases are opened, read and written.

Everything outside `writing()` and `write_in_turn()` reads. That is more than a convention: on
SQLite a transaction that began by reading cannot wait for its turn to write (it fails at once,
whatever the busy timeout), so a writer must say so with its first word, `BEGIN IMMEDIATE`; and on
PostgreSQL a reader needs no transaction at all, which saves two round trips a page.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Dialect, Engine, Select, Table, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, scoped_session
from sqlalchemy.sql.dml import UpdateBase

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy.dialects import postgresql, sqlite

BUSY_TIMEOUT = 15
"""Seconds an SQLite writer waits for another before it gives up."""

_writing: ContextVar[Connection | None] = ContextVar("writing", default=None)
"""The transaction that `writing()` is in."""
_still: ContextVar[bool] = ContextVar("still", default=False)


class RoutingSession(FlaskSession):
    """A session that reads by one road and writes by another."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        if connection := _writing.get():
            return connection
        bind = super().get_bind(*args, **kwargs)
        if not isinstance(bind, Engine):
            return bind
        return _at_one_instant(bind) if _still.get() else _for_reading(bind)

    @property
    def engine(self) -> Engine:
        """The database as it is, to write to it."""
        return cast(Engine, super().get_bind())


@lru_cache(maxsize=32)
def _at_one_instant(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(reading=True)  # one transaction sees one instant there
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@lru_cache(maxsize=32)
def _for_reading(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(reading=True)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def writing(sessions: "scoped_session[Any]") -> Iterator[None]:
    """One transaction that writes: committed at the end of the block, undone if it raises.

    A block inside another joins it. What was read before the block stays usable, but is not
    protected by it: read again, inside, what the decision rests on.
    """
    if _writing.get():
        yield
        return
    session: RoutingSession = sessions()
    _end_reading(sessions)
    # The session joins when it is asked for something. A crowd's transactions do without: to
    # begin and end one of the ORM takes longer than what they write.
    with session.engine.begin() as connection:
        token = _writing.set(connection)
        try:
            yield
            if session.in_transaction():
                session.commit()
        except BaseException:
            if session.in_transaction():
                session.rollback()
            raise
        finally:
            _writing.reset(token)


def _end_reading(sessions: "scoped_session[Any]") -> None:
    if sessions.registry.has() and sessions().in_transaction():
        sessions().commit()  # nothing is pending, so nothing is written


@contextmanager
def snapshot(sessions: "scoped_session[Any]") -> Iterator[None]:
    """Reads that all see the instant of the first of them, whatever is written meanwhile.

    They keep nobody from writing, but the database from tidying up: not for long, therefore.
    """
    session = sessions()
    session.rollback()
    token = _still.set(True)
    try:
        yield
    finally:
        session.rollback()
        _still.reset(token)


def _at_hand(sessions: "scoped_session[Any]") -> Connection:
    """The connection of the transaction that `writing()` is in."""
    return _writing.get() or cast(Connection, sessions().connection())


@dataclass(frozen=True)
class Step:
    """A part of a transaction: a statement that is built once, and its values of this time."""

    statement: UpdateBase
    values: dict[str, Any]


@dataclass(frozen=True)
class Lock:
    """A number that one transaction at a time holds, to its end.

    To be taken before what it guards is looked at: a statement that takes it by the way has
    looked already. SQLite has one writer, who needs no lock.
    """

    number: int
    """Of 64 bits, signed."""


Turn = Lock | Step | tuple[Step, ...]
"""Steps in a tuple are taken as `take` takes them."""


def write_in_turn(db: SQLAlchemy, *turns: Turn) -> None:
    """One transaction of turns and nothing else, each taken as `take_in_turn` takes it.

    It takes the extension, since it needs no session.

    PostgreSQL hears that it ends in the same go, too.
    """
    if _writing.get() or db.engine.dialect.name == "sqlite":
        with writing(db.session):
            take_in_turn(db.session, *turns)
        return
    _end_reading(db.session)
    with db.engine.connect() as connection, _in_one_go(connection) as raw:
        _say(connection, turns)
        raw.execute("COMMIT")  # its own `commit()` would wait for what was said before


def take_in_turn(sessions: "scoped_session[Any]", *turns: Turn) -> None:
    """Take steps that nobody here needs the answers of, inside `writing()`.

    Each sees what those before it did. For what a crowd does at once: PostgreSQL hears all of
    them in one go and answers in one, by the pipeline of its protocol
    (https://www.psycopg.org/psycopg3/docs/advanced/pipeline.html), where each of them alone
    would cost a round trip and the work of SQLAlchemy around it.
    """
    connection = _at_hand(sessions)
    if connection.dialect.name == "sqlite":
        for turn in turns:
            if not isinstance(turn, Lock):
                take(sessions, *(turn if isinstance(turn, tuple) else (turn,)))
        return
    with _in_one_go(connection):
        _say(connection, turns)


@contextmanager
def _in_one_go(connection: Connection) -> "Iterator[psycopg.Connection[Any]]":
    """Tell PostgreSQL all that is told inside before hearing what it answers."""
    raw = _raw(connection)
    with _as_ours(connection), raw.pipeline():
        yield raw


def _say(connection: Connection, turns: Iterable[Turn]) -> None:
    with _raw(connection).cursor() as cursor:
        for turn in turns:
            if isinstance(turn, Lock):
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", (turn.number,))
                continue
            steps = turn if isinstance(turn, tuple) else (turn,)
            for compiled in _compiled(connection.dialect, *(step.statement for step in steps)):
                cursor.execute(compiled.text, compiled.parameters(_values(steps)))


def _raw(connection: Connection) -> "psycopg.Connection[Any]":
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


@contextmanager
def alone(
    sessions: "scoped_session[Any]",
    column: InstrumentedAttribute[Any],
    failure: type[Exception],
) -> Iterator[None]:
    """Write what nobody else may have the same of, inside `writing()`, as `once` does.

    What the session holds back is written here.
    """
    with once(column, failure):
        yield
        sessions().flush()


@contextmanager
def once(column: InstrumentedAttribute[Any], failure: type[Exception]) -> Iterator[None]:
    """Write what nobody else may have the same of.

    To look first does not do: somebody may be writing the same.

    Args:
        column: whose values are unique; a whole primary key, or no part of one.
        failure: what to raise where somebody has the value.
    """
    try:
        yield
    except IntegrityError as error:
        if not _is_about(column, error):
            raise
        raise failure from None


def _is_about(column: InstrumentedAttribute[Any], error: IntegrityError) -> bool:
    """PostgreSQL names the constraint that was broken, SQLite the column."""
    table = column.class_.__tablename__
    told = getattr(error.orig, "diag", None)
    if told is not None:
        named = f"pk_{table}" if column.primary_key else f"uq_{table}_{column.key}"
        return bool(told.constraint_name == named)
    return str(error.orig) == f"UNIQUE constraint failed: {table}.{column.key}"


@contextmanager
def _as_ours(connection: Connection) -> Iterator[None]:
    """Let the driver's errors look as they do everywhere else, without a parameter in them."""
    dialect = cast(DefaultDialect, connection.dialect)
    error = dialect.loaded_dbapi.Error
    try:
        yield
    except error as problem:
        if _raw(connection).closed:
            connection.invalidate(problem)
            connection.engine.dispose()  # the server is gone for the others in the pool too
        raise DBAPIError.instance(
            None, None, problem, error, hide_parameters=True, dialect=dialect
        ) from problem


def _values(steps: Iterable[Step]) -> dict[str, Any]:
    return {name: value for step in steps for name, value in step.values.items()}


class Answer(Protocol):
    """What a database says to a statement."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...


def take(sessions: "scoped_session[Any]", *steps: Step) -> Answer:
    """Take steps that need no answer from each other, inside `writing()`.

    For what a crowd does at once. PostgreSQL gets all steps as one statement, which saves round
    trips; each then sees what stood there before all of them. SQLite, which has no way to go,
    takes one after the other. A name that several steps use has the same value in all.

    Returns:
        What the last step answers.
    """
    connection, values = _at_hand(sessions), _values(steps)
    for compiled in _compiled(connection.dialect, *(step.statement for step in steps)):
        answer = compiled.run(connection, values)
    return answer


def look(
    sessions: "scoped_session[Any]", statement: Select[Any], values: dict[str, Any]
) -> Sequence[Any] | None:
    """The first row that a statement finds, inside `writing()`, as plain values.

    For what a crowd looks at: the statement is built once, and PostgreSQL asked without SQLAlchemy.

    Returns:
        None, where it finds nothing.
    """
    connection = _at_hand(sessions)
    if connection.dialect.name == "sqlite":
        return connection.execute(statement, values).first()
    compiled, readers = _looked(connection.dialect, statement)
    row = compiled.run(connection, values).fetchone()
    if row is None:
        return None
    return [read(value) if read else value for read, value in zip(readers, row, strict=True)]


@lru_cache(maxsize=64)
def _looked(
    dialect: Dialect, statement: Select[Any]
) -> "tuple[_Compiled, list[Callable[[Any], Any] | None]]":
    """A statement as text, and what makes values of what the driver reads."""
    types = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
    return _compile(dialect, statement), [each.result_processor(dialect, None) for each in types]


@dataclass(frozen=True)
class _Compiled:
    """A statement as text. To recognize one that it knows costs SQLAlchemy more than to run it."""

    text: str
    constants: dict[str, Any]
    converters: dict[str, Callable[[Any], Any]]

    def run(self, connection: Connection, values: dict[str, Any]) -> Answer:
        parameters = self.parameters(values)
        if connection.dialect.name == "sqlite":
            return connection.exec_driver_sql(self.text, parameters)
        with _as_ours(connection):
            return _raw(connection).execute(self.text, parameters)

    def parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        parameters = self.constants | values
        for name, convert in self.converters.items():
            parameters[name] = convert(parameters[name])
        return parameters


@lru_cache(maxsize=64)
def _compiled(dialect: Dialect, *statements: UpdateBase) -> list[_Compiled]:
    if dialect.name == "sqlite":
        named = cast(type[DefaultDialect], type(dialect))(paramstyle="named")
        return [_compile(named, statement) for statement in statements]
    *others, last = statements
    ctes = [each.cte(f"step_{number}") for number, each in enumerate(others)]
    return [_compile(dialect, last.add_cte(*ctes))]


def _compile(dialect: Dialect, statement: UpdateBase | Select[Any]) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    converters = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in compiled.binds.items()
    }
    return _Compiled(
        compiled.string,
        {name: value for name, value in compiled.params.items() if value is not None},
        {name: convert for name, convert in converters.items() if convert is not None},
    )


def lock(sessions: "scoped_session[Any]", number: int) -> None:
    """Wait until nobody else holds this number, and hold it to the end of the transaction."""
    take_in_turn(sessions, Lock(number))


def load(
    sessions: "scoped_session[Any]", model: type[DeclarativeBase], rows: list[dict[str, Any]]
) -> None:
    """Insert many rows, all with the same columns, inside `writing()`."""
    connection, table = sessions().connection(), cast(Table, model.__table__)
    if connection.dialect.name == "sqlite":
        connection.execute(table.insert(), rows)
        return
    columns = ", ".join(rows[0])
    copy_in = f"COPY {table.name} ({columns}) FROM STDIN"
    with cast(Any, connection.connection.cursor()) as cursor, cursor.copy(copy_in) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def empty_log(engine: Engine) -> bool:
    """Leave nothing beside an SQLite database of what was overwritten in it.

    A page that was changed stands in the log (`-wal`) as it was before, until the log is written
    over. Who reads at that moment is waited for, though not for long.

    Returns:
        Whether the log is empty; never a question with PostgreSQL.
    """
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA busy_timeout = 1000")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone() or (True,)
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000}")
    return not busy


def log_is_empty(engine: Engine) -> bool:
    """Whether nothing stands beside an SQLite database; never a question with PostgreSQL."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return True
    log = Path(f"{engine.url.database}-wal")
    return not (log.exists() and log.stat().st_size)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # transactions begin where we say so, below
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # A commit waits for the disk: a signature that was answered survives a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def insert(dialect: str, model: type[DeclarativeBase]) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that knows ON CONFLICT, as this database spells it.

    It is of the table rather than of the class: a plain statement, without the ORM's bulk paths.
    """
    table = cast(Table, model.__table__)
    # Only the database at hand is worth its place in memory.
    module = import_module(f"sqlalchemy.dialects.{dialect}")
    return cast("postgresql.Insert | sqlite.Insert", module.insert(table))


def engine_options(url: str) -> dict[str, Any]:
    """Options of the engine for this database; parameters never reach a log or an error page."""
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 8, "max_overflow": 16}
    if url.startswith("postgresql"):
        options["pool_pre_ping"] = False
        options["pool_recycle"] = 1800
        options["connect_args"] = {
            "connect_timeout": 5,
            "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
            " -c timezone=UTC",
        }
    return options
