"""A signer's rights, each by the mailed link alone: what it changes, and what it leaves behind."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from petition import address, config
from petition.actions import consents, sign, sweep, verify
from petition.actions.move import locked, move
from petition.actions.sweep import Asked
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Act,
    Actor,
    Change,
    Decision,
    Listing,
    Moderation,
    NameWord,
    Role,
    Signal,
    Signature,
    State,
    Verification,
)
from petition.queries import corrections, shown, tallies
from tests.accounts import make_member
from tests.factories import (
    change,
    form,
    fresh,
    make_entry,
    make_letter,
    make_signature,
    publish_text,
    sign_in,
    signature_path,
)

KNOWN = "known@example.org"


def _press(client: FlaskClient, signature: Signature, decision: str, **typed: str) -> int:
    answer = client.post(signature_path(signature), data={"decision": decision, **typed})
    return int(answer.status_code)


def _correct(client: FlaskClient, signature: Signature, **typed: str) -> int:
    return _press(client, signature, "correct", **{"name": "Ann Lee", **typed})


def _decisions(signature: Signature) -> list[tuple[str, str, str, Any]]:
    rows = db.session.query(Decision).filter_by(signature_id=signature.id).order_by(Decision.id)
    return [(each.actor, each.from_state, each.to_state, each.before) for each in rows]


def _count(client: FlaskClient) -> int:
    return int(client.get("/embed/a-letter/count.json").json["count"])


def test_initials_stand_wherever_the_name_did(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Ann Marie Lee", role="poet")
    own = signature_path(signature)
    with writing(db.session):
        fresh(signature.id).searchable = True
        word = NameWord(letter_id=signature.letter_id, word="marie", signature_id=signature.id)
        db.session.add(word)
    assert _press(client, signature, "initials") == 303
    places = ["/letters/a-letter", "/letters/a-letter/signatures", "/letters/a-letter/copy"]
    for place in places:
        page = client.get(place).text
        assert "A. M. L." in page, place
        assert "Marie" not in page, place
    told = "Only the initials of your name are shown from now on."
    page = client.get(f"{own}?done=initials").text
    assert f"<title>{told} · Your signature" in page
    assert f'role="status" tabindex="-1" autofocus>{told}<' in page
    refused = client.post(f"{own}?done=initials", data={"decision": "correct", "name": ""})
    assert refused.status_code == 422
    assert told not in refused.text
    assert db.session.query(NameWord).all() == []
    assert fresh(signature.id).searchable is False
    for decision, named in (("hide", False), ("initials", True), ("show", True)):
        assert _press(client, signature, decision) == 303
        assert fresh(signature.id).show_name is named
    assert "Ann Marie Lee" in client.get("/letters/a-letter").text
    assert _count(client) == 1


def test_what_is_agreed_to_and_taken_back_is_written_down(client: FlaskClient) -> None:
    found = make_letter()
    entry = replace(make_entry(email=KNOWN), updates=True)
    sign.sign(found.letter, found.revision, entry, "192.0.2.7")
    signature = db.session.query(Signature).one()
    with writing(db.session):
        move(locked(signature.id), State.PUBLISHED, Actor.SIGNER, confirmed_at=now())
    signed_at = fresh(signature.id).consented_at
    page = client.get(signature_path(signature)).text
    for said in ("You signed revision 1", "that your name is shown", "You asked for updates"):
        assert said in page
    assert "agreed again" not in page
    assert fresh(signature.id).consents is None
    publish_text("We ask for something else.", Change.SUBSTANCE)
    for decision in ("no-updates", "no-updates", "hide"):
        assert _press(client, signature, decision) == 303
    assert _press(client, signature, "sign-new", number="2") == 303
    record = fresh(signature.id).consents
    assert record is not None
    assert [(each["purpose"], each["given"], each["revision"]) for each in record] == [
        ("sign", True, 1),
        ("name", True, 1),
        ("updates", True, 1),
        ("updates", False, 1),
        ("name", False, 1),
        ("sign", True, 2),
    ]
    assert record[0]["at"] == signed_at.isoformat() < record[3]["at"]
    page = client.get(signature_path(signature)).text
    for said in ("You signed revision 2", "You wanted no more updates", "took back that your"):
        assert said in page


@pytest.mark.parametrize("hands_over", [True, False])
def test_a_name_is_handed_on_only_where_both_sides_say_so(
    client: FlaskClient, hands_over: bool
) -> None:
    found = make_letter()
    change(found, hands_over=hands_over)
    words = "My name may be handed to the makers"
    assert (words in client.get("/letters/a-letter").text) is hands_over
    client.post("/letters/a-letter/sign", data=form(pass_on="y"))
    signature = db.session.query(Signature).one()
    assert signature.pass_on is hands_over
    with writing(db.session):
        move(locked(signature.id), State.PUBLISHED, Actor.SIGNER, confirmed_at=now())
    page = client.get(signature_path(signature)).text
    assert ("Do not hand my name to the makers" in page) is hands_over
    assert _press(client, signature, "no-pass-on") == 303
    assert fresh(signature.id).pass_on is False
    assert "the makers" not in client.get("/letters/a-letter/signatures").text


def test_a_correction_keeps_the_old_words_and_goes_through_the_signals(
    client: FlaskClient,
) -> None:
    signature = make_signature(make_letter(), name="An Le", role="poet", comment="So.")
    member = make_member("organizer@example.org")
    with writing(db.session):
        row = fresh(signature.id)
        row.verified_at, row.signals, row.searchable = now(), Signal.UNSOLVED, True
        db.session.add(
            Verification(signature_id=row.id, organizer_id=member.id, evidence="She called.")
        )
        db.session.add(NameWord(letter_id=row.letter_id, word="le", signature_id=row.id))
    before, published_at = row.skeleton, row.published_at
    assert _correct(client, signature, name="An Le", role="poet", comment="Oh.") == 303
    assert fresh(signature.id).verified_at is not None  # they are who they were verified to be
    assert _correct(client, signature, name="Ann Lee", role="poet", comment="Oh.") == 303
    assert client.get(signature_path(signature)).text.count("agreed again") == 2
    row = fresh(signature.id)
    assert (row.state, row.published_at) == (State.PUBLISHED, published_at)
    assert row.skeleton != before
    assert (row.verified_at, row.searchable, row.signals) == (None, False, Signal.UNSOLVED)
    assert db.session.query(Verification).one().ended_at is not None
    assert db.session.query(NameWord).all() == []
    assert _decisions(signature)[1:] == [
        ("signer", "published", "published", {"comment": "So."}),
        ("signer", "published", "published", {"name": "An Le"}),
    ]
    assert tallies.drift() == []


@pytest.mark.parametrize("changed", [{"role": "Chief Executive"}, {"affiliation": "Big Firm"}])
def test_other_claims_beside_a_name_end_its_verification(
    client: FlaskClient, changed: dict[str, str]
) -> None:
    found, member = make_letter(), make_member("organizer@example.org")
    for name, state in (("Vera Fied", State.PUBLISHED), ("Bill Gates", State.HELD)):
        signature = make_signature(found, name=name, role="reader", state=state)
        seen = State.HELD if state == State.HELD else None
        who = verify.Who(name, "reader")
        verify.verify(
            found.letter, Role.OWNER, member.id, signature.id, who, "Called.", publish_from=seen
        )
        said = {"name": name, "role": "reader", "affiliation": ""} | changed
        assert _correct(client, signature, **said) == 303
        row = fresh(signature.id)
        # A notable name waits until somebody has made sure once more.
        assert (row.state, row.verified_at) == (state, None)
    assert "verified" not in client.get("/letters/a-letter").text
    assert tallies.drift() == []


def test_a_name_that_is_watched_for_is_held_also_as_a_correction(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, name="Ann Lee")
    change(found, watch=["Jane Famous"])
    assert _correct(client, signature, name="Jane Famous") == 303
    row = fresh(signature.id)
    assert (row.state, bool(row.signals & Signal.NOTABLE)) == (State.HELD, True)
    assert "An organizer reads it" in client.get(f"{signature_path(signature)}?done=corrected").text
    assert "Jane Famous" not in client.get("/letters/a-letter").text
    assert _count(client) == 0
    assert _decisions(signature)[-1] == ("signer", "published", "held", {"name": "Ann Lee"})
    sign_in(client)
    queue = client.get("/organize/letters/a-letter/moderation").text
    assert "Name before: <bdi>Ann Lee</bdi>" in queue
    with writing(db.session):
        move(locked(signature.id), State.PUBLISHED, Actor.ORGANIZER)
    # What an organizer has let pass, another comment does not bring back to them.
    assert _correct(client, signature, name="Jane Famous", comment="Because.") == 303
    assert fresh(signature.id).state == State.PUBLISHED
    assert tallies.drift() == []


@pytest.mark.parametrize("moderation", Moderation)
def test_who_is_set_aside_is_told_what_everybody_is(
    client: FlaskClient, moderation: Moderation
) -> None:
    found = make_letter(moderation=moderation)
    state = State.PUBLISHED if moderation is Moderation.AFTER else State.HELD
    pair = [make_signature(found, name=name, state=state) for name in ("Ann Lee", "Kim Ray")]
    with writing(db.session):
        move(locked(pair[1].id), State.QUARANTINED, Actor.SCREENING, signals=Signal.NETWORK)
    pages = []
    for signature, name in zip(pair, ("Bo Li", "Bodil Lind"), strict=True):
        path = signature_path(signature)
        assert _correct(client, signature, name=name, comment="Because.") == 303
        assert _press(client, signature, "initials") == 303
        page, held = client.get(path).text, client.get(f"{path}/data.json").json
        pages.append([_masked(each).replace(path, "").replace(name, "") for each in (page, held)])
    assert pages[0] == pages[1]
    assert fresh(pair[1].id).state == State.QUARANTINED
    assert _press(client, pair[1], "withdraw") == 303
    assert fresh(pair[1].id).state == State.WITHDRAWN
    assert tallies.drift() == []


@pytest.mark.parametrize("end", ["withdraw", "restore"])
@pytest.mark.parametrize("name", ["Ann Lee", "Harry Potter"])
def test_what_happened_is_told_as_it_was_told_then(
    client: FlaskClient, name: str, end: str
) -> None:
    found = make_letter()
    change(found, hold=Signal.JOKE)
    state = State.HELD if name == "Harry Potter" else State.PUBLISHED
    pair = [make_signature(found, name=name, state=state) for _ in range(2)]
    with writing(db.session):
        move(locked(pair[1].id), State.QUARANTINED, Actor.SCREENING, signals=Signal.NETWORK)
    change(found, moderation=Moderation.BEFORE)  # of which those who stand notice nothing
    told = []
    for signature in pair:
        seen = [_told(client, signature)]
        for other in ("Bo Li", "Harry Potter", "Kim Ray"):
            assert _correct(client, signature, name=other) == 303
            seen.append(_told(client, signature))
        if end == "withdraw":
            assert _press(client, signature, "withdraw") == 303
        if end == "restore":
            looked, me = shown.look(found.letter.id, {}), make_member(KNOWN).id
            asked = Asked(Act.RESTORE)
            sweep.choose(found.letter, Role.MODERATOR, me, looked, [signature.id], asked)
        told.append([*seen, _told(client, signature)])
    assert told[0] == told[1]
    assert "quarantined" not in str(told)


def _told(client: FlaskClient, signature: Signature) -> tuple[Any, ...]:
    """What the signer is told of where they stand and have stood."""
    held = client.get(f"{signature_path(signature)}/data.json").json
    moves = [
        (each["from"], each["to"], each["by"], each["words_before"]) for each in held["decisions"]
    ]
    standing = held["signature"]["state"], held["signature"]["published_at"] is None
    return (*standing, moves)


def _masked(seen: str | dict[str, Any]) -> str:
    """Without what differs between any two signatures: numbers, moments, addresses, old names."""
    if isinstance(seen, dict):
        seen["signature"] |= {"number": 0, "email": ""}
        for each in seen["decisions"]:
            each["words_before"] = each["words_before"] and sorted(each["words_before"])
        seen = json.dumps(seen)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+|/names/[\w-]+", "", seen)


def test_what_is_written_down_of_one_signature_comes_to_an_end(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Ann Lee", role="poet")
    line = {"purpose": "name", "given": False, "at": now().isoformat(), "revision": 1}
    with writing(db.session):
        signature.consents = [line] * (consents.MOST - 1)
    assert _correct(client, signature, role="painter") == 303
    full = client.post(signature_path(signature), data={"decision": "correct", "name": "Kim Ray"})
    assert full.status_code == 409
    assert "changed this so often" in full.text
    assert 'value="Kim Ray"' in full.text
    assert _press(client, signature, "updates") == 409
    assert _press(client, signature, "hide") == 303
    assert _press(client, signature, "show") == 409
    kept = fresh(signature.id)
    assert (kept.name, kept.role, kept.show_name) == ("Ann Lee", "painter", False)
    assert len(kept.consents or ()) == consents.MOST + 1
    assert _press(client, signature, "withdraw") == 303


def test_of_many_corrections_the_last_are_looked_at(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Ann Lee")
    for number in range(corrections.LATEST + 2):
        _correct(client, signature, comment=f"For reason {number}.")
    (found,) = corrections.of([signature.id]).values()
    assert [each.before for each in found] == [
        {"comment": f"For reason {number}."} for number in reversed(range(1, 11))
    ]


def test_everything_held_is_there_to_take_along(client: FlaskClient) -> None:
    found = make_letter()
    words = {"name": "Ann Lee", "role": "poet", "location": "Bergen", "comment": "Because."}
    signature = make_signature(found, email=KNOWN, **words)
    member = make_member("organizer@example.org")
    with writing(db.session):
        db.session.add(
            Verification(signature_id=signature.id, organizer_id=member.id, evidence="She called.")
        )
    _correct(client, signature, **words | {"role": "painter"})
    answer = client.get(f"{signature_path(signature)}/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="signature-a-letter.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    held = answer.json
    told = held["signature"]
    assert {name: told[name] for name in words} == words | {"role": "painter"}
    assert (told["email"], told["state"], told["name_shown"]) == (KNOWN, "published", True)
    assert told["digest_of_the_email_kept"] is True
    assert (held["on_request"]["of"], held["on_request"]["at"]) == (
        "the artists",
        config.current().sender,
    )
    assert [each["to"] for each in held["agreements"]] == ["sign", "name", "sign"]
    assert [each["words_before"] for each in held["decisions"]] == [None, {"role": "poet"}]
    assert [each["kind"] for each in held["mails"]] == ["confirm"]
    assert len(held["verifications"]) == 1
    for never in ("organizer", "She called", fresh(signature.id).digest.hex()):
        assert never not in answer.text
    columns = {column.name for column in Signature.__table__.columns}
    of_others = {"letter_id", "revision_id", "signals", "consents", "told"}  # under other names
    of_somebody_else = {"assignee_id"}
    computed = {"digest", "mailbox", "network", "skeleton", "affiliation_key", "searchable"}
    named = {
        "id": "number",
        "show_name": "name_shown",
        "initials": "initials_only",
        "pass_on": "may_be_handed_to_the_addressee",
        "requests": "times_signed",
        "solved": "proof_of_work",
        "source": "came_from",
        "position": "place_among_the_first",
        "removed_for": "rejected_for",
        "removed_at": "rejected_at",
    }
    expected = {named.get(name, name) for name in columns - of_others - of_somebody_else - computed}
    assert expected <= set(told), "a column that nobody is told of"


@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED, State.WITHDRAWN])
def test_what_does_not_stand_any_more_is_told_with_what_was_typed(
    client: FlaskClient, state: State
) -> None:
    signature = make_signature(make_letter(), state=state)
    data = {"decision": "correct", "name": "Bo Li", "comment": "Much thought went into this."}
    answer = client.post(signature_path(signature), data=data)
    assert answer.status_code == 409
    assert "Much thought went into this." in answer.text
    for decision in ("show", "hide", "initials", "updates", "no-updates", "pass-on"):
        assert _press(client, signature, decision) == 409, decision
    assert fresh(signature.id).consents is None
    assert client.get(f"{signature_path(signature)}/data.json").json["signature"]["state"] == state


def test_what_is_being_made_anonymous_is_nobodys_any_more(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    with writing(db.session):
        fresh(signature.id).name = ""
    for decision, answer in (("correct", 409), ("show", 409), ("withdraw", 404), ("erase", 404)):
        assert _press(client, signature, decision, name="Ann Lee") == answer, decision
    assert (fresh(signature.id).state, fresh(signature.id).name) == (State.PUBLISHED, "")
    assert _count(client) == 1


def test_who_wants_updates_again_writes_the_erased_address_once_more(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), email="a.nn+letters@example.org")
    with writing(db.session):
        row = fresh(signature.id)
        row.mailbox, row.email = address.mailbox(row.email or ""), None
    assert "We have erased your address" in client.get(signature_path(signature)).text
    for typed in ("", "nobody", "other@example.org", "a.nn@example.org"):
        assert _press(client, signature, "updates", email=typed) == 422, typed
        assert (fresh(signature.id).email, fresh(signature.id).updates) == (None, False)
    assert _press(client, signature, "updates", email="A.nn+letters@example.org") == 303
    assert fresh(signature.id).email == "A.nn+letters@example.org"
    assert fresh(signature.id).updates is True


def test_a_letter_without_names_asks_nothing_about_them(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found)
    change(found, listing=Listing.NOT)
    page = client.get(signature_path(signature)).text
    for value in ("show", "hide", "initials", "pass-on"):
        assert f'value="{value}"' not in page
    change(found, listing=Listing.INITIALS)
    page = client.get(signature_path(signature)).text
    assert 'value="hide"' in page
    assert 'value="initials"' not in page
