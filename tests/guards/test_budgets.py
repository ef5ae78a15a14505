"""A page costs a fixed number of statements, however much stands under the letter."""

import pytest
from flask.testing import FlaskClient

from petition import caching
from petition.extensions import db
from petition.models import Change, Moderation, State, Team
from petition.queries import alike, surroundings, sweeps
from tests.accounts import make_invitation, make_member, make_passkey
from tests.conftest import Statements
from tests.factories import (
    confirm_path,
    make_letter,
    make_signature,
    make_sweep,
    publish_text,
    sign_in,
    signature_path,
)
from tests.plans import read_whole, recorded

PUBLIC = {
    "/": 4,
    "/letters/a-letter": 6,  # two more than numbers, text and names: who stands first, the picture
    "/letters/a-letter/signatures": 4,
    "/letters/a-letter/signatures?q=signer": 4,
    "/letters/a-letter/signatures?by=affiliation": 3,
    "/letters/a-letter/comments": 3,
    "/letters/a-letter/thanks": 2,
    "/letters/a-letter/revisions": 3,
    "/letters/a-letter/revisions/1": 4,
    "/letters/a-letter/revisions/1/text": 3,
    "/letters/a-letter/count": 6,
    "/letters/a-letter/count.json": 6,
    "/letters/a-letter/signed": 2,
    "/letters/a-letter/feed.atom": 4,  # more than numbers and text: all texts, the milestones
    "/oembed?url=http://letters.example.org/letters/a-letter": 3,  # with the picture
    "/embed/a-letter": 4,  # two more than numbers and text: the sites that are blocked, names
    "/embed/a-letter/form": 3,  # one more than numbers and text: the sites that may frame it
    "/embed/a-letter/card.json": 4,
    "/embed/a-letter/count.json": 3,  # one more than numbers and text: the sites that are blocked
    "/embed/a-letter/badge.svg": 2,
}


def _cost(client: FlaskClient, statements: Statements, path: str) -> int:
    caching.recent.clear()
    caching.guards.clear()
    statements.clear()
    assert client.get(path).status_code == 200
    return len([kind for kind in statements.kinds() if kind != "BEGIN"])


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_costs_the_same_with_none_and_with_many(
    client: FlaskClient, statements: Statements, path: str
) -> None:
    found = make_letter()
    few = _cost(client, statements, path)
    for _ in range(5):
        make_signature(found)
    assert (few, _cost(client, statements, path)) == (PUBLIC[path], PUBLIC[path])


def test_a_page_asked_for_twice_is_made_once(client: FlaskClient, statements: Statements) -> None:
    make_letter()
    client.get("/letters/a-letter")
    statements.clear()
    client.get("/letters/a-letter")
    assert statements == []


def test_the_queue_costs_the_same_with_one_and_with_many(
    client: FlaskClient, statements: Statements
) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    sign_in(client)
    make_signature(found, state=State.HELD)
    path = "/organize/letters/a-letter/moderation"
    one = _cost(client, statements, path)
    for _ in range(5):
        make_signature(found, state=State.HELD)
    assert (one, _cost(client, statements, path)) == (21, 21)


def test_what_is_decided_together_costs_the_same_about_some_and_about_more(
    client: FlaskClient, statements: Statements
) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    sign_in(client)
    path = "/organize/letters/a-letter/sweeps"
    costs = []
    for number in (1, 30, 5):
        for _ in range(number):
            make_signature(found, state=State.HELD)
        made = make_sweep(found, state="held")
        costs.append([_cost(client, statements, each) for each in (path, f"{path}/{made.id}")])
    # Of more than are shown, some from the first to the last are looked for.
    assert costs == [[6, 9], [6, 11], [6, 11]]


def test_no_row_of_the_queue_costs_a_look_through_the_letter(client: FlaskClient) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    sign_in(client)
    shown = [make_signature(found, state=State.HELD, network=7) for _ in range(3)]
    made = make_sweep(found, state="held")
    with recorded() as these:
        alike.to(found.letter.id, shown)
        alike.comments(found.letter.id, shown)
        surroundings.beside(found.letter.id, shown)
        sweeps.sample(made.id)
    assert not read_whole(these) & {"signature", "name_word", "swept"}


def test_home_costs_the_same_with_no_letter_and_with_many(
    client: FlaskClient, statements: Statements
) -> None:
    sign_in(client)
    none = _cost(client, statements, "/organize/")
    for number in range(3):
        make_letter(slug=f"letter-{number}")
    assert (none, _cost(client, statements, "/organize/")) == (8, 8)


def test_a_team_costs_the_same_with_few_and_with_many(
    client: FlaskClient, statements: Statements
) -> None:
    sign_in(client)
    number = db.session.query(Team).one().id
    paths = [f"/organize/teams/{number}", "/organize/teams", "/organize/account"]
    few = [_cost(client, statements, path) for path in paths]
    for each in range(3):
        make_passkey(make_member(f"member{each}@example.org"))
        make_invitation(f"invited{each}@example.org")
        sign_in(client.application.test_client())
    many = [_cost(client, statements, path) for path in paths]
    assert (few, many) == ([5, 2, 3], [5, 2, 3])


def test_links_from_mails_cost_little(client: FlaskClient, statements: Statements) -> None:
    signature = make_signature(make_letter())
    assert _cost(client, statements, confirm_path(signature)) == 2
    assert _cost(client, statements, signature_path(signature)) == 2


def test_who_confirms_is_looked_at_and_counted_with_others_and_no_more(
    client: FlaskClient, statements: Statements
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a crowd's looks go past SQLAlchemy, which counts them")
    found = make_letter()
    make_signature(found, name="Ann Lee")
    for name, looks in (("Bo Kept", 2), ("Lee, Ann", 3)):  # who has a namesake is compared with it
        signature = make_signature(found, name=name, state=State.PENDING)
        statements.clear()
        client.post(confirm_path(signature), data={"decision": "confirm"})
        assert statements.kinds().count("SELECT") == looks


def test_a_changed_letter_costs_one_look_at_its_texts(
    client: FlaskClient, statements: Statements
) -> None:
    found = make_letter()
    signature = make_signature(found)
    pages = ("/letters/a-letter", "/letters/a-letter/signatures")
    before = [_cost(client, statements, path) for path in pages]
    for number in range(3):
        publish_text(f"Text {number}.", Change.SUBSTANCE)
        make_signature(found)
    assert [_cost(client, statements, path) for path in pages] == [cost + 1 for cost in before]
    assert _cost(client, statements, signature_path(signature)) == 4


def test_writing_costs_the_same_with_one_text_and_with_many(
    client: FlaskClient, statements: Statements
) -> None:
    make_letter()
    sign_in(client)
    paths = ("/organize/letters/a-letter/text", "/organize/letters/a-letter/text/publish")
    one = [_cost(client, statements, path) for path in paths]
    for number in range(4):
        publish_text(f"Text {number}.", Change.CORRECTION)
        publish_text(f"Texte {number}.", Change.CORRECTION, "fr")
    assert [_cost(client, statements, path) for path in paths] == one
    assert max(one) <= 8
