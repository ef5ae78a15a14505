"""Erased is erased: no word of the person is left in the database, in a file, or in what was said.

Looked for are bytes: in a dump as an operator would make it, in the files as a thief would find
them, and in everything that was logged on the way.
"""

import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from petition import address, caching, config, tokens
from petition.actions import appeals, count_groups, daily, index_names, moderate, notes, verify
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Report, Role, Signature, State
from petition.queries import decisions, tallies
from tests.accounts import make_member
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_letter,
    make_signature,
    signature_path,
)
from tests.postgres import dump
from tests.postman import change, make_worker
from tests.smtp_server import SmtpServer
from tests.time_passing import pass_time

KINDS_OF_WORDS = (
    "name",
    "earlier",
    "affiliation",
    "role",
    "location",
    "comment",
    "answer",
    "report",
    "evidence",
    "note",
    "appeal",
    "retort",
)


@dataclass(frozen=True)
class Person:
    """Somebody all of whose words are unlike any others."""

    mark: str

    @property
    def email(self) -> str:
        """As they type it."""
        return f"Zq.{self.mark}+letters@unheard-{self.mark}.example.org"

    def word(self, kind: str) -> str:
        """What they say of themselves, and others of them."""
        return f"Zq{self.mark}{kind}"

    @property
    def traces(self) -> list[bytes]:
        """What must be nowhere: words, and digests as they are and as they are written down."""
        canonical = address.parse(self.email).canonical
        digests = [address.digest(canonical), address.mailbox(address.parse(self.email).delivery)]
        words = [self.word(kind) for kind in KINDS_OF_WORDS]
        words += [self.email, canonical, f"unheard-{self.mark}", f"zq.{self.mark}"]
        written = [each.hex() for each in digests]
        spelled = {case for word in (*words, *written) for case in (word, word.lower())}
        spelled |= {word.upper() for word in written}
        return sorted({each.encode() for each in spelled} | set(digests))


def _asking() -> None:
    """A letter with a question of its own, and a crowd under it."""
    found = make_letter()
    question = {
        "key": "q1",
        "shape": "text",
        "labels": {"en": "How?"},
        "choices": [],
        "required": False,
        "shown": True,
        "retired": False,
    }
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).questions = [question]
    caching.recent.clear()
    for number in range(30):
        make_signature(found, name=f"Somebody No. {number}", affiliation="The Guild")


def _sign(client: FlaskClient, person: Person) -> int:
    words = {kind: person.word(kind) for kind in ("affiliation", "role", "location", "comment")}
    typed = form(name=person.word("earlier"), email=person.email, updates="y", **words)
    typed["question_q1"] = person.word("answer")
    assert client.post("/letters/a-letter/sign", data=typed).status_code == 303
    signature_id = db.session.query(Signature.id).filter_by(name=person.word("earlier")).scalar()
    assert isinstance(signature_id, int)
    return signature_id


def _live(client: FlaskClient, person: Person, smtp: SmtpServer) -> int:
    """All that can happen to a signature: confirmed, corrected, verified, reported, mailed."""
    signature_id = _sign(client, person)
    _mail(smtp)
    signature = fresh(signature_id)
    own = signature_path(signature)
    confirmed = client.post(confirm_path(signature), data={"decision": "confirm"})
    assert confirmed.status_code == 303
    client.get(confirmed.location)
    assert client.get(own).status_code == 200
    said = {kind: person.word(kind) for kind in ("affiliation", "role", "location", "comment")}
    corrected = {**said, "name": person.word("name"), "question_q1": person.word("answer")}
    answer = client.post(own, data={"decision": "correct", **corrected})
    assert answer.status_code == 303
    member = make_member(f"{person.mark}@example.org", Role.MODERATOR)
    evidence = person.word("evidence")
    letter = db.session.get_one(Letter, signature.letter_id)
    who = verify.Who(*(person.word(kind) for kind in ("name", "role", "affiliation")))
    verify.verify(letter, Role.MODERATOR, member.id, signature_id, who, evidence)
    _argue(client, letter, member.id, signature_id, person)
    while index_names.some_names():
        pass
    count_groups.one_letter()
    line = f"/letters/a-letter/names/{tokens.line(signature_id)}"
    assert person.word("name") in client.get(line).text
    reported = {"cause": "not-me", "words": person.word("report"), "email": person.email}
    for ask, typed in (
        (f"{line}/report", reported),
        ("/letters/a-letter/link", {"email": person.email}),
        ("/letters/a-letter/sign", form(email=person.email, name=person.word("name"))),
        ("/letters/a-letter/code", {"email": person.email, "code": "123456"}),
    ):
        change(created_at=now().replace(year=now().year - 1))
        assert client.post(ask, data=typed).status_code in {303, 422}
    _mail(smtp)
    client.get(f"/letters/a-letter/signatures?q={person.word('name')}")
    assert client.get(f"{own}/data.json").status_code == 200
    return signature_id


def _argue(
    client: FlaskClient, letter: Letter, organizer_id: int, signature_id: int, person: Person
) -> None:
    """Note something, reject, hear that the signer does not agree, answer, think again."""
    by = letter, Role.MODERATOR, organizer_id
    notes.hand_over(*by, signature_id, organizer_id, person.word("note"))
    moderate.reject(*by, signature_id, "abuse", State.PUBLISHED, tells=True)
    decision = decisions.number(signature_id)
    typed = {"decision": "appeal", "appeal": person.word("appeal")}
    assert client.post(signature_path(fresh(signature_id)), data=typed).status_code == 303
    report = db.session.query(Report.id).filter_by(signature_id=signature_id).scalar()
    appeals.answer(*by, report, person.word("retort"))
    moderate.undo(*by, decision)


def _mail(smtp: SmtpServer) -> None:
    """Let the mails leave that wait."""
    worker = make_worker(smtp)
    while worker.work():
        pass
    db.session.remove()


def _found(person: Person, where: dict[str, bytes]) -> list[tuple[str, bytes]]:
    traces = person.traces
    return [(place, trace) for place, held in where.items() for trace in traces if trace in held]


def _places(app: Flask) -> dict[str, bytes]:
    """All that is kept: the database as a dump, and every file of the site."""
    db.session.remove()
    read = {str(file): _bytes_of(file) for file in _files() if file.is_file()}
    return read | {"dump": _dump()}


def _files() -> list[Path]:
    folders = [config.current().data_dir]
    if db.engine.dialect.name == "sqlite":
        folders.append(Path(db.engine.url.database or "").parent)
    return [file for folder in folders for file in folder.rglob("*")]


def _bytes_of(file: Path) -> bytes:
    """Read by another process: one that closes a file loses the locks that SQLite has on it."""
    return subprocess.run(["cat", file], capture_output=True, check=True).stdout


def _dump() -> bytes:
    if db.engine.dialect.name == "sqlite":
        connection = sqlite3.connect(db.engine.url.database or "")
        try:
            return "\n".join(connection.iterdump()).encode()
        finally:
            connection.close()
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return dump(url)


def _erase(client: FlaskClient, signature: Signature) -> None:
    gone = client.post(signature_path(signature), data={"decision": "erase"})
    assert gone.status_code == 303
    client.get(gone.location)
    assert tallies.of_letter(signature.letter_id).published == 30


def _outlive(client: FlaskClient, signature: Signature) -> None:
    with writing(db.session):
        db.session.execute(update(Letter).values(closes_at=now()))
    pass_time(185)
    for _ in daily.run():
        pass
    assert client.get("/letters/a-letter").status_code == 200
    assert tallies.of_letter(signature.letter_id).published == 31


@pytest.mark.parametrize("end", [_erase, _outlive])
def test_nothing_of_a_person_is_left(
    app: Flask,
    client: FlaskClient,
    smtp: SmtpServer,
    capfd: pytest.CaptureFixture[str],
    end: Callable[[FlaskClient, Signature], None],
) -> None:
    person = Person(end.__name__.strip("_"))
    _asking()
    signature_id = _live(client, person, smtp)
    kept = _found(person, _places(app))
    digest = address.digest(address.parse(person.email).canonical)
    for trace in (*map(person.word, KINDS_OF_WORDS), person.email):
        assert ("dump", trace.encode()) in kept, "it was there before"
    assert {digest.hex().encode(), digest.hex().upper().encode()} & {each for _, each in kept}
    end(client, fresh(signature_id))
    assert _found(person, _places(app)) == []
    assert tallies.drift() == []
    logged = capfd.readouterr()
    assert _found(person, {"logs": (logged.out + logged.err).encode()}) == []


def test_nothing_is_left_of_what_nobody_confirmed(
    app: Flask, client: FlaskClient, smtp: SmtpServer
) -> None:
    person = Person("unconfirmed")
    _asking()
    _sign(client, person)
    _mail(smtp)
    assert _found(person, _places(app))
    pass_time(31)
    for _ in daily.run():
        pass
    assert _found(person, _places(app)) == []
