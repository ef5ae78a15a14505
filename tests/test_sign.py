"""Signing: one row, one mail, and the same answer for everybody."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import address, caching, limits
from petition.actions import manage, sign
from petition.clock import now
from petition.database import writing
from petition.exceptions import NotOpenYet
from petition.extensions import db
from petition.forms.fields import one_line
from petition.mail.suppressions import suppress
from petition.models import Kind, OutgoingMail, Signature, State, Suppression
from petition.queries import tallies
from tests.conftest import Statements
from tests.factories import form, fresh, make_entry, make_letter, make_signature

SIGN = "/letters/a-letter/sign"


def _mails() -> list[OutgoingMail]:
    return list(db.session.scalars(db.select(OutgoingMail).order_by(OutgoingMail.id)))


def _signatures() -> list[Signature]:
    db.session.rollback()  # ends the reading that began before
    db.session.expire_all()
    return list(db.session.scalars(db.select(Signature)))


def test_it_keeps_the_signature_with_its_mail(client: FlaskClient) -> None:
    found = make_letter()
    response = client.post(SIGN, data=form(role="poet", comment="Yes.\n\nPlease."))
    assert (response.status_code, response.location) == (303, "/letters/a-letter/thanks")
    (signature,) = _signatures()
    assert (signature.name, signature.role, signature.comment) == (
        "Ann Lee",
        "poet",
        "Yes.\n\nPlease.",
    )
    assert signature.state == State.PENDING
    assert signature.revision_id == found.revision.id
    assert [(m.kind, m.signature_id) for m in _mails()] == [(Kind.CONFIRM, signature.id)]
    assert tallies.of_letter(found.letter.id).pending == 1


def test_it_counts_and_shows_nothing_before_confirming(client: FlaskClient) -> None:
    make_letter()
    client.post(SIGN, data=form(name="Not Yet"))
    assert client.get("/embed/a-letter/count.json").json["count"] == 0
    assert b"Not Yet" not in client.get("/letters/a-letter").data
    assert b"Not Yet" not in client.get("/letters/a-letter/signatures").data


def test_it_never_keeps_the_canonical_address_in_clear(client: FlaskClient) -> None:
    make_letter()
    client.post(SIGN, data=form(email="A.nn+x@GoogleMail.com"))
    (signature,) = _signatures()
    assert signature.email == "A.nn+x@googlemail.com"
    assert signature.digest == address.digest("ann@gmail.com")
    assert len(signature.digest) == 32


SPELLINGS = [
    "ann@gmail.com",
    "A.N.N@gmail.com",
    "ann+a@gmail.com",
    "ann@googlemail.com",
    "a.nn+b@GMAIL.com",
]


def test_one_address_in_many_spellings_signs_once(client: FlaskClient) -> None:
    found = make_letter()
    for email in SPELLINGS:
        assert client.post(SIGN, data=form(email=email)).status_code == 303
    assert len(_signatures()) == 1
    assert len(_mails()) == 1
    assert tallies.of_letter(found.letter.id).pending == 1


def test_it_signs_once_whatever_races(app: Flask) -> None:
    found = make_letter()

    def press(email: str) -> int:
        return app.test_client().post(SIGN, data=form(email=email)).status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(press, SPELLINGS * 4)) == {303}
    assert len(_signatures()) == 1
    assert len(_mails()) == 1
    assert tallies.of_letter(found.letter.id).pending == 1
    assert tallies.drift() == []


def _new(_client: FlaskClient) -> str:
    return "new@example.org"


def _of_state(state: State) -> str:
    found = make_letter()
    make_signature(found, state=state, email="known@example.org")
    return "known@example.org"


def _suppressed(_client: FlaskClient) -> str:
    with writing(db.session):
        suppress(address.digest("gone@example.org"), "not-me")
    return "gone@example.org"


def _undeliverable(_client: FlaskClient) -> str:
    with writing(db.session):
        suppress(address.digest("bounced@example.org"), "bounced", now() + timedelta(days=1))
    return "bounced@example.org"


def _erased(_client: FlaskClient) -> str:
    signature = make_signature(make_letter(), email="known@example.org")
    with writing(db.session):
        signature.email, signature.mailbox = None, address.mailbox("known@example.org")
    return "known@example.org"


def _of_another_mailbox(client: FlaskClient) -> str:
    return _erased(client).replace("@", "+other@")


KINDS = {
    "new": _new,
    "waiting": lambda _: _of_state(State.PENDING),
    "confirmed": lambda _: _of_state(State.PUBLISHED),
    "blocked": lambda _: _of_state(State.REJECTED),
    "withdrawn": lambda _: _of_state(State.WITHDRAWN),
    "suppressed": _suppressed,
    "undeliverable": _undeliverable,
    "erased": _erased,
    "of another mailbox": _of_another_mailbox,
}


def _golden(
    client: FlaskClient, email: str, **typed: str
) -> tuple[int, list[tuple[str, str]], str]:
    """What comes back, with a gap where what was typed comes back too."""
    response = client.post(SIGN, data=form(email=email, **typed))
    headers = [(k, v.replace(email, "…")) for k, v in response.headers if k != "Date"]
    return response.status_code, headers, response.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_learns_nothing_about_an_address(
    client: FlaskClient, statements: Statements, kind: str
) -> None:
    make_letter()
    email = KINDS[kind](client)
    _golden(client, "first@example.org")  # the day's first makes its salt
    _look_anew(statements)
    expected = _golden(client, "reference@example.org")
    reference = list(statements)
    _look_anew(statements)
    assert _golden(client, email) == expected
    assert list(statements) == reference


def _look_anew(statements: Statements) -> None:
    """Forget what is remembered for a moment, which may end between two looks."""
    caching.recent.clear()
    caching.guards.clear()
    statements.clear()


def test_a_waiting_address_gets_its_link_again_after_a_while(client: FlaskClient) -> None:
    make_letter()
    client.post(SIGN, data=form())
    client.post(SIGN, data=form())
    assert len(_mails()) == 1
    _let_pass(limits.MAIL_PAUSE)
    client.post(SIGN, data=form())
    assert [m.kind for m in _mails()] == [Kind.CONFIRM, Kind.CONFIRM]


def _let_pass(time: timedelta) -> None:
    with writing(db.session):
        for mail in _mails():
            mail.created_at -= time + timedelta(seconds=1)


def test_a_signature_never_causes_more_than_five_mails(client: FlaskClient) -> None:
    make_letter()
    for _ in range(8):
        client.post(SIGN, data=form())
        _let_pass(timedelta(days=2))
    assert len(_mails()) == limits.MAILS_A_SIGNATURE


def test_a_mailbox_gets_a_limited_number_a_day_over_all_letters(client: FlaskClient) -> None:
    for number in range(limits.MAILS_A_DAY + 5):
        make_letter(slug=f"letter-{number}")
        spelling = f"v.i.c.tim+{number}@gmail.com"
        client.post(f"/letters/letter-{number}/sign", data=form(email=spelling))
    assert len(_mails()) == limits.MAILS_A_DAY
    _let_pass(timedelta(days=1))
    client.post(f"/letters/letter-{number}/sign", data=form(email="victim@gmail.com"))
    assert len(_mails()) == limits.MAILS_A_DAY + 1


def test_who_has_signed_is_told_by_mail(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), email="ann.lee@example.org", name="The First")
    _let_pass(limits.MAIL_PAUSE)
    client.post(SIGN, data=form(name="Another Name"))
    assert [m.kind for m in _mails()] == [Kind.CONFIRM, Kind.ALREADY_SIGNED]
    assert fresh(signature.id).name == "The First"


@pytest.mark.parametrize("kind", ["blocked", "suppressed", "undeliverable"])
def test_who_must_get_no_mail_gets_none(client: FlaskClient, kind: str) -> None:
    make_letter()
    email = KINDS[kind](client)
    before = len(_mails())
    _let_pass(timedelta(days=2))
    client.post(SIGN, data=form(email=email))
    assert len(_mails()) == before


def test_a_suppressed_address_leaves_no_row(client: FlaskClient) -> None:
    make_letter()
    client.post(SIGN, data=form(email=_suppressed(client)))
    assert _signatures() == []


def test_a_suppression_that_has_run_out_is_over(client: FlaskClient) -> None:
    make_letter()
    with writing(db.session):
        suppress(address.digest("ann.lee@example.org"), "bounced", now() - timedelta(seconds=1))
    client.post(SIGN, data=form())
    assert len(_mails()) == 1


def test_a_bounce_does_not_soften_a_refusal(app: Flask) -> None:
    with writing(db.session):
        suppress(b"x" * 32, "not-me")
        suppress(b"x" * 32, "bounced", now() - timedelta(days=1))
    make_letter()
    (row,) = db.session.scalars(db.select(Suppression))
    assert (row.reason, row.expires_at) == ("not-me", None)


def test_what_was_typed_last_is_what_waits(client: FlaskClient) -> None:
    make_letter()
    client.post(SIGN, data=form(name="An Lee"))
    client.post(SIGN, data=form(name="Ann Lee", show_name=""))
    (signature,) = _signatures()
    assert (signature.name, signature.show_name) == ("Ann Lee", False)


def test_who_withdrew_may_sign_again(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, email="ann.lee@example.org")
    manage.withdraw(signature.id, None)
    _let_pass(limits.MAIL_PAUSE)
    client.post(SIGN, data=form(name="Ann Again"))
    signature = fresh(signature.id)
    assert (signature.state, signature.name) == (State.WITHDRAWN, "Ann Again")
    assert _mails()[-1].kind == Kind.CONFIRM
    assert tallies.drift() == []


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("name", "", "Write your name"),
        ("name", " \u200b ", "Write your name"),
        ("name", "a" * 101, "Shorten this by 1"),
        ("name", "Win at http://evil.example", "without a web address"),
        ("name", "www.evil.example", "without a web address"),
        ("name", "cheap-pills.com", "without a web address"),
        ("name", "call evil.support", "without a web address"),
        ("name", "=cmd|' /C calc'!A0", "Begin with a letter"),
        ("name", "＝1+1", "Begin with a letter"),
        ("name", "-2+3", "Begin with a letter"),
        ("name", "Z\u0301\u0302\u0303\u0304\u0305algo", "at most four accents"),
        ("name", "12345", "with letters"),
        ("email", "", "Write your e-mail address"),
        ("email", "ann", "only the address"),
        ("email", "ann@exa mple.org", "only the address"),
        ("email", "ann@example.org\r\nBcc: x@example.org", "only the address"),
        ("email", "jürg@example.org", "only the address"),
        ("affiliation", "@sum(1)", "Begin with a letter"),
        ("affiliation", "www.evil.example", "without a web address"),
        ("role", "see https://evil.example", "without a web address"),
        ("comment", "see https://evil.example", "without a web address"),
        ("comment", "x" * 501, "Shorten this by 1"),
        ("consent", "", "Tick this box"),
    ],
)
def test_wrong_input_is_told_beside_its_field_and_kept(
    client: FlaskClient, field: str, value: str, word: str
) -> None:
    make_letter()
    response = client.post(SIGN, data=form(**{"location": "a rare place", field: value}))
    assert response.status_code == 422
    assert word in response.text
    assert re.search(rf'id="{field}-error"', response.text)
    assert f'aria-describedby="{field}' in response.text or f'{field}-error"' in response.text
    assert "a rare place" in response.text
    assert _signatures() == []


def test_all_that_is_wrong_is_told_at_once(client: FlaskClient) -> None:
    make_letter()
    response = client.post(SIGN, data={})
    for field in ("name", "email", "consent"):
        assert f'href="#{field}"' in response.text


def test_what_nobody_may_set_is_ignored(client: FlaskClient) -> None:
    make_letter()
    extra = {"state": "published", "letter_id": "9", "confirmed_at": "2020-01-01", "invented": "y"}
    client.post(SIGN, data=form() | extra)
    (signature,) = _signatures()
    assert (signature.state, signature.invented) == (State.PENDING, False)


def test_repeated_fields_do_no_harm(client: FlaskClient) -> None:
    make_letter()
    body = "name=Ann&name=Bob&name[]=x&email=ann@example.org&email=b@example.org&consent=y"
    response = client.post(SIGN, data=body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 303
    (signature,) = _signatures()
    assert (signature.name, signature.email) == ("Ann", "ann@example.org")


def test_a_robot_that_fills_the_trap_sees_the_usual_page(client: FlaskClient) -> None:
    make_letter()
    expected = _golden(client, "person@example.org")
    assert _golden(client, "robot@example.org", website="http://x") == expected
    assert [s.email for s in _signatures()] == ["person@example.org"]


def test_a_closed_letter_takes_none(client: FlaskClient) -> None:
    make_letter(closes=now() - timedelta(seconds=1))
    answer = client.post(SIGN, data=form(comment="Because."))
    assert answer.status_code == 410
    assert "closed before this reached us" in answer.text
    assert "Because." in answer.text
    assert 'href="http://letters.example.org/letters/a-letter"' in answer.text
    assert "names under it" not in answer.text  # there are none
    assert _signatures() == []


def test_a_closed_letter_says_so_before_it_looks_at_the_form(client: FlaskClient) -> None:
    make_letter(closes=now() - timedelta(seconds=1))
    assert client.post(SIGN, data={}).status_code == 410


def test_who_read_an_older_text_is_asked_to_read_again(client: FlaskClient) -> None:
    make_letter(markdown="One.")
    make_letter(markdown="Two.")
    response = client.post(SIGN, data=form(revision="1"))
    assert response.status_code == 422
    assert "has been changed" in response.text
    assert "Two." in response.text
    assert client.post(SIGN, data=form(revision="2")).status_code == 303


def test_the_page_of_mistakes_can_be_loaded_again(client: FlaskClient) -> None:
    make_letter()
    assert client.get(SIGN).location == "/letters/a-letter#sign"
    assert client.get("/letters/a-letter/code").location == "/letters/a-letter/thanks"


def test_a_letter_not_open_yet_does_not_exist(client: FlaskClient) -> None:
    found = make_letter(opens=now() + timedelta(hours=1))
    assert client.get("/letters/a-letter").status_code == 404
    assert client.post(SIGN, data=form()).status_code == 404
    with pytest.raises(NotOpenYet):
        sign.sign(found.letter, found.revision, make_entry(), None)


def test_one_network_cannot_send_without_end(client: FlaskClient) -> None:
    make_letter()
    most = limits.SIGN[0].amount
    answers = [client.post(SIGN, data=form(email=f"a{n}@example.org")) for n in range(most + 1)]
    assert [a.status_code for a in answers] == [303] * most + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    for kept in (f'value="a{most}@example.org"', 'value="Ann Lee"', "Too many tries"):
        assert answers[-1].text.count(kept) == 1
    assert len(_signatures()) == most


def test_a_body_too_large_is_refused_before_it_is_read(client: FlaskClient) -> None:
    make_letter()
    assert client.post(SIGN, data=form(comment="x" * 100_000)).status_code == 413


def test_a_flood_of_fields_is_refused(client: FlaskClient) -> None:
    make_letter()
    flood = {f"field{n}": "x" for n in range(60)}
    response = client.post(SIGN, data=flood, content_type="multipart/form-data")
    assert response.status_code == 413


def test_a_file_in_the_place_of_a_word_is_no_word(client: FlaskClient) -> None:
    make_letter()
    for field in ("name", "email", "comment"):
        data = {**form(), field: (BytesIO(b"x"), "x.txt")}
        response = client.post(SIGN, data=data, content_type="multipart/form-data")
        assert response.status_code in {303, 422}
    assert [s.name for s in _signatures()] in ([], ["Ann Lee"])


def test_forms_with_mistakes_are_counted_too(client: FlaskClient) -> None:
    make_letter()
    answers = [client.post(SIGN, data={}).status_code for _ in range(limits.FORM[0].amount + 1)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_a_heap_of_accents_is_not_composed(client: FlaskClient) -> None:
    make_letter()
    heap = "a" + "\u0301\u0323" * 3000
    response = client.post(SIGN, data=form(name=heap))
    assert response.status_code == 422
    assert len(one_line(heap)) <= 2_000
