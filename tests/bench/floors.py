"""The floors: the least that Python can do on this machine, on the same servers.

`python -m tests.bench.floors web PORT DATABASE` serves bare Flask views with granian as
`petition serve` sets it up. One returns a constant. One reads the posted form and makes one
INSERT, committed, with SQLAlchemy Core and its pool, as a small Flask application would. One does
the same with psycopg alone, on a connection that each thread keeps and that commits by itself:
nothing is left between Flask and the database that could be left out.

`python -m tests.bench.floors mail PORT COUNT FILE` hands one message over again and again with
smtplib, on one connection.
"""

import smtplib
import sys
import threading
from pathlib import Path

import psycopg
from flask import Flask, request
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from sqlalchemy import create_engine, text

from petition import admission
from tests.bench.load import Load

WORKERS = 2
TABLE = (
    "CREATE TABLE floor (id bigserial PRIMARY KEY, name varchar(100) NOT NULL,"
    " email varchar(254) NOT NULL, created_at timestamptz NOT NULL DEFAULT now())"
)

constant = Load("get.lua", "/constant", 200, ("ok",))
insert = Load("sign.lua", "/insert", 200, ("ok",))
insert_by_psycopg = Load("sign.lua", "/insert-by-psycopg", 200, ("ok",))


def app(database: str) -> Flask:
    """The bare views."""
    flask = Flask(__name__)
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:", 1))
    statement = text("INSERT INTO floor (name, email) VALUES (:name, :email)")
    kept = threading.local()

    @flask.get("/constant")
    def constant() -> str:
        return "ok"

    @flask.post("/insert")
    def insert() -> str:
        with engine.begin() as connection:
            connection.execute(
                statement, {"name": request.form["name"], "email": request.form["email"]}
            )
        return "ok"

    @flask.post("/insert-by-psycopg")
    def insert_by_psycopg() -> str:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(database, autocommit=True)
        kept.connection.execute(
            "INSERT INTO floor (name, email) VALUES (%s, %s)",
            (request.form["name"], request.form["email"]),
        )
        return "ok"

    return flask


def serve(port: int, database: str) -> None:
    """Serve the bare views, with as many processes and threads as the platform is given."""
    server = Server(
        "floor",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=admission.AT_WORK,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=lambda: app(database), wrap_loader=False)


def send(port: int, count: int, file: Path) -> None:
    """Hand over a message so many times."""
    message = file.read_bytes()
    with smtplib.SMTP("127.0.0.1", port) as line:
        for _ in range(count):
            line.sendmail("letters@example.org", ["signer@example.org"], message)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["web", port, database]:
            serve(int(port), database)
        case ["mail", port, count, file]:
            send(int(port), int(count), Path(file))
        case _:
            sys.exit(__doc__)
