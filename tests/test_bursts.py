"""More signatures than usual: told once, with a link to exactly those, and over by itself."""

import re
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import address
from petition.actions import bursts, confirm, index_names, sign
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import messages, outbox
from petition.models import (
    Burst,
    Kind,
    Letter,
    Measure,
    OutgoingMail,
    Rising,
    Role,
    Signature,
    Statistic,
)
from petition.queries.bursts import running
from petition.queries.letters import LetterText
from tests.accounts import make_member
from tests.conftest import Statements
from tests.factories import make_entry, make_letter, sign_in

_number = count(1)


@pytest.fixture
def found(app: Flask) -> LetterText:
    """A letter that has been open for a week."""
    found = make_letter()
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.published_at = now() - timedelta(days=7)
    return found


def _come(
    found: LetterText, number: int, *, network: str = "", domain: str = "", name: str = ""
) -> list[int]:
    """Confirm so many, who have nothing in common but what is said here."""
    ids = []
    for _ in range(number):
        each = next(_number)
        visitor = network or f"2001:db8:{each:x}::1"
        plain = "".join(chr(ord("a") + int(digit)) for digit in f"{each:04}")
        entry = make_entry(
            name=name or f"{plain.title()} Lee",
            email=f"{plain}@{domain or f'{plain}.example.org'}",
        )
        sign.sign(found.letter, found.revision, entry, visitor)
        digest = address.digest(entry.email.canonical)
        ids.append(db.session.query(Signature.id).filter_by(digest=digest).scalar())
        confirm.confirm(ids[-1], visitor)
    return ids


def _is_rising() -> list[tuple[str, int]]:
    db.session.expire_all()
    rows = db.session.query(Burst).filter_by(closed_at=None).order_by(Burst.id)
    return [(each.rising, each.number) for each in rows]


def _mails() -> int:
    db.session.rollback()
    return db.session.query(OutgoingMail).filter_by(kind=Kind.BURST).count()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hours on, for the worker that looks."""
    moment = now() + timedelta(hours=2)
    monkeypatch.setattr(bursts, "now", lambda: moment)


def test_a_burst_is_told_once_with_a_link_to_exactly_those(
    client: FlaskClient, found: LetterText, statements: Statements
) -> None:
    make_member("viewer@example.org", Role.VIEWER)
    sign_in(client, "moderator@example.org", Role.MODERATOR)
    _come(found, 9)
    assert not bursts.look()
    assert _is_rising() == []
    those = set(_come(found, 20, network="192.0.2.7"))
    for _ in range(2):
        bursts.look()
    assert _is_rising() == [("network", 20)]
    assert _mails() == 1  # to who may decide
    statements.clear()
    bursts.look()
    assert not {"INSERT", "UPDATE", "DELETE"} & set(statements.kinds())  # nothing new: no writer
    assert "BEGIN IMMEDIATE" not in statements
    page = client.get("/organize/letters/a-letter/moderation").text
    assert "20 signatures in an hour from one network; usually none." in page
    block = re.search(r'rules\?value=(\w{16})#add"', page)
    assert block
    rules = client.get(f"/organize/letters/a-letter/rules?value={block[1]}").text
    assert "the network of a burst, 20 signatures in an hour" in rules
    assert f'type="hidden" name="value" value="{block[1]}"' in rules
    assert rules.count(block[1]) == 1
    (risen,) = running(found.letter.id)
    there = client.get(
        "/organize/letters/a-letter/moderation",
        query_string={"tab": "all", **risen.filter.address()},
    ).text
    shown = {each for each in range(max(those) + 1) if f'id="signature-{each}"' in there}
    assert shown == those
    _come(found, 5, network="192.0.2.7")
    with writing(db.session):
        db.session.query(Signature).filter_by(id=min(those)).update({"state": "quarantined"})
    bursts.look()
    assert "1 of them is set aside." in client.get("/organize/letters/a-letter/moderation").text
    assert _is_rising() == [("network", 25)]
    assert _mails() == 1


def test_its_mail_says_what_it_is_and_leads_there(found: LetterText) -> None:
    make_member("owner@example.org", Role.OWNER)
    _come(found, 20, domain="mail.example.net")
    while index_names.some_names():
        pass
    bursts.look()
    (job,) = [each for each in outbox.claim("a worker", 100) if each.kind == Kind.BURST]
    mail = messages.compose(job)
    assert mail.to == "owner@example.org"
    assert "A letter" in mail.subject
    said = " ".join(mail.text.split())
    assert "20 signatures in an hour with addresses at mail.example.net; usually none." in said
    assert "moderation?tab=all&domain=mail.example.net&since=" in mail.text


def test_one_crowd_is_one_burst(found: LetterText) -> None:
    make_member("owner@example.org", Role.OWNER)
    _come(found, 20, network="192.0.2.7", domain="mail.example.net")
    bursts.look()
    assert _is_rising() == [("domain", 20)]
    _come(found, 20, network="192.0.2.7")  # half of the network are others by now
    bursts.look()
    assert _is_rising() == [("domain", 20), ("network", 40)]
    assert _mails() == 2


def test_what_is_dismissed_is_left_in_peace_for_a_day(
    client: FlaskClient, found: LetterText
) -> None:
    sign_in(client, "moderator@example.org", Role.MODERATOR)
    _come(found, 10, name="Kim Ray")
    bursts.look()
    (burst,) = db.session.query(Burst).all()
    assert "with the name Kim Ray" in client.get("/organize/letters/a-letter/moderation").text
    path = f"/organize/letters/a-letter/bursts/{burst.id}/dismiss"
    assert client.post(path).status_code == 303
    bursts.look()
    assert _is_rising() == []
    assert _mails() == 1
    client.post(path.replace("dismiss", "take-up"))
    record = client.get("/organize/letters/a-letter/record").text
    assert record.index("took up a burst again") < record.index("no cause for worry")
    bursts.look()
    assert _is_rising() == [("name", 10)]
    assert _mails() == 1


@pytest.mark.usefixtures("later")
def test_it_is_over_by_itself(monkeypatch: pytest.MonkeyPatch, found: LetterText) -> None:
    with monkeypatch.context() as before:
        before.setattr(bursts, "now", now)
        _come(found, 20, network="192.0.2.7")
        bursts.look()
        assert _is_rising() == [("network", 20)]
    bursts.look()
    assert _is_rising() == []
    assert db.session.query(Burst).one().closed_by is None


def test_several_that_rise_at_once_are_written_in_one_order(
    monkeypatch: pytest.MonkeyPatch, found: LetterText
) -> None:
    for network in ("192.0.2.7", "198.51.100.7", "203.0.113.7"):
        _come(found, 41, network=network)
    opened: list[tuple[str, str]] = []
    open_one = bursts._open

    def watch(letter: Letter, place: tuple[Rising, str], *more: Any) -> None:
        opened.append(place)
        open_one(letter, place, *more)

    monkeypatch.setattr(bursts, "_open", watch)
    bursts.look()
    assert len(opened) >= 3
    assert opened == sorted(opened)


def test_what_a_letter_usually_sees_is_no_burst(found: LetterText) -> None:
    hour = now().replace(minute=0, second=0, microsecond=0)
    with writing(db.session):
        for each in range(2, 168):
            db.session.add(
                Statistic(
                    letter_id=found.letter.id,
                    measure=Measure.CONFIRMED.value,
                    hour=hour - timedelta(hours=each),
                    key="published",
                    number=60,
                )
            )
    _come(found, 39)  # 60 in an hour are usual: 40 in ten minutes are four times as many
    bursts.look()
    assert _is_rising() == []
    _come(found, 4)
    bursts.look()
    assert _is_rising() == [("letter", 43)]
    assert db.session.query(Burst).one().usual == 60
