"""First signatories, as organizers ask them: who, in which order, by which mail."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import limits
from petition.actions import forget, launch
from petition.actions.launch import FirstEntry
from petition.clock import now
from petition.database import writing
from petition.exceptions import Forbidden, LetterClosed, NotFound
from petition.extensions import db
from petition.mail import messages, outbox
from petition.models import Delivery, Kind, Letter, OutgoingMail, Role, Signatory
from petition.queries import signatories
from petition.queries.letters import LetterText
from tests.accounts import make_member
from tests.factories import TEAM, first_path, make_letter, make_signatory, sign_in

PAGE = "/organize/letters/a-letter/first"
SOON = timedelta(days=3)


def _scheduled(title: str = "A letter") -> LetterText:
    return make_letter(title=title, opens=now() + SOON)


def _names(found: LetterText) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [each.signatory.name for each in signatories.of_letter(found.letter.id)]


def _mails() -> list[OutgoingMail]:
    db.session.rollback()
    mails = db.session.query(OutgoingMail).filter_by(kind=Kind.FIRST_INVITATION)
    return mails.order_by(OutgoingMail.id).all()


def test_people_are_added_one_by_one_and_by_lines(client: FlaskClient) -> None:
    found = _scheduled()
    sign_in(client, role=Role.EDITOR)
    one = {"name": "Kim Ray", "title": "Composer", "email": "kim@example.org", "language": "en"}
    assert client.post(PAGE, data=one).status_code == 303
    lines = "Lou Ash; Poet; House of Words; lou@example.org\r\n\r\nMia Fox\tmia@example.org\n"
    done = client.post(f"{PAGE}/lines", data={"many-lines": lines, "many-language": "en"})
    assert done.status_code == 303
    assert _names(found) == ["Kim Ray", "Lou Ash", "Mia Fox"]
    page = client.get(PAGE).text
    for shown in (
        "2 people were added.",
        "Composer",
        "House of Words",
        "lou@example.org",
        "not invited yet",
    ):
        assert shown in page
    assert "Send 3 invitations" in page


def test_each_wrong_line_is_told_and_nothing_is_lost_or_added(client: FlaskClient) -> None:
    found = _scheduled()
    sign_in(client)
    lines = "Lou Ash; lou@example.org\n=cmd; x@example.org\nMia Fox; Poet\nA;b;c;d;e@example.org"
    answer = client.post(f"{PAGE}/lines", data={"many-lines": lines, "many-language": "en"})
    assert answer.status_code == 422
    assert "Lou Ash; lou@example.org\n=cmd; x@example.org" in answer.text.replace("\r", "")
    summary = answer.text.partition('id="problems"')[2].partition("</ul>")[0]
    assert [f"Line {n}:" in summary for n in (1, 2, 3, 4)] == [False, True, True, True]
    assert _names(found) == []


WRONG = [
    ("name", ""),
    ("name", "www.example.com"),
    ("title", "=1+1"),
    ("title", "x" * 81),
    ("email", "nobody"),
    ("language", "xx"),
]


def test_what_is_wrong_stands_beside_its_field(client: FlaskClient) -> None:
    found = _scheduled()
    sign_in(client)
    filled = {"name": "Kim Ray", "title": "", "email": "kim@example.org", "language": "en"}
    for field, typed in WRONG:
        answer = client.post(PAGE, data=filled | {field: typed})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text or field == "language"
    assert _names(found) == []


def test_one_address_is_asked_once_however_it_is_spelled(client: FlaskClient) -> None:
    found = _scheduled()
    sign_in(client)
    one = {"name": "Kim Ray", "email": "kim@example.org", "language": "en"}
    client.post(PAGE, data=one)
    again = client.post(PAGE, data=one | {"email": "KIM+x@Example.org"})
    assert again.status_code == 422
    assert "among the first signatories already" in again.text
    assert _names(found) == ["Kim Ray"]


def test_the_same_address_twice_among_the_lines_is_one_person(client: FlaskClient) -> None:
    found = _scheduled()
    sign_in(client)
    lines = "Kim Ray; kim@example.org\nLou Ash; lou@example.org\nKim R.; KIM@example.org"
    done = client.post(f"{PAGE}/lines", data={"many-lines": lines, "many-language": "en"})
    assert done.status_code == 303
    assert _names(found) == ["Kim Ray", "Lou Ash"]


def test_somebody_is_corrected_in_their_place_and_another_address_is_another_person(
    client: FlaskClient,
) -> None:
    found = _scheduled()
    person = make_signatory(found, name="Kim Rey", email="kim@example.org")
    make_signatory(found, name="Lou Ash", email="lou@example.org")
    place, link = f"{PAGE}/{person.id}", first_path(person)
    sign_in(client)
    assert "Kim Rey" in client.get(place).text
    filled = {"name": "Kim Ray", "title": "", "email": "kim@example.org", "language": "en"}
    assert client.post(place, data=filled | {"name": ""}).status_code == 422
    taken = client.post(place, data=filled | {"email": "LOU@example.org"})
    assert taken.status_code == 422
    assert "already" in taken.text
    assert client.post(place, data=filled).status_code == 303
    assert _names(found) == ["Kim Ray", "Lou Ash"]
    assert client.get(link).status_code == 200
    moved = client.post(place, data=filled | {"email": "kim@example.net"})
    assert moved.status_code == 303
    assert _names(found) == ["Kim Ray", "Lou Ash"]
    assert client.get(link).status_code == 404
    assert client.get(place).status_code == 404


def test_who_has_signed_is_not_written_anew(client: FlaskClient) -> None:
    found = _scheduled()
    person = make_signatory(found, email="kim@example.org")
    launch.sign_first(person.id, found.revision.id, FirstEntry("Kim Ray", "", ""), None)
    sign_in(client)
    filled = {"name": "Another", "email": "kim@example.org", "language": "en"}
    assert client.post(f"{PAGE}/{person.id}", data=filled).status_code == 409
    assert "Kim Ray" in client.get(PAGE).text


def test_there_are_not_too_many(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "MOST", 1)
    found = _scheduled()
    make_signatory(found)
    sign_in(client)
    answer = client.post(PAGE, data={"name": "Lou", "email": "lou@example.org", "language": "en"})
    assert answer.status_code == 422
    assert "1 first signatories at most" in answer.text


def test_the_order_is_changed_by_buttons(client: FlaskClient) -> None:
    found = _scheduled()
    ids = [make_signatory(found, name=name).id for name in ("One", "Two", "Three")]
    sign_in(client)
    client.post(f"{PAGE}/{ids[2]}/move", data={"direction": "up"})
    assert _names(found) == ["One", "Three", "Two"]
    client.post(f"{PAGE}/{ids[0]}/move", data={"direction": "down"})
    client.post(f"{PAGE}/{ids[0]}/move", data={"direction": "down"})
    client.post(f"{PAGE}/{ids[0]}/move", data={"direction": "down"})
    assert _names(found) == ["Three", "Two", "One"]


def test_removing_says_so_and_can_be_undone_with_the_same_link(client: FlaskClient) -> None:
    found = _scheduled()
    person = make_signatory(found)
    path = first_path(person)
    sign_in(client)
    done = client.post(f"{PAGE}/{person.id}/remove", follow_redirects=True)
    assert "Kim Ray is not asked any more" in done.text
    assert _names(found) == []
    assert client.get(path).status_code == 404
    client.post(f"{PAGE}/{person.id}/restore")
    assert _names(found) == ["Kim Ray"]
    assert client.get(path).status_code == 200


@pytest.mark.usefixtures("app")
def test_who_is_not_asked_any_more_is_forgotten_in_time() -> None:
    found = _scheduled()
    removed, standing = make_signatory(found), make_signatory(found, name="Lou Ash")
    launch.remove(found.letter, Role.EDITOR, removed.id)
    forget.forget_asked()
    assert db.session.query(Signatory).count() == 2
    with writing(db.session):
        removed.removed_at = now() - launch.REMOVED_KEPT - timedelta(minutes=1)
    forget.forget_asked()
    assert [each.id for each in db.session.query(Signatory)] == [standing.id]
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.closes_at = now() - forget.AFTER_CLOSING - timedelta(minutes=1)
    forget.forget_asked()
    assert db.session.query(Signatory).count() == 0


@pytest.mark.usefixtures("app")
def test_a_crowd_is_forgotten_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget, "PIECE", 2)
    found = make_letter(closes=now() - forget.AFTER_CLOSING - timedelta(minutes=1))
    for _ in range(3):
        make_signatory(found)
    assert [forget.forget_asked(), forget.forget_asked()] == [True, False]
    assert db.session.query(Signatory).count() == 0


@pytest.mark.usefixtures("app")
def test_who_signed_first_is_not_forgotten_with_the_others() -> None:
    found = make_letter()
    person = make_signatory(found)
    launch.sign_first(person.id, found.revision.id, FirstEntry("Kim Ray", "", ""), None)
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.closes_at = now() - forget.AFTER_CLOSING - timedelta(minutes=1)
    forget.forget_asked()
    assert db.session.query(Signatory).count() == 1


def test_invitations_need_a_text_that_can_be_signed(client: FlaskClient) -> None:
    found = make_letter(closes=now() - SOON)
    make_signatory(found)
    with pytest.raises(LetterClosed):
        launch.invite(found.letter, Role.EDITOR, 1, None)
    sign_in(client)
    assert client.post(f"{PAGE}/invite").status_code == 409
    assert _mails() == []


def test_each_gets_one_mail_in_their_language_and_no_second_within_a_day(
    client: FlaskClient,
) -> None:
    found = _scheduled(title="A better deal")
    person = make_signatory(found, email="kim@example.org")
    make_signatory(found, name="Lou Ash")
    sign_in(client)
    assert "2 invitations" in client.post(f"{PAGE}/invite", follow_redirects=True).text
    assert "No invitation" in client.post(f"{PAGE}/invite", follow_redirects=True).text
    again = client.post(f"{PAGE}/{person.id}/invite", follow_redirects=True)
    assert "No invitation" in again.text
    assert len(_mails()) == 2
    with writing(db.session):
        db.session.query(Signatory).update({"invited_at": now() - launch.PAUSE})
    assert "Invite again" in client.get(PAGE).text
    client.post(f"{PAGE}/{person.id}/invite")
    assert len(_mails()) == 3
    jobs = outbox.claim("w", 10)
    mail = next(messages.compose(j) for j in jobs if j.email == "kim@example.org")
    assert "A better deal" in mail.subject
    for part in (mail.text, mail.html):
        assert "/first/" in part
        assert "It becomes public on" in part
        assert "A better deal" in part
    assert "Kim" not in str(_mails()[0].about)
    for job in jobs:
        outbox.sent(job)
    db.session.rollback()
    assert {mail.delivery for mail in _mails()} == {Delivery.SENT}
    assert {mail.recipient for mail in _mails()} == {None}


@pytest.mark.parametrize("again", ["the same", "another letter", "another team", "anew"])
def test_no_team_and_no_organizer_writes_to_crowds_of_strangers(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    monkeypatch.setattr(limits, "FIRST_INVITATIONS_A_DAY", 2)
    sign_in(client)
    for each in [make_signatory(_scheduled()) for _ in range(3)]:
        last = each.id
    told = client.post(f"{PAGE}/invite", follow_redirects=True).text
    assert "2 invitations are on their way. 1 person has to wait" in told
    assert [mail.about["signatory"] for mail in _mails() if mail.about] == [last - 2, last - 1]
    page = PAGE
    if again == "anew":  # as if nobody had been written to
        client.post(f"{PAGE}/{last - 1}/remove")
        make_signatory(_scheduled())
    elif again != "the same":
        team = "Others" if again == "another team" else TEAM
        sign_in(client, team=team)
        make_signatory(make_letter(slug="other", opens=now() + SOON, team=team))
        page = "/organize/letters/other/first"
    assert (
        "no more invitations leave today"
        in client.post(f"{page}/invite", follow_redirects=True).text
    )
    assert len(_mails()) == 2
    with writing(db.session):
        db.session.query(OutgoingMail).update({"created_at": now() - timedelta(days=1)})
    client.post(f"{page}/invite")
    assert len(_mails()) > 2


@pytest.mark.usefixtures("app")
def test_of_two_who_invite_at_once_no_more_than_a_day_has(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_INVITATIONS_A_DAY", 5)
    letters = [make_letter(slug=f"letter-{n}", opens=now() + SOON) for n in range(4)]
    for found in letters:
        for _ in range(4):
            make_signatory(found)
    organizer = make_member("editor@example.org", Role.EDITOR).id
    gate = threading.Barrier(len(letters))

    def run(found: LetterText) -> int:
        with app.app_context():
            gate.wait()
            try:
                return launch.invite(found.letter, Role.EDITOR, organizer, None).sent
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(len(letters)) as pool:
        assert sum(pool.map(run, letters)) == len(_mails()) == 5


def test_what_reaches_strangers_mailboxes_leads_nowhere_else(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    text = "/organize/letters/a-letter/text"
    said = {"title": "T", "addressee": "A", "sender": "S", "markdown": "M", "version": "0"}
    for field in ("title", "addressee", "sender"):
        for address in ("Win at evil.example.com/x", "www.evil.example", "https://evil.example"):
            answer = client.post(text, data=said | {field: address})
            assert answer.status_code == 422
            assert "without a web address" in answer.text
            assert address in answer.text
    begun = client.post("/organize/letters/new", data={"title": "evil.com", "language": "en"})
    assert begun.status_code == 422


def test_another_letters_people_are_nobodys(client: FlaskClient) -> None:
    found, other = _scheduled(), make_letter(slug="other", team="Others")
    theirs = make_signatory(other)
    for do in (launch.remove, launch.restore):
        with pytest.raises(NotFound):
            do(found.letter, Role.OWNER, theirs.id)
    with pytest.raises(NotFound):
        launch.shift(found.letter, Role.OWNER, theirs.id, 1)
    with pytest.raises(NotFound):
        launch.invite(found.letter, Role.OWNER, 1, None, theirs.id)
    with pytest.raises(Forbidden):
        launch.add(found.letter, Role.MODERATOR, [])
    sign_in(client)
    assert "Kim Ray" not in client.get(PAGE).text


def test_the_page_says_what_comes_before_the_invitations_and_what_is_done(
    client: FlaskClient,
) -> None:
    sign_in(client)

    def steps(**values: object) -> list[str]:
        with writing(db.session):
            for name, value in values.items():
                setattr(db.session.get_one(Letter, found.letter.id), name, value)
        page = client.get(PAGE).text
        listed = re.search('<ol class="steps".*?</ol>', page, re.DOTALL)
        return listed[0].split("<li>")[1:] if listed else []

    found = _scheduled()
    draft = steps(published_at=None, opens_at=None)
    assert "Set an opening" in draft[0]
    assert "Publish the text" in draft[1]
    data = {"name": "Kim Ray", "email": "kim@example.org", "language": "en"}
    assert client.post(PAGE, data=data).status_code == 303
    assert client.post(f"{PAGE}/invite").status_code == 409
    opening = now() + timedelta(days=2)
    assert [">done<" in step for step in steps(opens_at=opening)] == [True, False, False]
    assert [">done<" in step for step in steps(published_at=now())] == [True, True, False]
    with writing(db.session):
        db.session.query(Signatory).update({"invited_at": now()})
    assert [">done<" in step for step in steps()] == [True, True, True]
    assert steps(opens_at=now()) == []
    assert "who signs by it appears at once" in client.get(PAGE).text
    assert steps(closes_at=now()) == []
    assert "takes no signatures any more" in client.get(PAGE).text
