"""The organizers' letters at a glance."""

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from petition.actions import life, write
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Moderation, Organizer, Role, Signature, State, Team
from petition.queries import tallies
from petition.queries.tallies import Lately
from tests.factories import make_letter, make_signature, sign_in

HOME = "/organize/"


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.partition("<main")[2]).split())


def _begin(title: str = "Barely begun", team: str = "Organizers") -> str:
    organizer = db.session.query(Organizer).first()
    team_id = db.session.query(Team.id).filter_by(name=team).scalar()
    assert organizer
    return write.begin(organizer.id, team_id, title, "en")


def _backdate(signature: Signature, by: timedelta) -> None:
    with writing(db.session):
        signature.published_at = now() - by


def test_each_letter_stands_with_its_numbers(client: FlaskClient) -> None:
    found = make_letter(title="A busy one")
    _backdate(make_signature(found, show_name=False), timedelta(minutes=59))
    _backdate(make_signature(found), timedelta(minutes=61))
    _backdate(make_signature(found), timedelta(hours=25))
    checked = make_letter(slug="checked", title="A slow one", moderation=Moderation.BEFORE)
    for _ in range(2):
        make_signature(checked, state=State.HELD)
    sign_in(client)
    words = _words(client.get(HOME).text)
    assert "3 signed 1 in the last hour 2 in the last day nothing waits" in words
    assert "0 signed 0 in the last hour 0 in the last day 2 wait for you" in words


def test_letters_stand_where_they_are_in_their_lives(client: FlaskClient) -> None:
    make_letter(slug="over", title="Over now", closes=now() - timedelta(days=1))
    gone = make_letter(slug="gone", title="Gone now")
    life.take_from_view(gone.letter, Role.OWNER, "A mistake.")
    make_letter(slug="later", title="Later on", opens=now() + timedelta(days=2))
    make_letter(slug="here", title="Here now")
    sign_in(client)
    _begin()
    words = _words(client.get(HOME).text)
    order = ["In preparation", "Barely begun", "draft", "Later on", "scheduled", "opens"]
    order += ["Here now", "Over now", "closed"]
    places = [words.index(each) for each in ("In preparation", "Open", "Over", "Withdrawn from")]
    assert places == sorted(places)
    assert all(each in words for each in order)
    assert words.index("Here now") > words.index("Later on")
    assert words.index("Gone now") > words.index("Withdrawn from view") > words.index("Over now")


def test_it_shows_the_letters_of_my_teams_only_and_says_whose(client: FlaskClient) -> None:
    make_letter(slug="mine", title="Mine")
    make_letter(slug="theirs", title="Theirs", team="Others")
    make_letter(slug="second", title="Second", team="The Second")
    sign_in(client, team="The Second")
    sign_in(client)
    page = client.get(HOME).text
    assert "Mine" in page
    assert "The Second" in page
    assert "Theirs" not in page


def test_an_empty_page_leads_to_the_first_letter(app: Flask, client: FlaskClient) -> None:
    sign_in(client)
    page = client.get(HOME).text
    assert "Write your first letter" in page
    assert 'href="/organize/letters/new"' in page
    looker = app.test_client()
    sign_in(looker, "looker@example.org", Role.VIEWER)
    assert "/organize/letters/new" not in looker.get(HOME).text


def test_a_deleted_draft_can_be_brought_back_from_here(client: FlaskClient) -> None:
    sign_in(client)
    slug = _begin("Thrown away")
    assert client.post(f"/organize/letters/{slug}/delete").status_code == 303
    page = client.get(HOME).text
    assert "Deleted: Thrown away" in page
    assert page.count(f"/organize/letters/{slug}/restore") == 2  # at once, and for 30 days
    assert client.get(f"/organize/letters/{slug}/text").status_code == 404
    assert client.post(f"/organize/letters/{slug}/restore").status_code == 303
    assert client.get(f"/organize/letters/{slug}/text").status_code == 200
    client.post(f"/organize/letters/{slug}/delete")
    with writing(db.session):
        db.session.query(Letter).update({"deleted_at": now() - timedelta(days=31)})
    client.get(HOME)
    assert "Thrown away" not in client.get(HOME).text
    assert client.post(f"/organize/letters/{slug}/restore").status_code == 404


def test_hostile_titles_stay_titles(client: FlaskClient) -> None:
    sign_in(client)
    _begin("<script>alert(1)</script> {{ 7 * 7 }}")
    page = client.get(HOME).text
    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page


def test_the_last_day_is_found_among_a_million_signatures(app: Flask) -> None:
    found = make_letter()
    assert tallies.lately([found.letter.id]) == {found.letter.id: Lately()}
    statement = tallies.counted_lately([1, 2], now())
    sql = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
            plan = connection.execute(text(f"EXPLAIN {sql}")).scalars().all()
            assert any("ix_signature_public" in step for step in plan), plan
            assert any("published_at" in step for step in plan if "Index Cond" in step), plan
        else:
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
            assert any("ix_signature_public" in step for step in plan), plan
            assert any("published_at>?" in step for step in plan), plan
