"""To withdraw and to be erased: what is gone, what is left, and that nothing is orphaned."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.actions import daily, erase, launch, manage, report
from petition.actions.emptied import NOTHING
from petition.actions.report import Cause
from petition.clock import now
from petition.database import empty_log, writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.mail import outbox
from petition.models import (
    Decision,
    NameGroup,
    NameWord,
    OutgoingMail,
    Report,
    Role,
    Signatory,
    Signature,
    State,
    Verification,
)
from petition.queries import tallies
from tests.accounts import make_member
from tests.factories import (
    form,
    fresh,
    make_letter,
    make_signatory,
    make_signature,
    signature_path,
)

KNOWN = "known@example.org"
WORDS = {"name": "Zoe Quill", "role": "Tinker", "location": "Ulm", "comment": "Quite so."}


def _press(client: FlaskClient, signature: Signature, decision: str) -> tuple[int, str | None]:
    answer = client.post(signature_path(signature), data={"decision": decision})
    return answer.status_code, answer.location


def _count(client: FlaskClient) -> int:
    return int(client.get("/embed/a-letter/count.json").json["count"])


def _beside(signature: Signature) -> None:
    """Something of every kind that may stand beside a signature."""
    member = make_member("organizer@example.org")
    row = fresh(signature.id)
    with writing(db.session):
        verification = {"organizer_id": member.id, "evidence": "Zoe Quill called."}
        db.session.add(Verification(signature_id=row.id, **verification))
        db.session.add(NameWord(letter_id=row.letter_id, word="quill", signature_id=row.id))
        group = {"grouping": "affiliation", "key": 1, "label": row.affiliation, "number": 1}
        db.session.add(NameGroup(letter_id=row.letter_id, **group))
        row.verified_at, row.network = now(), 7
    report.report(row, Cause.OTHER, "I know Zoe Quill.", None, None)


def _prepared(client: FlaskClient) -> Signature:
    """A signature that was corrected, reported, verified, and has a mail waiting."""
    signature = make_signature(make_letter(), email=KNOWN, affiliation="Quill & Co", **WORDS)
    corrected = {**WORDS, "affiliation": "Quill & Co", "role": "Tailor"}
    data = {"decision": "correct", **corrected}
    assert client.post(signature_path(signature), data=data).status_code == 303
    assert _press(client, signature, "initials")[0] == 303
    _beside(signature)
    return fresh(signature.id)


def _everything() -> str:
    """All that the database holds, in one text."""
    db.session.rollback()
    rows = (db.session.execute(table.select()).all() for table in db.metadata.sorted_tables)
    return "\n".join(repr(row) for found in rows for row in found)


@pytest.mark.parametrize("decision", ["withdraw", "erase"])
def test_who_goes_leaves_nothing_behind_that_points_at_them(
    client: FlaskClient, decision: str
) -> None:
    signature = _prepared(client)
    client.post("/letters/a-letter/sign", data=form(email=KNOWN))  # "you have signed already"
    digest = signature.digest
    for page in ("/letters/a-letter", "/letters/a-letter/signatures", "/letters/a-letter/copy"):
        assert "Z. Q." in client.get(page).text
    gone = {"withdraw": "withdrawn", "erase": "erased"}[decision]
    assert _press(client, signature, decision) == (303, f"/letters/a-letter/{gone}")
    assert client.get(f"/letters/a-letter/{gone}").status_code == 200
    for page in ("/letters/a-letter", "/letters/a-letter/signatures", "/letters/a-letter/copy"):
        assert "Z. Q." not in client.get(page).text, page
    assert _count(client) == 0
    assert tallies.drift() == []
    assert fresh(signature.id).state == State.WITHDRAWN
    assert [job.wanted for job in outbox.claim("a worker", 9) if job.wanted] == []
    assert db.session.query(Report).filter(Report.settled_at.is_(None)).all() == []
    assert db.session.query(Decision).filter(Decision.before.is_not(None)).all() == []
    assert db.session.query(Verification).filter(Verification.ended_at.is_(None)).all() == []
    everything = _everything()
    left = ["Tinker", "Tailor", "Ulm", "Quite so", "Quill & Co", KNOWN]
    if decision == "erase":
        left += ["Zoe", "Quill", "quill", repr(digest)]
        assert db.session.query(OutgoingMail).all() == []
        row = fresh(signature.id)
        assert {name: getattr(row, name) for name in NOTHING} == NOTHING
    for word in left:
        assert word not in everything, word


def test_each_column_is_emptied_or_kept_on_purpose() -> None:
    """The digest is emptied too, or kept, as it comes: see `erase`."""
    kept = {"id", "letter_id", "revision_id", "digest", "state", "language", "invented"}
    kept |= {"consented_at", "created_at", "confirmed_at", "published_at"}
    kept |= {"removed_for", "removed_at"}  # by which it is counted among what was rejected
    assert kept | set(NOTHING) == {column.name for column in Signature.__table__.columns}
    assert not kept & set(NOTHING)


def test_erased_twice_is_erased_once_and_the_address_may_sign_anew(client: FlaskClient) -> None:
    signature = _prepared(client)
    assert _press(client, signature, "erase")[0] == 303
    first = fresh(signature.id).digest
    page = client.get(signature_path(signature))
    assert page.status_code == 200
    assert 'value="withdraw"' not in page.text
    assert 'value="erase"' not in page.text
    assert "is deleted. Pages that others keep" in page.text
    held = client.get(f"{signature_path(signature)}/data.json").json
    assert (held["signature"]["name"], held["mails"]) == ("", [])
    assert held["signature"]["digest_of_the_email_kept"] is False
    assert _press(client, signature, "erase")[0] == 303
    assert fresh(signature.id).digest != first
    assert client.post("/letters/a-letter/sign", data=form(email=KNOWN)).status_code == 303
    new = db.session.query(Signature).order_by(Signature.id.desc()).first()
    assert new is not None
    assert (new.state, new.id == signature.id) == (State.PENDING, False)
    assert tallies.drift() == []


def test_what_waits_is_deleted_and_what_was_rejected_stays_so(client: FlaskClient) -> None:
    found = make_letter()
    waiting = make_signature(found, state=State.PENDING)
    path, gone = signature_path(waiting), waiting.id
    assert client.post(path, data={"decision": "erase"}).status_code == 303
    assert client.get(path).status_code == 404
    with pytest.raises(NotFound):
        erase.erase(gone, None)
    rejected = make_signature(found, state=State.REJECTED, email=KNOWN, **WORDS)
    digest = rejected.digest
    assert "Only a fingerprint of your address stays" in client.get(signature_path(rejected)).text
    assert _press(client, rejected, "erase")[0] == 303
    row = fresh(rejected.id)
    assert (row.state, row.name, row.email, row.digest) == (State.REJECTED, "", None, digest)
    client.post("/letters/a-letter/sign", data=form(email=KNOWN))
    assert db.session.query(Signature).one().state == State.REJECTED
    assert tallies.drift() == []


def test_who_stood_first_is_erased_from_the_organizers_list_too(client: FlaskClient) -> None:
    found = make_letter()
    person = make_signatory(found, name="Zoe Quill", email=KNOWN)
    other = make_signatory(found, name="Kim Ray")
    launch.invite(found.letter, Role.EDITOR, make_member("o@example.org").id, None)
    entry = launch.FirstEntry("Zoe Quill", "Tinker", "")
    signature = launch.sign_first(person.id, found.revision.id, entry, None)
    assert "Zoe Quill" in client.get("/letters/a-letter").text
    assert _press(client, signature, "erase")[0] == 303
    assert "Zoe Quill" not in client.get("/letters/a-letter").text
    everything = _everything()
    for word in ("Zoe", KNOWN):
        assert word not in everything
    assert [each.id for each in db.session.query(Signatory)] == [other.id]
    assert len(db.session.query(OutgoingMail).all()) == 1


def test_nothing_of_it_stays_in_the_log_of_the_database(app: Flask) -> None:
    signature = make_signature(make_letter(), email=KNOWN, **WORDS)
    erase.erase(signature.id, None)
    assert empty_log(db.engine)
    if db.engine.dialect.name == "sqlite":
        file = Path(db.engine.url.database or "")
        assert file.with_name(f"{file.name}-wal").stat().st_size == 0
        assert b"Zoe Quill" not in file.read_bytes()


def test_what_is_disowned_leaves_the_log_before_long(app: Flask) -> None:
    signature = make_signature(make_letter(), email=KNOWN, **WORDS)
    manage.disown(signature.id, None)
    if db.engine.dialect.name == "sqlite":
        file = Path(db.engine.url.database or "")
        log = file.with_name(f"{file.name}-wal")
        assert b"Zoe Quill" in log.read_bytes()
        with closing(sqlite3.connect(file)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM signature")
            erase.erase(signature.id, None)
            assert daily.forget_log() is False
            assert log.stat().st_size > 0, "not while somebody reads"
        assert daily.forget_log() is False
        assert log.stat().st_size == 0
        assert b"Zoe Quill" not in file.read_bytes()
    assert daily.forget_log() is False
