"""Moderation: held, published, rejected, undone; each change is a decision."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching
from petition.actions import confirm, manage, sign
from petition.database import writing
from petition.extensions import db
from petition.models import Decision, Letter, Moderation, Signature, State, Sweep
from petition.queries import shown, signatures, tallies
from petition.queries.letters import LetterText
from tests.factories import fresh, make_entry, make_letter, make_signature, sign_in

QUEUE = "/organize/letters/a-letter/moderation"
RECENT = f"{QUEUE}?tab=recent"


@pytest.fixture
def found(client: FlaskClient) -> LetterText:
    """A letter moderated before, with a moderator looking at it."""
    sign_in(client)
    return make_letter(moderation=Moderation.BEFORE)


def _act(client: FlaskClient, path: str, **data: str | list[str]) -> int:
    return client.post(f"/organize/letters/a-letter/{path}", data=data).status_code


def _held(found: LetterText, **entry: object) -> Signature:
    return make_signature(found, state=State.HELD, **entry)


def _last_decision() -> Decision:
    db.session.rollback()  # ends the reading that began before
    db.session.expire_all()
    return db.session.query(Decision).order_by(Decision.id.desc()).first()


def test_the_queue_shows_what_waits_oldest_first(client: FlaskClient, found: LetterText) -> None:
    _held(found, name="First Comer")
    _held(found, name="Second Comer")
    page = client.get(QUEUE).text
    assert page.index("First Comer") < page.index("Second Comer")


def test_an_empty_queue_says_so(client: FlaskClient, found: LetterText) -> None:
    assert client.get(QUEUE).status_code == 200


def test_publishing_counts_and_shows_at_once(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found, name="Good Name")
    client.get("/letters/a-letter")
    assert _act(client, f"signatures/{signature.id}/publish") == 303
    assert "Good Name" in client.get("/letters/a-letter").text
    assert client.get("/embed/a-letter/count.json").json["count"] == 1
    decision = _last_decision()
    assert (decision.from_state, decision.to_state) == (State.HELD, State.PUBLISHED)
    assert (decision.actor, decision.organizer_id is None) == ("organizer", False)


def test_rejecting_needs_a_reason(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    for reason in ("", "because"):
        assert _act(client, f"signatures/{signature.id}/reject", reason=reason) == 422
    assert fresh(signature.id).state == State.HELD
    assert _act(client, f"signatures/{signature.id}/reject", reason="abuse") == 303
    assert fresh(signature.id).state == State.REJECTED
    assert _last_decision().reason == "abuse"


def test_nothing_is_deleted_by_moderation(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found, name="Kept Name", email="kept@example.org")
    _act(client, f"signatures/{signature.id}/reject", reason="abuse")
    signature = fresh(signature.id)
    assert (signature.name, signature.email) == ("Kept Name", "kept@example.org")


@pytest.mark.parametrize("action", ["publish", "reject"])
def test_a_decision_can_be_undone_and_that_is_a_decision(
    client: FlaskClient, found: LetterText, action: str
) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/{action}", reason="abuse")
    done = _last_decision()
    assert _act(client, f"decisions/{done.id}/undo") == 303
    assert fresh(signature.id).state == State.HELD
    assert _last_decision().undoes_id == done.id
    assert tallies.drift() == []
    assert _act(client, f"decisions/{done.id}/undo") == 409


def test_who_comes_back_has_the_place_they_had_and_who_signs_anew_the_last(
    client: FlaskClient,
) -> None:
    sign_in(client)
    found = make_letter(moderation=Moderation.AFTER)
    first, second, third = (
        make_signature(found, name=f"{each} Lee", email=f"signer-of-{each}@example.org").id
        for each in "ABC"
    )

    def stood() -> list[tuple[int, object]]:
        db.session.rollback()
        return [(each.id, each.published_at) for each in signatures.earliest(found.letter.id, 9)]

    before = stood()
    assert [each for each, _ in before] == [first, second, third]
    elsewhere = client.get(f"{QUEUE}?tab=aside&language=en").text
    assert ">3 in All</a>" in elsewhere
    rejection = {"seen": "published", "reason": "abuse"}
    _act(client, f"signatures/{first}/reject", **rejection)
    _act(client, f"decisions/{_last_decision().id}/undo")
    looked = shown.look(found.letter.id, {}).token()
    many = {"shown": looked, "scope": "selection", "act": "reject", "reason": "abuse"}
    _act(client, "sweeps", signature=[str(first), str(second)], **many)
    assert len(stood()) == 1
    _act(client, f"sweeps/{db.session.query(Sweep.id).scalar()}/undo")
    assert stood() == before
    for signature_id, name in ((first, "A Lee"), (second, "B Lee")):
        manage.withdraw(signature_id, None)
        again = make_entry(name=name, email=f"signer-of-{name[0]}@example.org")
        sign.sign(found.letter, found.revision, again, None)
    confirm.confirm(first, None)
    with writing(db.session):
        db.session.query(Letter).update({"holds_all": True})
    caching.guards.clear()
    confirm.confirm(second, None)
    assert fresh(second).state == State.HELD
    _act(client, f"signatures/{second}/publish")
    assert [each for each, _ in stood()] == [third, first, second]


def test_an_empty_queue_leads_to_what_is_to_be_looked_at(
    client: FlaskClient, found: LetterText
) -> None:
    assert "Nothing waits. A signature" in client.get(QUEUE).text
    aside = make_signature(found, state=State.QUARANTINED)
    page = client.get(QUEUE).text
    assert re.search('To be looked at: <a class="tap" href="[^"]*tab=aside">Set aside <b>1<', page)
    assert "nothing else waits" in client.get("/organize/").text
    at = f"signatures/{aside.id}"
    _act(client, f"{at}/reject", seen="quarantined", reason="abuse")
    _act(client, f"decisions/{_last_decision().id}/undo")
    assert "rejection undone" in client.get(f"/organize/letters/a-letter/{at}").text


def test_an_undoing_is_not_undone(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/publish")
    _act(client, f"decisions/{_last_decision().id}/undo")
    assert _act(client, f"decisions/{_last_decision().id}/undo") == 409


def test_what_the_signer_withdrew_is_not_brought_back(
    client: FlaskClient, found: LetterText
) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/publish")
    done = _last_decision()
    manage.withdraw(signature.id, None)
    assert _act(client, f"decisions/{done.id}/undo") == 409
    assert fresh(signature.id).state == State.WITHDRAWN


def test_what_the_signer_emptied_is_not_put_back(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/reject", reason="abuse")
    client.get(QUEUE)  # where it is told, with its undoing
    assert "/undo" in client.get(RECENT).text
    manage.withdraw(signature.id, None)
    assert "/undo" not in client.get(RECENT).text
    assert _act(client, f"decisions/{_last_decision().id}/undo") == 409
    assert fresh(signature.id).state == State.REJECTED


def test_what_has_no_name_is_not_published(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    with writing(db.session):
        signature.name = ""
    assert _act(client, f"signatures/{signature.id}/publish") == 409
    assert fresh(signature.id).state == State.HELD


def test_the_second_to_decide_is_told(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/publish")
    response = client.post(
        f"/organize/letters/a-letter/signatures/{signature.id}/reject", data={"reason": "abuse"}
    )
    assert response.status_code == 409
    assert "Ann Lee: somebody decided first." in response.text
    assert fresh(signature.id).state == State.PUBLISHED


def test_two_at_once_decide_once(app: Flask, client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    cookie = client.get_cookie("session")
    assert cookie is not None

    def decide(path: str) -> int:
        browser = app.test_client()
        browser.set_cookie("session", cookie.value)
        return _act(browser, f"signatures/{signature.id}/{path}", reason="abuse")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(decide, ["publish", "reject"] * 4))
    assert sorted(answers) == [303] + [409] * 7
    assert tallies.drift() == []


def test_a_signature_of_another_letter_is_out_of_reach(
    client: FlaskClient, found: LetterText
) -> None:
    other = make_letter(slug="other", moderation=Moderation.BEFORE)
    signature = _held(other)
    assert _act(client, f"signatures/{signature.id}/publish") == 404
    assert fresh(signature.id).state == State.HELD


def _publish(client: FlaskClient, signature: Signature) -> int:
    assert _act(client, f"signatures/{signature.id}/publish") == 303
    return _last_decision().id


@pytest.mark.parametrize("moderation", list(Moderation))
def test_what_is_published_can_be_taken_down_and_put_back(
    client: FlaskClient, moderation: Moderation
) -> None:
    sign_in(client)
    found = make_letter(moderation=moderation)
    state = State.HELD if moderation is Moderation.BEFORE else State.PUBLISHED
    signature = make_signature(found, state=state, name="Public Name")
    if state is State.HELD:
        _publish(client, signature)
    assert "Public Name" in client.get(RECENT).text
    assert "Public Name" not in _told(client.get(QUEUE).text)
    path = f"signatures/{signature.id}/reject"
    assert _act(client, path, seen="published", reason="") == 422
    assert _act(client, path, seen="published", reason="abuse") == 303
    assert fresh(signature.id).state == State.REJECTED
    assert "Public Name" not in client.get("/letters/a-letter").text
    assert _act(client, f"decisions/{_last_decision().id}/undo") == 303
    assert fresh(signature.id).state == State.PUBLISHED
    assert "Public Name" in client.get("/letters/a-letter").text
    assert tallies.drift() == []


@pytest.mark.parametrize("seen", ["pending", "withdrawn", "rejected", "nonsense"])
def test_only_what_waits_or_is_published_is_rejected(
    client: FlaskClient, found: LetterText, seen: str
) -> None:
    state = State(seen) if seen in set(State) else State.PENDING
    signature = make_signature(found, state=state)
    assert _act(client, f"signatures/{signature.id}/reject", seen=seen, reason="abuse") == 409
    assert fresh(signature.id).state == state


def test_what_was_decided_lately_can_be_reached_page_by_page_and_undone(
    client: FlaskClient, found: LetterText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.queries.queue.PAGE", 2)
    names = [f"Signer No. {number:02}" for number in range(5)]
    decisions = [_publish(client, _held(found, name=name)) for name in names]
    seen, path = [], RECENT
    while path:
        page = client.get(path).text
        seen += re.findall(r"decisions/(\d+)/undo", page.partition('<ol class="queue"')[2])
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    assert [int(each) for each in seen] == decisions[::-1]


@pytest.mark.parametrize("after", ["x", "-1", "", "1", "1-2-3", "f" * 17, f"1-{'f' * 16}"])
def test_what_follows_nothing_is_not_found(
    client: FlaskClient, found: LetterText, after: str
) -> None:
    _held(found)
    assert client.get(QUEUE, query_string={"after": after}).status_code == 404
    assert client.get(QUEUE, query_string={"tab": after}).status_code == 404


@pytest.mark.parametrize(
    "path", ["signatures/{}/publish", "signatures/{}/reject", "decisions/{}/undo"]
)
def test_a_number_that_no_row_has_is_not_found(
    client: FlaskClient, found: LetterText, path: str
) -> None:
    for number in (2**63 - 1, 2**63, 10**30):
        assert _act(client, path.format(number), reason="abuse") == 404


def test_a_decision_leads_to_the_next_that_waits(client: FlaskClient, found: LetterText) -> None:
    first, second, third = (_held(found).id for _ in range(3))

    def place(path: str, **data: str) -> str:
        response = client.post(f"/organize/letters/a-letter/{path}", data=data)
        return str(response.location).removeprefix(QUEUE)

    assert place(f"signatures/{second}/publish") == f"#signature-{third}"
    assert f'id="signature-{third}"' in client.get(QUEUE).text
    assert place(f"signatures/{third}/reject", reason="abuse") == "#waiting"
    assert place(f"decisions/{_last_decision().id}/undo") == f"#signature-{third}"
    assert place(f"signatures/{first}/reject", reason="abuse") == f"#signature-{third}"
    path = f"signatures/{second}/reject"
    where = {"at": "all", "back": "state=published&look=00000000000000ff"}
    went = place(path, reason="abuse", seen="published", **where)
    assert went == f"?tab=all&state=published&look=00000000000000ff#signature-{second}"


def _told(page: str) -> str:
    """What stands above everything about the decision just made."""
    found = re.search(r'<div class="done".*?</div>', page, re.DOTALL)
    return found[0] if found else ""


def test_what_was_just_done_is_told_once_with_its_undoing(
    client: FlaskClient, found: LetterText
) -> None:
    signature = _held(found, name="Mickey Mouse")
    assert _told(client.get(QUEUE).text) == ""
    _act(client, f"signatures/{signature.id}/reject", reason="not-a-name")
    told = _told(client.get(QUEUE).text)
    assert "Rejected Mickey Mouse: not a real name." in told
    assert f"decisions/{_last_decision().id}/undo" in told
    _act(client, f"decisions/{_last_decision().id}/undo")
    told = _told(client.get(QUEUE).text)
    assert "Mickey Mouse waits again." in told
    assert "/undo" not in told
    _publish(client, signature)
    # Whatever is done next is told alone.
    client.post("/organize/letters/a-letter/networks", data={"network": "192.0.2.7"})
    page = client.get(QUEUE).text
    assert "many may sign from this network. Nothing that is set aside" in _told(page)
    assert page.count('class="done"') == 1
    assert _told(client.get(QUEUE).text) == ""


def test_what_somebody_else_did_is_not_told_as_mine(
    app: Flask, client: FlaskClient, found: LetterText
) -> None:
    other = app.test_client()
    sign_in(other, "other@example.org")
    _publish(other, _held(found))
    assert _told(client.get(QUEUE).text) == ""
    assert _told(other.get(QUEUE).text) != ""


def test_a_comment_is_seen_before_it_is_published(client: FlaskClient, found: LetterText) -> None:
    _held(found, comment="Read me first.")
    rows = client.get(QUEUE).text.partition('<ol class="queue"')[2]
    summary = re.search(r"<summary>.*?</summary>", rows, re.DOTALL)
    assert summary is not None
    assert "Read me first." in summary[0]


def test_a_reason_is_asked_for_in_the_row_and_told_where_it_is_missing(
    client: FlaskClient, found: LetterText
) -> None:
    signature, other = _held(found), _held(found)
    select, words = f'<select id="reason-{signature.id}"', "Choose a reason before you reject."
    path = f"/organize/letters/a-letter/signatures/{signature.id}/reject"
    assert select not in client.get(QUEUE).text
    asked = client.post(path)
    assert (asked.status_code, words in asked.text, select in asked.text) == (200, False, True)
    assert fresh(signature.id).state == State.HELD
    wrong = client.post(path, data={"reason": ""})
    page = wrong.text
    assert (wrong.status_code, select in page) == (422, True)
    assert f'<a href="#reason-{signature.id}">{words}</a>' in page
    assert f'<p class="error" id="reason-{signature.id}-error">{words}</p>' in page
    assert page.count(f'aria-describedby="reason-{signature.id}-error"') == 1
    assert f'id="reason-{other.id}' not in page


def test_it_says_what_letter_this_is_and_who_looks(client: FlaskClient, found: LetterText) -> None:
    page = client.get(QUEUE).text
    for words in ("read first", "/letters/a-letter", "organizer@example.org", "owner", "Sign out"):
        assert words in page
    make_letter(slug="other", moderation=Moderation.AFTER)
    assert "published at once" in client.get("/organize/letters/other/moderation").text


def test_who_is_signed_in_need_not_sign_in(client: FlaskClient) -> None:
    assert client.get("/organize/sign-in").status_code == 200
    sign_in(client)
    response = client.get("/organize/sign-in")
    assert (response.status_code, response.location) == (303, "/organize/")


def test_who_was_signed_out_meanwhile_is_told(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    path = f"/organize/letters/a-letter/signatures/{signature.id}/publish"
    client.application.config["WTF_CSRF_ENABLED"] = True
    assert "signed out" not in client.post(path).text
    client.delete_cookie("session")
    response = client.post(path)
    assert response.status_code == 400
    assert "You are signed out." in response.text
    assert 'href="/organize/sign-in"' in response.text
