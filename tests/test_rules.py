"""Block and allow lists: tried first, then silent, and over on time."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import address, caching, limits
from petition.actions import confirm, index_names, networks, quarantine, rules, sign
from petition.actions.quarantine import Window
from petition.actions.rules import Effect, Owner, Wanted
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Role, Rule, Signal, Signature, State
from petition.queries.letters import LetterText
from petition.queries.rules import tried, understood
from tests.accounts import make_member
from tests.conftest import Statements
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_entry,
    make_letter,
    make_signature,
    sign_in,
    signature_path,
)
from tests.plans import read_whole, recorded

RULES = "/organize/letters/a-letter/rules"
ENTRY = {"effect": "block", "reason": "A robot", "lasts": "week"}


@pytest.fixture
def found(app: Flask) -> LetterText:
    app.extensions.pop("salts", None)  # of a test before, whose database is gone
    return make_letter()


def _rule(
    found: LetterText,
    typed: str,
    effect: Effect = Effect.BLOCK,
    *,
    team: bool = False,
    lasts: timedelta | None = None,
) -> Rule:
    organizer = make_member("moderator@example.org", Role.EDITOR)
    owner = Owner(found.letter.team_id, None if team else found.letter)
    wanted = Wanted(effect, understood(typed), "A robot", lasts)
    return rules.add(owner, Role.EDITOR, organizer.id, wanted)


def _sign(found: LetterText, email: str, visitor: str = "2001:db8:1::1", **more: Any) -> Signature:
    entry = make_entry(email=email, **more)
    sign.sign(found.letter, found.revision, entry, visitor)
    digest = address.digest(entry.email.canonical)
    mine = {"letter_id": found.letter.id, "digest": digest}
    return fresh(db.session.query(Signature.id).filter_by(**mine).scalar())


def _confirmed(found: LetterText, email: str, visitor: str = "2001:db8:1::1", **more: Any) -> str:
    signature = _sign(found, email, visitor, **more)
    confirm.confirm(signature.id, visitor)
    return fresh(signature.id).state


CROWD = [
    ("ann@example.com", "192.0.2.7"),
    ("ann+x@example.net", "192.0.2.8"),
    ("bob@example.net", "198.51.100.1"),
    ("cem@mail.example.net", "198.51.100.2"),
    ("dan@notexample.net", "2001:db8:5:5::1"),
    ("eve@example.com", "192.0.3.7"),
]


@pytest.mark.parametrize(
    ("typed", "those"),
    [
        ("ANN@example.net", {1}),
        ("example.net", {1, 2}),
        ("*.example.net", {3}),
        ("192.0.2.0/24", {0, 1}),
        ("2001:db8:5::/56", {4}),
    ],
)
def test_what_it_is_tried_on_is_what_it_then_catches(
    found: LetterText, typed: str, those: set[int]
) -> None:
    before = [_sign(found, *each) for each in CROWD]
    for each in before:
        confirm.confirm(each.id, None)
    while index_names.some_names():
        pass
    found_by = tried(found.letter, understood(typed))
    expected = {before[each].id for each in those}
    assert {each.id for each in found_by.sample} == expected
    assert found_by.numbers == {State.PUBLISHED: len(those)}
    other = make_letter(slug="another-letter")
    _rule(other, typed, team=True)
    states = [_confirmed(other, *each) for each in CROWD]
    assert {n for n, state in enumerate(states) if state == State.QUARANTINED} == those
    assert all(fresh(each.id).state == State.PUBLISHED for each in before)  # what stands, stays


def test_it_is_shown_what_it_is_about_before_a_second_press_saves_it(
    client: FlaskClient, found: LetterText
) -> None:
    make_signature(found, name="Kim Ray", email="kim@example.net")
    sign_in(client, "moderator@example.org", Role.MODERATOR)
    while index_names.some_names():
        pass
    page = client.post(RULES, data={**ENTRY, "value": "example.net"})
    assert page.status_code == 200
    assert "1 signature is like that" in page.text
    assert re.search("Kim Ray.*@example.net", page.text)
    for words in ("this letter alone", "<dd>a week</dd>", "A robot</dd>"):
        assert words in page.text
    assert "Holds already" not in page.text
    assert "Very many people" not in page.text
    for everybodys in ("gmail.com", "@GMX.de"):
        warned = client.post(RULES, data={**ENTRY, "value": everybodys}).text
        assert "Very many people have their address at" in warned
    assert "moderation?tab=all&amp;domain=example.net" in page.text
    assert db.session.query(Rule).count() == 0
    saved = client.post(RULES, data={**ENTRY, "value": "example.net", "tried": "yes"})
    assert saved.status_code == 303
    listed = client.get(RULES).text
    assert "addresses at example.net" in listed
    assert "A robot" in listed
    assert "moderator@example.org" in listed
    (rule,) = db.session.query(Rule).all()
    again = client.post(RULES, data={**ENTRY, "effect": "allow", "value": "example.net"}).text
    assert re.search("Holds already.*blocked.*on this letter", again)
    assert "that which blocks decides" in again
    assert client.post(f"{RULES}/{rule.id}/end").status_code == 303
    assert 'name="again" value="yes"' in client.get(RULES).text
    client.post(f"{RULES}/{rule.id}/end", data={"again": "yes"})
    assert "ended by moderator@example.org" not in client.get(RULES).text
    client.post(f"{RULES}/{rule.id}/end")
    assert "ended by moderator@example.org" in client.get(RULES).text
    assert _confirmed(found, "new@example.net") == State.PUBLISHED


def test_of_an_address_only_a_part_is_kept(client: FlaskClient, found: LetterText) -> None:
    sign_in(client, "moderator@example.org", Role.MODERATOR)
    client.post(RULES, data={**ENTRY, "value": "mallory@example.com", "tried": "yes"})
    assert "m…@example.com" in client.get(RULES).text
    assert db.session.query(Rule).one().value == "m…@example.com"
    assert _confirmed(found, "Mallory+2@example.com") == State.QUARANTINED


@pytest.mark.parametrize(
    ("value", "lasts", "says"),
    [
        ("*.com", "week", "strangers"),
        ("co.uk", "week", "strangers"),
        ("10.0.0.0/8", "week", "strangers"),
        ("2001:db8::/32", "week", "strangers"),
        ("nobody", "week", "Write an e-mail address"),
        ("a@b@c", "week", "Write an e-mail address"),
        ("00000000000000ff", "week", "Choose a day"),
        ("example.org", "", "Choose for how long"),
    ],
)
def test_what_cannot_be_a_rule_is_said_beside_its_field(
    client: FlaskClient, found: LetterText, value: str, lasts: str, says: str
) -> None:
    sign_in(client, "moderator@example.org", Role.MODERATOR)
    data = {**ENTRY, "value": value, "lasts": lasts, "tried": "yes"}
    answer = client.post(RULES, data=data)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{value}"' in answer.text
    assert db.session.query(Rule).count() == 0


def test_who_is_blocked_sees_what_everybody_sees(
    client: FlaskClient, found: LetterText, statements: Statements
) -> None:
    _rule(found, "mallory@example.com")
    for who in ("warm@example.org", "mallory@example.com"):
        _sign(found, f"x{who}")  # the day's salt, and what is remembered of the letter
    assert _confirmed(found, "first@example.org") == State.PUBLISHED  # of the same name as both
    seen = []
    for who in ("honest@example.com", "mallory@example.com"):
        statements.clear()
        answers = [client.post("/letters/a-letter/sign", data=form(email=who))]
        digest = address.digest(address.parse(who).canonical)
        signature = fresh(db.session.query(Signature.id).filter_by(digest=digest).scalar())
        answers.append(client.get(confirm_path(signature)))
        ran = len(statements)
        answers.append(client.post(confirm_path(signature), data={"decision": "confirm"}))
        answers.append(client.get("/letters/a-letter/signed"))
        answers.append(client.get(signature_path(signature)))
        answers.append(client.get(f"{signature_path(signature)}/data.json"))
        said = [
            (each.status_code, sorted(each.headers.keys()), _same_for_all(each.text))
            for each in answers
        ]
        seen.append((said, ran, fresh(signature.id).state))
    (honest, honestly, published), (blocked, silently, aside) = seen
    assert (published, aside) == (State.PUBLISHED, State.QUARANTINED)
    assert honestly == silently
    assert honest == blocked
    assert client.get("/embed/a-letter/count.json").json["count"] == 2


def _same_for_all(page: str) -> str:
    """A page without what is each signer's own: tokens, lines, moments; and the count."""
    page = re.sub(r"/(confirm|signature|names)/[\w.=-]+", r"/\1/x", page)
    page = re.sub(r"<time .*?</time>|[\d-]+T[\d:+]+|\d+:\d\d(:\d\d)?", "", page)
    page = re.sub(r'"(number|email)": [^,]+', "", page)
    return re.sub(
        r"You are one of \d+ people who have signed|\d+ pe\w+ ha\w+ signed: you", "", page
    )


def test_a_block_catches_who_waits_and_ends_on_time(
    monkeypatch: pytest.MonkeyPatch, found: LetterText
) -> None:
    waiting = _sign(found, "cem@example.net")
    rule = _rule(found, "example.net", lasts=timedelta(days=1))
    confirm.confirm(waiting.id, None)
    caught = fresh(waiting.id)
    assert (caught.state, caught.told) == (State.QUARANTINED, State.PUBLISHED)
    assert caught.signals & Signal.BLOCKED
    with writing(db.session):
        db.session.get_one(Rule, rule.id).expires_at = now() - timedelta(seconds=1)
    caching.guards.clear()
    assert _confirmed(found, "dan@example.net") == State.PUBLISHED


def test_the_closest_decides_and_of_two_as_close_that_which_blocks(found: LetterText) -> None:
    _rule(found, "*.example.net")
    _rule(found, "mail.example.net", Effect.ALLOW)
    _rule(found, "mallory@mail.example.net")
    _rule(found, "198.51.100.0/24")
    _rule(found, "198.51.100.7", Effect.ALLOW)
    _rule(found, "example.com")
    _rule(found, "example.com", Effect.ALLOW, team=True)
    aside, there = State.QUARANTINED, State.PUBLISHED
    assert _confirmed(found, "a@list.example.net") == aside
    assert _confirmed(found, "a@mail.example.net") == there
    assert _confirmed(found, "mallory@mail.example.net") == aside
    assert _confirmed(found, "b@mail.example.net", "198.51.100.9") == there
    assert _confirmed(found, "b@example.org", "198.51.100.9") == aside
    assert _confirmed(found, "c@example.org", "198.51.100.7") == there
    assert _confirmed(found, "d@example.com") == aside


def test_what_is_allowed_stands_whatever_is_noticed_but_for_a_notable_name(
    monkeypatch: pytest.MonkeyPatch, found: LetterText
) -> None:
    monkeypatch.setattr(quarantine, "UNSOLVED", (Window(quarantine.MINUTES, 4),))
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.hold, letter.watch = Signal.JOKE.value, ["Ada Byron"]
    caching.recent.clear()
    found = LetterText(db.session.get_one(Letter, found.letter.id), found.revision)
    _rule(found, "school.example.org", Effect.ALLOW)
    names = ["Mickey Mouse", "Ann Lee", "Bo Ray", "Cem Fay", "Dan Moe", "Eve Loe"]
    states = [
        _confirmed(found, f"{n}@school.example.org", "192.0.2.7", name=name)
        for n, name in enumerate(names)
    ]
    assert states == [State.PUBLISHED] * 6
    assert _confirmed(found, "x@school.example.org", name="Ada Byron") == State.HELD
    assert _confirmed(found, "x@elsewhere.example.org", name="Mickey Mouse") == State.HELD


def test_the_network_of_a_signature_is_blocked_for_a_day_by_its_fingerprint(
    found: LetterText,
) -> None:
    network = _sign(found, "a@example.org", "192.0.2.7").network
    assert network is not None
    _rule(found, network.to_bytes(8, "big", signed=True).hex(), lasts=timedelta(days=1))
    assert _confirmed(found, "b@example.org", "192.0.2.7") == State.QUARANTINED
    assert _confirmed(found, "c@example.org", "192.0.2.8") == State.PUBLISHED
    assert next(networks.digests("192.0.2.7")) == network
    assert limits.network("192.0.2.7") == "192.0.2.7"


def test_an_address_that_only_its_signature_knows_is_blocked(
    client: FlaskClient, found: LetterText
) -> None:
    signature = make_signature(found, email="mallory@example.com")
    sign_in(client, "moderator@example.org", Role.MODERATOR)
    page = client.get(f"/organize/letters/a-letter/signatures/{signature.id}").text
    link = re.search(r'rules\?value=(\w{64})#add"', page)
    assert link
    assert f'value="{link[1]}"' in client.get(f"{RULES}?value={link[1]}").text
    tried = client.post(RULES, data={**ENTRY, "value": link[1]})
    assert "1 signature is like that" in tried.text
    client.post(RULES, data={**ENTRY, "value": link[1], "tried": "yes"})
    assert "mallory" not in client.get(RULES).text
    other = make_letter(slug="another-letter")
    assert _confirmed(other, "mallory@example.com") == State.PUBLISHED  # it is of one letter
    assert _sign(found, "mallory@example.com").state == State.PUBLISHED  # what stands, stays


def test_the_list_of_another_team_is_not_there(client: FlaskClient, found: LetterText) -> None:
    rule = _rule(found, "example.net")
    make_letter(slug="theirs", team="Others")
    sign_in(client, "other@example.org", Role.OWNER, team="Others")
    assert client.post(f"{RULES}/{rule.id}/end").status_code == 404
    assert client.post(f"/organize/letters/theirs/rules/{rule.id}/end").status_code == 404
    assert client.get(f"/organize/teams/{found.letter.team_id}/rules").status_code == 404
    assert fresh(_sign(found, "x@example.net").id).signals & Signal.BLOCKED


def test_a_letter_that_moves_goes_by_the_list_of_its_new_team(found: LetterText) -> None:
    theirs = make_letter(slug="theirs", team="Others")
    _rule(found, "example.net", team=True)
    _rule(theirs, "example.com", team=True)
    _rule(found, "example.org")
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).team_id = theirs.letter.team_id
    caching.guards.clear()
    with recorded() as these:
        states = [_sign(found, f"x@example.{each}").signals for each in ("net", "com", "org")]
    assert [bool(each & Signal.BLOCKED) for each in states] == [False, True, True]
    rules_read = [each for each in these if "FROM rule" in each[0]]
    assert rules_read
    assert "rule" not in read_whole(rules_read)
