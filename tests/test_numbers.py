"""The numbers of a letter: what the pictures show, and what their tables and files say."""

import csv
import io
import os
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching, charts
from petition.actions import statistics
from petition.actions.statistics import Event
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Burst,
    Change,
    Delivery,
    Grouping,
    Kind,
    Measure,
    NameGroup,
    Organizer,
    OutgoingMail,
    Rising,
    Signature,
    State,
    Tally,
)
from petition.queries.letters import LetterText
from tests.conftest import Statements
from tests.factories import make_letter, make_signature, publish_text, sign_in

PAGE = "/organize/letters/a-letter/numbers"


def count(found: LetterText, measure: Measure, numbers: dict[str, int], hours: float = 1) -> None:
    """As if so much had happened some hours ago."""
    at = now() - timedelta(hours=hours)
    events = [
        Event(found.letter.id, measure, at, key)
        for key, number in numbers.items()
        for _ in range(number)
    ]
    with writing(db.session):
        statistics.add(events)


def mail(found: LetterText, domain: str, sent: int, waited: list[timedelta]) -> None:
    """So many mails to a domain, some hours ago, and how long those took who confirmed."""
    at = now() - timedelta(hours=5)
    signatures = [
        Signature(
            letter_id=found.letter.id,
            revision_id=found.revision.id,
            digest=os.urandom(32),
            state=State.PUBLISHED if number < len(waited) else State.PENDING,
            email=f"signer{number}@{domain}",
            name="A Signer",
            language="en",
            consented_at=at,
            confirmed_at=at + waited[number] if number < len(waited) else None,
        )
        for number in range(sent)
    ]
    with writing(db.session):
        db.session.add_all(signatures)
        db.session.flush()
        db.session.add_all(
            OutgoingMail(
                kind=Kind.CONFIRM,
                signature_id=each.id,
                message_id=f"<{uuid4()}@example.org>",
                delivery=Delivery.SENT,
                sent_at=at,
            )
            for each in signatures
        )
        db.session.add(
            Tally(letter_id=found.letter.id, state=State.PENDING, slot=int(uuid4()) % 999, number=1)
        )


def section(page: str, of: str) -> str:
    """The figure of a name."""
    found = re.search(rf'<figure [^>]*id="{of}">.*?</figure>', page, re.DOTALL)
    assert found
    return found[0]


def table(client: FlaskClient, of: str) -> list[list[str]]:
    """The rows of a file, its heading first."""
    answer = client.get(f"{PAGE}.csv?of={of}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text)))


def cells(figure: str) -> list[list[str]]:
    """The rows of a table on the page, without the heading."""
    rows = re.findall(r"<tr>(.*?)</tr>", figure, re.DOTALL)[1:]
    return [
        [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in rows
    ]


@pytest.fixture
def found(client: FlaskClient) -> LetterText:
    """A letter, and its owner signed in."""
    letter = make_letter()
    sign_in(client)
    return letter


def test_a_letter_that_nobody_signed_says_what_will_be_here(
    client: FlaskClient, found: LetterText
) -> None:
    page = client.get(PAGE).text
    assert "Nobody has signed yet." in page
    assert "<svg" not in page
    make_signature(found)
    page = client.get(PAGE).text
    assert "Nobody has confirmed their address since" in page
    assert "Nothing that waited has been decided yet." in page


def test_a_picture_its_table_and_its_file_say_the_same(
    client: FlaskClient, found: LetterText
) -> None:
    make_signature(found)
    count(found, Measure.CONFIRMED, {"published": 30, "held": 9, "quarantined": 4}, hours=30)
    count(found, Measure.CONFIRMED, {"published": 7}, hours=3)
    page = client.get(PAGE).text
    for of, columns in (("hours", 48), ("days", 14)):
        figure = section(page, of)
        heading, *rows = table(client, of)
        assert heading[1:] == ["published", "waited", "set_aside", "confirmed"]
        assert len(rows) == columns
        assert sum(int(row[-1]) for row in rows) == 50
        assert [row[1:] for row in cells(figure)] == [row[1:] for row in rows]
        high = max(map(int, re.findall(r'<text x="0" y="[^"]+">(\d+)</text>', figure)))
        drawn = [
            round(sum(map(float, re.findall(r' height="([\d.]+)"', group))) * high / charts.PLOT)
            for group in re.findall(r"<g>(.*?)</g>", figure, re.DOTALL)
        ]
        assert drawn == [int(row[-1]) for row in rows]
    assert rows[-1][0] == f"{now():%Y-%m-%d}T00:00+00:00"
    assert "style=" not in page
    assert client.get(f"{PAGE}.csv?of=nothing").status_code == 404


def test_what_may_explain_a_rise_is_marked(client: FlaskClient, found: LetterText) -> None:
    make_signature(found)
    publish_text("We ask for *fairer* terms.", Change.SUBSTANCE)
    with writing(db.session):
        burst = Burst(
            letter_id=found.letter.id,
            rising=Rising.DOMAIN,
            key="bulk.example",
            label="bulk.example",
            number=48,
            usual=2,
            began_at=now() - timedelta(minutes=1),
            last_at=now(),
        )
        db.session.add(burst)
    days = section(client.get(PAGE).text, "days")
    signs = [re.sub("<[^>]+>", "", each) for each in re.findall("<li>(<b>.*?)</li>", days)]
    assert [each.partition(",")[0] for each in signs] == [
        "A Many with addresses at bulk.example: 48",
        "B Opened",
        "C Text changed: revision 2",
    ]
    assert re.findall(r'<text class="sign"[^>]*>(\w)</text>', days) == ["A", "B", "C"]


def test_what_few_share_is_not_named(client: FlaskClient, found: LetterText) -> None:
    make_signature(found)
    sources = {"site:many.example": 5, "site:few.example": 4, "site:one.example": 1, "share": 2}
    count(found, Measure.SOURCE, {**sources, "": 8})
    mail(found, "many.example", 6, [timedelta(minutes=4)] * 5)
    mail(found, "few.example", 4, [timedelta(minutes=2)] * 4)
    page = client.get(PAGE).text
    assert "few.example" not in page
    assert "one.example" not in page
    assert table(client, "sources")[1:] == [
        ["many.example", "5"],
        ["Other sites", "5"],
        ["Passed on by readers", "2"],
        ["Not known: a typed address, a mail, an app", "8"],
    ]
    assert table(client, "mail")[1:] == [
        ["many.example", "6", "5", "240", "240"],
        ["All others", "4", "4", "120", "120"],
    ]


def test_a_provider_that_swallows_our_mail_is_named(client: FlaskClient, found: LetterText) -> None:
    mail(found, "good.example", 40, [timedelta(minutes=each) for each in range(1, 37)])
    mail(found, "swallows.example", 20, [timedelta(hours=1)])
    mail(found, "too-few-to-say.example", 19, [])
    says = section(client.get(PAGE).text, "mail")
    assert "Of 20 mails to swallows.example only 5% were followed, elsewhere 61%" in says
    assert "47% of 79 confirmed: half of them within 19 minutes" in says
    assert says.count("swallows them") == 1


def test_moderation_is_told_by_how_many_how_soon_by_whom_and_how_well(
    client: FlaskClient, found: LetterText
) -> None:
    make_signature(found)
    organizer = db.session.query(Organizer).one()
    waits = {"60": 5, str(4 * 3600): 4, str(48 * 3600): 1}
    count(found, Measure.WAITED, waits)
    count(found, Measure.PROMISE, {"kept": 9, "late": 1})
    count(found, Measure.DECIDED, {f"{organizer.id}:published": 8, f"{organizer.id}:rejected": 2})
    count(found, Measure.OVERTURNED, {f"{organizer.id}:rejected": 1})
    page = client.get(PAGE).text
    assert "Half of 10 decisions came within 60 seconds, nine of ten within 4 hours." in page
    assert "90% came within the time that the letter promises, now 24 hours." in page
    assert "10 decisions; 1 did not last" in page
    assert table(client, "people")[1:] == [[organizer.email, "10", "8", "0", "2", "1"]]
    assert sum(int(number) for _, number in table(client, "waiting")[1:]) == 10


def test_the_page_costs_the_same_with_few_and_with_many(
    app: Flask, client: FlaskClient, found: LetterText, statements: Statements
) -> None:
    costs = []
    for number in (1, 40):
        make_signature(found)
        count(found, Measure.SOURCE, {f"site:s{each}.example": 6 for each in range(number)})
        count(found, Measure.DECIDED, {f"{each}:published": 1 for each in range(1, number + 1)})
        mail(found, "example.org", number, [])
        with writing(db.session):
            db.session.merge(
                NameGroup(
                    letter_id=found.letter.id,
                    grouping=Grouping.AFFILIATION,
                    key=1,
                    label="=cmd()",
                    number=number,
                )
            )
        caching.recent.clear()
        statements.clear()
        assert client.get(PAGE).status_code == 200
        costs.append(len([kind for kind in statements.kinds() if kind != "BEGIN"]))
    assert costs == [13, 13]
    assert table(client, "affiliations")[1] == ["'=cmd()", "40"]
