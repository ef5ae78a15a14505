"""The personal link of a first signatory: before the letter is public, and after."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from petition import caching, tokens
from petition.actions import launch, manage, moderate, sign
from petition.actions.launch import FirstEntry
from petition.clock import now
from petition.database import writing
from petition.exceptions import LetterClosed
from petition.extensions import db
from petition.models import (
    Change,
    Decision,
    Letter,
    Moderation,
    Organizer,
    OutgoingMail,
    Role,
    Signatory,
    Signature,
    State,
)
from petition.queries import tallies
from petition.queries.letters import LetterText
from petition.tokens import Purpose
from tests.factories import (
    first_path,
    fresh,
    make_entry,
    make_letter,
    make_signatory,
    make_signature,
    publish_text,
    signature_path,
)

SOON = timedelta(days=3)


def _scheduled(
    markdown: str = "We ask for *fair* terms.", moderation: Moderation = Moderation.AFTER
) -> LetterText:
    return make_letter(opens=now() + SOON, markdown=markdown, moderation=moderation)


def _open(found: LetterText) -> LetterText:
    """Let the opening have come."""
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.opens_at = now() - timedelta(seconds=1)
    caching.recent.clear()
    return LetterText(letter, found.revision)


def _press(client: FlaskClient, path: str, **changes: str) -> int:
    filled = {"decision": "sign", "name": "Kim Ray", "title": "Composer", "revision": "1"}
    filled |= {"consent": "y"} | changes
    answer = client.post(path, data={k: v for k, v in filled.items() if v})
    return int(answer.status_code)


def _only(found: LetterText) -> Signature:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Signature).filter_by(letter_id=found.letter.id).one()


def test_looking_shows_the_letter_under_embargo_and_signs_nothing(client: FlaskClient) -> None:
    found = _scheduled(markdown="We ask for *fair* terms.")
    path = first_path(make_signatory(found, affiliation="House of Sound"))
    page = client.get(path)
    assert page.status_code == 200
    for part in ("Under embargo until", "<em>fair</em>", "Kim Ray", "Composer", "House of Sound"):
        assert part in page.text
    assert 'content="noindex' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert db.session.query(Signature).count() == 0
    assert client.get("/letters/a-letter").status_code == 404


def test_a_withdrawn_letter_is_shown_to_nobody_who_has_not_signed_it(client: FlaskClient) -> None:
    found = _scheduled(markdown="Not for everybody.")
    signed, asked = make_signatory(found), make_signatory(found, email="another@example.org")
    assert _press(client, first_path(signed)) == 303
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).withdrawn_at = now()
    answer = client.get(first_path(asked))
    assert answer.status_code == 410
    assert "Not for everybody." not in answer.text
    assert client.get(first_path(signed)).status_code == 200


def test_under_embargo_no_link_leads_where_nothing_is_yet(client: FlaskClient) -> None:
    found = _scheduled()
    _scheduled(markdown="Changed before the opening.")
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).languages = ["en", "fr"]
    page = client.get(first_path(make_signatory(found))).text
    assert "Changed before the opening." in page
    for path in re.findall(r'href="(/[^"#]*)', page):
        assert client.get(path).status_code == 200, path


def test_the_letter_is_read_and_signed_in_each_of_its_languages(client: FlaskClient) -> None:
    found = _scheduled("We ask.")
    german = publish_text("Wir bitten.", Change.TRANSLATION, "de")
    path = first_path(make_signatory(found))
    page = client.get(path).text
    assert "We ask." in page
    assert f'href="{path}?lang=de"' in page
    page = client.get(f"{path}?lang=de").text
    assert "Wir bitten." in page
    assert f'href="{path}?lang=en"' in page
    assert "We ask." in client.get(f"{path}?lang=fr").text
    assert _press(client, f"{path}?lang=de", revision=str(german.number)) == 303
    signature = _only(found)
    assert (signature.revision_id, signature.language) == (german.id, "de")
    assert client.get("/letters/a-letter").status_code == 404


def test_signing_stands_at_once_and_is_public_only_from_the_opening(client: FlaskClient) -> None:
    found = _scheduled()
    first, second = (make_signatory(found, name=name) for name in ("Kim Ray", "Lou Ash"))
    later, path = first_path(second), first_path(first)
    assert _press(client, later, name="Lou Ash", title="Poet") == 303
    seen = client.get(path).text
    assert "Who has signed so far" in seen
    assert "Lou Ash" in seen
    assert _press(client, path, name="Kim B. Ray") == 303
    done = client.get(path).text
    assert "You have signed this letter" in done
    assert "/signature/" in done
    for hidden in (
        "/letters/a-letter",
        "/letters/a-letter/signatures",
        "/embed/a-letter/count.json",
    ):
        assert client.get(hidden).status_code == 404
    assert client.get("/").text.count("a-letter") == 0

    found = _open(found)
    make_signature(found, name="Ann Lee")
    for path_ in ("/letters/a-letter", "/letters/a-letter/signatures"):
        page = client.get(path_).text
        assert "First signatories" in page
        assert page.index("Kim B. Ray") < page.index("Lou Ash") < page.index("Ann Lee")
        assert page.count("Lou Ash") == 1
        assert "Poet" in page
    assert client.get("/embed/a-letter/count.json").json["count"] == 3


@pytest.mark.parametrize("hands_over", [True, False])
def test_the_first_are_handed_over_only_where_they_say_so(
    client: FlaskClient, hands_over: bool
) -> None:
    found = _scheduled()
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).hands_over = hands_over
    asked, silent = make_signatory(found, name="Kim Ray"), make_signatory(found, name="Lou Fay")
    shown = 'name="pass_on"' in client.get(first_path(asked)).text
    assert shown is hands_over
    assert _press(client, first_path(asked), pass_on="y") == 303
    assert _press(client, first_path(silent), name="Lou Fay") == 303
    passes = dict(db.session.query(Signature.name, Signature.pass_on).all())
    assert passes == {"Kim Ray": hands_over, "Lou Fay": False}


def test_who_signed_first_an_earlier_text_is_told_so(client: FlaskClient) -> None:
    found = make_letter(markdown="One.")
    path, late = (first_path(make_signatory(found, name=name)) for name in ("Kim Ray", "Lou Ash"))
    assert _press(client, path) == 303
    assert "You have signed this letter" in client.get(path).text
    publish_text("Two.", Change.SUBSTANCE)
    page = client.get(path).text
    assert "You have signed an earlier text of this letter" in page
    own = signature_path(_only(found)).partition(".")[0]  # the rest tells the second it was made
    assert f'href="{own}.' in page
    assert 'class="edition">revision 1' in client.get(late).text


def test_who_signed_first_may_leave_before_the_opening(client: FlaskClient) -> None:
    found = _scheduled()
    path = first_path(make_signatory(found))
    assert _press(client, path) == 303
    own = signature_path(_only(found))
    page = client.get(own).text
    assert 'href="http://letters.example.org/letters/' not in page
    assert client.post(own, data={"decision": "withdraw"}, follow_redirects=True).status_code == 200
    only = _only(found)
    assert (only.state, only.name, only.email) == (State.WITHDRAWN, "", None)
    again = client.get(path).text
    assert "Will you sign as one of the first?" in again
    assert _press(client, path) == 303
    assert _only(found).state == State.PUBLISHED
    assert tallies.drift() == []


def test_the_order_can_be_changed_after_all_have_signed(client: FlaskClient) -> None:
    found = _scheduled()
    people = [make_signatory(found, name=name) for name in ("Kim Ray", "Lou Ash")]
    for person in people:
        assert _press(client, first_path(person), name=person.name) == 303
    _open(found)
    launch.shift(found.letter, Role.EDITOR, people[1].id, -1)
    page = client.get("/letters/a-letter").text
    assert page.index("Lou Ash") < page.index("Kim Ray")


WRONG = [
    ({"name": ""}, "Write the name"),
    ({"name": "call evil.support"}, "without a web address"),
    ({"consent": ""}, "Tick this box"),
    ({"title": "www.example.com"}, "without a web address"),
    ({"revision": "7"}, "has been changed since"),
    ({"revision": ""}, "has been changed since"),
]


def test_what_is_wrong_is_told_and_nothing_is_signed(client: FlaskClient) -> None:
    path = first_path(make_signatory(_scheduled()))
    filled = {"decision": "sign", "name": "Kim Ray", "revision": "1", "consent": "y"}
    for changes, said in WRONG:
        typed = {name: value for name, value in (filled | changes).items() if value}
        answer = client.post(path, data=typed)
        assert answer.status_code == 422
        assert said in answer.text
    assert db.session.query(Signature).count() == 0


def test_a_text_changed_meanwhile_is_read_once_more(client: FlaskClient) -> None:
    found = _scheduled()
    path = first_path(make_signatory(found))
    _scheduled(markdown="We ask for something else.")
    assert _press(client, path) == 422
    assert _press(client, path, revision="2") == 303
    db.session.rollback()
    signed = db.session.query(Signature).one()
    assert signed.revision_id != found.revision.id


def test_declining_is_noted_and_can_be_thought_over(client: FlaskClient) -> None:
    found = _scheduled()
    person = make_signatory(found)
    path = first_path(person)
    assert _press(client, path, decision="decline") == 303
    assert "You declined" in client.get(path).text
    with writing(db.session):
        assert launch.invite(found.letter, Role.EDITOR, 1, None).sent == 0
    assert _press(client, path) == 303
    db.session.rollback()
    db.session.expire_all()
    signatory = db.session.get_one(Signatory, person.id)
    assert signatory.declined_at is None
    assert signatory.signature_id is not None
    assert _press(client, path, decision="decline") == 409


def test_one_address_signs_once_whichever_way_it_comes(client: FlaskClient) -> None:
    found = make_letter()
    earlier = make_signature(found, name="Kim", email="kim@example.org")
    person = make_signatory(found, email="Kim+first@example.org")
    assert _press(client, first_path(person)) == 303
    only = _only(found)
    assert (only.id, only.name, only.role, only.position) == (earlier.id, "Kim Ray", "Composer", 1)
    assert tallies.of_letter(found.letter.id).published == 1
    assert tallies.drift() == []


@pytest.mark.parametrize("state", [State.PENDING, State.WITHDRAWN])
def test_who_waited_or_withdrew_stands_by_signing_first(client: FlaskClient, state: State) -> None:
    found = make_letter()
    if state is State.WITHDRAWN:
        manage.withdraw(make_signature(found, email="kim@example.org").id, None)
    # Whoever sends the public form may be anybody.
    strange = make_entry(email="kim@example.org", location="Nowhere", comment="Not my words")
    strange = replace(strange, updates=True, answers={"q1": "yes"}, show_name=False)
    sign.sign(found.letter, found.revision, strange, None)
    person = make_signatory(found, email="kim@example.org")
    assert _press(client, first_path(person)) == 303
    only = _only(found)
    assert (only.state, only.name, only.email) == (State.PUBLISHED, "Kim Ray", "kim@example.org")
    assert only.confirmed_at is not None
    assert only.published_at is not None
    nothing = (only.location, only.comment, only.answers, only.updates)
    assert nothing == ("", "", None, False)
    assert tallies.drift() == []


def test_a_moderator_reads_first_where_the_letter_says_so(client: FlaskClient) -> None:
    found = _scheduled(moderation=Moderation.BEFORE)
    path = first_path(make_signatory(found))
    assert _press(client, path) == 303
    assert _only(found).state == State.HELD
    assert "A moderator of the letter reads your name" in client.get(path).text
    db.session.rollback()
    assert db.session.query(Decision).one().to_state == State.HELD


def test_what_a_moderator_read_is_not_changed_past_them(client: FlaskClient) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    signature = make_signature(found, state=State.HELD, email="kim@example.org", name="Kim")
    moderate.publish(found.letter, Role.MODERATOR, _organizer(), signature.id)
    person = make_signatory(found, email="kim@example.org")
    assert _press(client, first_path(person), name="Somebody Else") == 303
    assert _only(found).state == State.HELD
    assert tallies.drift() == []


def _organizer() -> int:
    with writing(db.session):
        organizer = Organizer(email="o@example.org")
        db.session.add(organizer)
        db.session.flush()
    return organizer.id


def test_who_was_rejected_does_not_come_back_by_an_invitation(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, state=State.REJECTED, email="kim@example.org")
    person = make_signatory(found, email="kim@example.org")
    assert _press(client, first_path(person)) == 409
    assert _only(found).state == State.REJECTED


def test_a_closed_or_unknown_letter_takes_none(client: FlaskClient) -> None:
    closed = make_letter(closes=now() - timedelta(minutes=1))
    path = first_path(make_signatory(closed))
    assert "takes no signatures now" in client.get(path).text
    assert _press(client, path) == 410
    other = tokens.make(Purpose.FIRST, 2**40)
    for method in (client.get, client.post):
        assert method(f"/first/{other}").status_code == 404
        assert method("/first/broken").status_code == 404
    wrong = tokens.make(Purpose.SIGNATURE, 1)
    assert client.get(f"/first/{wrong}").status_code == 404


@pytest.mark.usefixtures("app")
def test_a_letter_that_was_withdrawn_since_it_was_read_is_not_signed_nor_sent() -> None:
    found = _scheduled()
    person_id = make_signatory(found).id
    with pytest.raises(LetterClosed), _withdrawn_meanwhile(found):
        launch.sign_first(person_id, found.revision.id, FirstEntry("Kim Ray", "", ""), None)
    with pytest.raises(LetterClosed), _withdrawn_meanwhile(found):
        launch.invite(found.letter, Role.EDITOR, 1, None)
    db.session.rollback()
    assert db.session.query(Signature).count() == 0
    assert db.session.query(OutgoingMail).count() == 0


@contextmanager
def _withdrawn_meanwhile(found: LetterText) -> Iterator[None]:
    """Taken from view after it was read."""
    for moment in (None, now()):
        with db.engine.begin() as elsewhere:
            elsewhere.execute(update(Letter).values(withdrawn_at=moment))
        if moment is None:
            db.session.refresh(found.letter)
            db.session.refresh(found.revision)
            db.session.commit()
    yield


def test_signing_twice_at_once_makes_one_signature(app: Flask) -> None:
    found = _scheduled()
    person_id = make_signatory(found).id
    revision_id = found.revision.id
    db.session.rollback()
    problems: list[Exception] = []

    def press() -> None:
        with app.app_context():
            try:
                entry = FirstEntry("Kim Ray", "Composer", "")
                launch.sign_first(person_id, revision_id, entry, None)
            except Exception as error:
                problems.append(error)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert db.session.query(Signature).count() == 1
    assert tallies.of_letter(found.letter.id).published == 1
    assert tallies.drift() == []


def test_signing_and_reordering_at_once_keep_one_order(app: Flask) -> None:
    found = _scheduled()
    ids = [make_signatory(found, name=f"Kim {word}").id for word in ("A", "B", "C", "D")]
    revision_id = found.revision.id
    letter = found.letter
    db.session.refresh(letter)
    db.session.expunge(letter)
    db.session.rollback()
    problems: list[Exception] = []

    def press(person_id: int) -> None:
        with app.app_context():
            try:
                launch.sign_first(person_id, revision_id, FirstEntry("Kim", "", ""), None)
            except Exception as error:
                problems.append(error)

    def shift(person_id: int) -> None:
        with app.app_context():
            try:
                launch.shift(letter, Role.OWNER, person_id, -1)
            except Exception as error:
                problems.append(error)

    threads = [threading.Thread(target=do, args=(i,)) for i in ids for do in (press, shift)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    db.session.rollback()
    db.session.expire_all()
    people = db.session.query(Signatory).order_by(Signatory.position).all()
    assert [person.position for person in people] == [1, 2, 3, 4]
    for person in people:
        assert fresh(person.signature_id or 0).position == person.position
