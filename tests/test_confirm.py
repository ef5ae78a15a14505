"""Confirming: shown by GET, done by a pressed button or a typed code, counted once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching, limits, tokens
from petition.actions import manage
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Decision,
    Letter,
    Moderation,
    OutgoingMail,
    Signature,
    State,
    Suppression,
)
from petition.queries import tallies
from petition.retention import GRACE
from petition.tokens import Purpose
from tests.conftest import Statements
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_letter,
    make_signature,
    signature_path,
)

YES, NO = {"decision": "confirm"}, {"decision": "not-me"}
SCANNER = {"User-Agent": "Mozilla/5.0 SafeLinks"}


def _pending(**entry: object) -> Signature:
    return make_signature(make_letter(), state=State.PENDING, **entry)


def _count(client: FlaskClient) -> int:
    counted = client.get("/embed/a-letter/count.json").json
    return int(counted["count"])


def test_opening_the_link_shows_what_would_be_published_and_changes_nothing(
    client: FlaskClient,
) -> None:
    signature = _pending(name="Ann <b>Lee</b>", role="poet")
    for method in ("HEAD", "GET", "GET", "GET"):
        response = client.open(confirm_path(signature), method=method, headers=SCANNER)
        assert response.status_code == 200
    assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in response.text
    assert "A letter" in response.text
    assert "<em>fair</em>" in response.text
    assert "<script" not in response.text
    assert fresh(signature.id).state == State.PENDING
    assert _count(client) == 0


def test_the_page_of_a_link_is_kept_nowhere(client: FlaskClient) -> None:
    response = client.get(confirm_path(_pending()))
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in response.text


def test_the_button_confirms_and_leads_to_an_address_without_a_token(client: FlaskClient) -> None:
    signature = _pending(name="Ann Lee")
    response = client.post(confirm_path(signature), data=YES)
    assert (response.status_code, response.location) == (303, "/letters/a-letter/signed")
    own = client.get(response.location)
    assert "Ann Lee" in own.text
    assert "1 person has signed: you" in own.text
    assert f'href="/letters/a-letter/names/{tokens.line(signature.id)}"' in own.text
    assert _count(client) == 1
    assert "Ann Lee" in client.get("/letters/a-letter").text
    stranger = client.application.test_client().get(response.location)
    assert "Ann Lee" not in stranger.text
    assert "1 person has signed<" in stranger.text


def test_the_cookie_of_the_signer_is_short_lived_and_closed(client: FlaskClient) -> None:
    response = client.post(confirm_path(_pending()), data=YES)
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=1800" in cookie


@pytest.mark.parametrize("data", [{}, {"decision": ""}, {"decision": "yes"}, {"confirm": "1"}])
def test_a_post_without_a_decision_does_nothing(client: FlaskClient, data: dict[str, str]) -> None:
    signature = _pending()
    assert client.post(confirm_path(signature), data=data).status_code == 400
    assert fresh(signature.id).state == State.PENDING


def test_confirming_again_is_harmless(client: FlaskClient) -> None:
    signature = _pending()
    for _ in range(3):
        assert client.post(confirm_path(signature), data=YES).status_code == 303
    assert _count(client) == 1
    assert "confirmed" in client.get(confirm_path(signature)).text


def test_ten_at_once_count_once(app: Flask, client: FlaskClient) -> None:
    signature = _pending()
    path = confirm_path(signature)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: app.test_client().post(path, data=YES), range(10)))
    assert {a.status_code for a in answers} == {303}
    assert _count(client) == 1
    assert tallies.drift() == []
    assert db.session.query(Decision).count() == 1


def test_many_at_once_all_count(app: Flask, client: FlaskClient) -> None:
    found = make_letter()
    paths = [confirm_path(make_signature(found, state=State.PENDING)) for _ in range(25)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda p: app.test_client().post(p, data=YES), paths))
    assert {a.status_code for a in answers} == {303}
    assert _count(client) == 25
    assert tallies.drift() == []


def test_a_letter_moderated_before_holds_the_signature(client: FlaskClient) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    signature = make_signature(found, state=State.PENDING, name="Held Back")
    client.post(confirm_path(signature), data=YES)
    assert fresh(signature.id).state == State.HELD
    counted = client.get("/embed/a-letter/count.json").json
    assert (counted["count"], counted["being_checked"]) == (0, 1)
    assert "Held Back" not in client.get("/letters/a-letter").text
    assert "Held Back" in client.get("/letters/a-letter/signed").text


def test_not_me_deletes_what_was_typed_and_suppresses_the_address(client: FlaskClient) -> None:
    signature = _pending(email="victim@example.org", name="Jane Famous")
    response = client.post(confirm_path(signature), data=NO)
    assert (response.status_code, response.location) == (303, "/letters/a-letter/disowned")
    assert client.get(response.location).status_code == 200
    assert db.session.query(Signature).count() == 0
    assert db.session.query(OutgoingMail).count() == 0
    assert db.session.query(Suppression).one().reason == "not-me"
    assert tallies.drift() == []
    assert (
        client.post("/letters/a-letter/sign", data=form(email="victim@example.org")).status_code
        == 303
    )
    assert db.session.query(Signature).count() == 0


def test_not_me_after_confirming_takes_it_out_of_the_count(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Jane Famous", comment="Words.")
    assert _count(client) == 1
    client.post(confirm_path(signature), data=NO)
    signature = fresh(signature.id)
    assert (signature.state, signature.name, signature.email) == (State.WITHDRAWN, "", None)
    assert signature.comment == ""
    assert _count(client) == 0
    assert "Jane Famous" not in client.get("/letters/a-letter").text


def test_a_link_after_not_me_gets_a_helpful_page(client: FlaskClient) -> None:
    signature = _pending()
    path = confirm_path(signature)
    client.post(path, data=NO)
    for response in (client.get(path), client.post(path, data=YES)):
        assert response.status_code == 404
        assert "This link does not work" in response.text


def test_a_broken_link_gets_a_helpful_page(client: FlaskClient) -> None:
    path = confirm_path(_pending())
    for broken in (path[:-3], path + "x", "/confirm/nonsense"):
        assert "This link does not work" in client.get(broken).text
        assert client.get(broken).status_code == 404
        assert client.post(broken, data=YES).status_code == 404


def test_a_link_of_another_purpose_opens_nothing(client: FlaskClient) -> None:
    signature = _pending()
    token = tokens.make(Purpose.SIGNATURE, signature.id)
    assert client.post(f"/confirm/{token}", data=YES).status_code == 404


def test_an_expired_link_says_how_to_get_another(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = _pending()
    path = confirm_path(signature)
    monkeypatch.setattr(Purpose.CONFIRM, "age", timedelta(seconds=-1))
    for response in (client.get(path), client.post(path, data=YES)):
        assert response.status_code == 410
        assert "too old" in response.text
        assert "/letters/a-letter" in response.text
    assert fresh(signature.id).state == State.PENDING


def test_what_is_published_is_what_was_shown(client: FlaskClient) -> None:
    signature = _pending(email="ann.lee@example.org", name="Ann Lee")
    page = client.get(confirm_path(signature)).text
    shown = page.split('name="shown" value="')[1].split('"')[0]
    client.post("/letters/a-letter/sign", data=form(name="Somebody Else"))
    response = client.post(confirm_path(signature), data=YES | {"shown": shown})
    assert response.status_code == 409
    assert "Somebody Else" in response.text
    assert fresh(signature.id).state == State.PENDING


def _close(letter: Letter, ago: timedelta) -> None:
    with writing(db.session):
        letter.closes_at = now() - ago


def test_a_mail_that_left_before_closing_is_honoured_for_a_day(client: FlaskClient) -> None:
    found = make_letter()
    early, late = (make_signature(found, state=State.PENDING) for _ in range(2))
    _close(found.letter, GRACE - timedelta(minutes=1))
    assert client.post(confirm_path(early), data=YES).status_code == 303
    _close(found.letter, GRACE)
    assert client.post(confirm_path(late), data=YES).status_code == 410
    assert _count(client) == 1


def test_the_page_after_signing_says_what_a_closing_leaves(client: FlaskClient) -> None:
    make_letter()
    client.post("/letters/a-letter/sign", data=form(email="ann@gamil.com"))
    thanks, wrong = "/letters/a-letter/thanks", {"email": "ann@gamil.com", "code": "000000"}
    before, after = ("sign again", "Its link works"), ("can still confirm, until", "the spam.")
    for here, elsewhere in ((before, after), (after, before)):
        for page in (client.get(thanks), client.post("/letters/a-letter/code", data=wrong)):
            assert all(words in page.text for words in here)
            assert not any(words in page.text for words in elsewhere)
        _close(db.session.query(Letter).one(), timedelta(minutes=1))
        caching.recent.clear()
    _close(db.session.query(Letter).one(), GRACE)
    caching.recent.clear()
    assert client.get(thanks).status_code == 410


def test_a_rejected_signature_cannot_confirm_itself_back(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), state=State.REJECTED)
    answer = client.post(confirm_path(signature), data=YES)
    assert answer.status_code == 409
    assert "is counted" not in answer.text
    assert fresh(signature.id).state == State.REJECTED
    assert _count(client) == 0


@pytest.mark.parametrize("decision", ["withdraw", "not-me"])
def test_who_left_is_not_thanked_any_more(client: FlaskClient, decision: str) -> None:
    signature = _pending()
    client.post(confirm_path(signature), data=YES)
    cookie = client.get_cookie("signed", path="/letters/a-letter/signed")
    assert cookie is not None
    path = signature_path(signature) if decision == "withdraw" else confirm_path(signature)
    client.post(path, data={"decision": decision})
    assert client.get_cookie("signed", path="/letters/a-letter/signed") is None
    client.set_cookie("signed", cookie.value, path="/letters/a-letter/signed")
    assert "is counted" not in client.get("/letters/a-letter/signed").text


def test_the_page_of_a_link_that_came_too_late_has_no_buttons(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, state=State.PENDING)
    _close(found.letter, GRACE)
    assert 'value="confirm"' not in client.get(confirm_path(signature)).text


def test_a_new_text_is_not_signed_by_a_page_that_showed_the_old_one(client: FlaskClient) -> None:
    signature = _pending(email="ann.lee@example.org")
    page = client.get(confirm_path(signature)).text
    shown = page.split('name="shown" value="')[1].split('"')[0]
    make_letter(markdown="Quite another text.")
    client.post("/letters/a-letter/sign", data=form(name=signature.name))
    response = client.post(confirm_path(signature), data=YES | {"shown": shown})
    assert response.status_code == 409
    assert fresh(signature.id).state == State.PENDING


def test_what_was_withdrawn_is_not_confirmed_by_an_old_link(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    manage.withdraw(signature.id, None)
    assert client.post(confirm_path(signature), data=YES).status_code == 409
    assert fresh(signature.id).state == State.WITHDRAWN


# The code


def _code(signature: Signature) -> str:
    mail = db.session.query(OutgoingMail).filter_by(signature_id=signature.id).one()
    return tokens.code(signature.id, mail.id)


def _type(client: FlaskClient, code: str, email: str = "ann.lee@example.org") -> int:
    data = {"email": email, "code": code}
    return client.post("/letters/a-letter/code", data=data).status_code


def test_the_code_confirms_too(client: FlaskClient) -> None:
    signature = _pending(email="ann.lee@example.org")
    code = _code(signature)
    data = {"email": " Ann.Lee+x@example.org", "code": f" {code[:3]} {code[3:]} "}
    response = client.post("/letters/a-letter/code", data=data)
    assert (response.status_code, response.location) == (303, "/letters/a-letter/signed")
    assert fresh(signature.id).state == State.PUBLISHED
    assert _type(client, code) == 303
    assert _count(client) == 1


def test_a_code_publishes_no_words_that_came_after_its_mail(client: FlaskClient) -> None:
    signature = _pending(email="ann.lee@example.org", name="Ann Lee")
    client.post("/letters/a-letter/sign", data=form(name="Somebody Else", comment="A slur."))
    data = {"email": "ann.lee@example.org", "code": _code(signature)}
    response = client.post("/letters/a-letter/code", data=data)
    assert response.status_code == 409
    assert "Somebody Else" in response.text
    assert fresh(signature.id).state == State.PENDING
    action = response.text.split('action="')[1].split('"')[0]
    assert client.post(action, data=YES).status_code == 303


def test_a_form_sent_twice_keeps_its_code(client: FlaskClient) -> None:
    make_letter()
    for _ in range(2):
        client.post("/letters/a-letter/sign", data=form())
    assert _type(client, _code(db.session.query(Signature).one())) == 303


def test_a_code_can_be_guessed_only_a_few_times(client: FlaskClient) -> None:
    signature = _pending(email="ann.lee@example.org")
    code = _code(signature)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(limits.CODE_TRIES):
        assert _type(client, wrong) == 422
    typed = {"email": "ann.lee@example.org", "code": code}
    assert "The link in the newest mail" in client.post("/letters/a-letter/code", data=typed).text
    assert fresh(signature.id).state == State.PENDING
    client.post(confirm_path(signature), data=YES)
    assert fresh(signature.id).state == State.PUBLISHED


def test_a_code_of_another_signature_does_not_fit(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, state=State.PENDING, email="ann.lee@example.org")
    other = make_signature(found, state=State.PENDING, email="bob@example.org")
    assert _type(client, _code(other)) == 422


def test_a_code_that_is_too_old_does_not_fit(client: FlaskClient) -> None:
    signature = _pending(email="ann.lee@example.org")
    with writing(db.session):
        db.session.query(OutgoingMail).one().created_at -= Purpose.CONFIRM.age
    assert _type(client, _code(signature)) == 422


@pytest.mark.parametrize(
    "state", [State.PENDING, State.PUBLISHED, State.REJECTED, State.WITHDRAWN, None]
)
def test_a_wrong_code_tells_nothing_about_the_address(
    client: FlaskClient, statements: Statements, state: State | None
) -> None:
    found = make_letter()
    data = {"email": "ann.lee@example.org", "code": "000000"}
    client.post("/letters/a-letter/code", data=data)
    caching.recent.clear()  # what is remembered of a letter has nothing to do with addresses
    statements.clear()
    unknown = client.post("/letters/a-letter/code", data=data)
    reference = list(statements)
    if state is not None:
        make_signature(found, state=state, email="ann.lee@example.org")
    caching.recent.clear()
    statements.clear()
    known = client.post("/letters/a-letter/code", data=data)
    assert list(statements) == reference
    assert (known.status_code, known.headers, known.text) == (
        unknown.status_code,
        unknown.headers,
        unknown.text,
    )


def test_a_code_form_without_words_says_what_is_missing(client: FlaskClient) -> None:
    make_letter()
    response = client.post("/letters/a-letter/code", data={})
    assert response.status_code == 422
    assert 'href="#email"' in response.text
    assert 'href="#code"' in response.text
