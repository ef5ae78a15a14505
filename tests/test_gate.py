"""Robots are kept out without a word, classes are let in, each proof of work is taken once."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import altcha
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from petition import address, caching, limits, puzzle, tokens
from petition.actions import confirm, moderate, networks, puzzles, quarantine, tally
from petition.clock import now
from petition.database import writing
from petition.exceptions import Forbidden, NetworkInvalid, NotFound, PuzzleWrong
from petition.extensions import db
from petition.models import (
    AllowedNetwork,
    DailySalt,
    Decision,
    Letter,
    Moderation,
    Organizer,
    OutgoingMail,
    Reason,
    Role,
    Signal,
    Signature,
    State,
    UsedPuzzle,
)
from petition.queries import tallies
from petition.queries.letters import LetterText
from petition.queries.networks import allowed
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_letter,
    make_signature,
    sign_in,
    signature_path,
    solve,
)

LETTER = "/letters/a-letter"
YES = {"decision": "confirm"}
SCHOOL = "192.0.2.7"


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puzzles that take no time here."""
    monkeypatch.setattr(puzzle, "COST", 10)
    monkeypatch.setattr(puzzle, "EASIEST", 10)
    monkeypatch.setattr(puzzle, "HARDEST", 20)


def _json(client: FlaskClient, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(path).get_json()
    return answer


def _solved(client: FlaskClient, letter: str = LETTER) -> str:
    return solve(_json(client, f"{letter}/puzzle"))


def _sign(client: FlaskClient, visitor: str, **typed: str) -> Any:
    return client.post(f"{LETTER}/sign", data=form(**typed), environ_base={"REMOTE_ADDR": visitor})


def _signature(email: str) -> Signature:
    digest = address.digest(address.parse(email).canonical)
    return fresh(db.session.query(Signature.id).filter_by(digest=digest).scalar())


def _confirm(client: FlaskClient, email: str) -> Any:
    return client.post(confirm_path(_signature(email)), data=YES)


def _count(client: FlaskClient) -> tuple[int, int]:
    counted = _json(client, "/embed/a-letter/count.json")
    return counted["count"], counted["being_checked"]


def _robot(number: int) -> tuple[str, dict[str, str]]:
    """A network, and a form: each unlike all others."""
    name = "".join(c.upper() if number >> i & 1 else c for i, c in enumerate("john smith"))
    return f"2001:db8:{number:x}::1", {
        "name": name,
        "email": f"john.{number}+x@example{number}.org",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("migrated_app", "at_once"),
    [("sqlite", True), ("sqlite", False), ("postgresql", False)],
    ids=["sqlite-each at once", "sqlite-all in the end", "postgresql-all in the end"],
    indirect=["migrated_app"],
)
def test_of_two_hundred_signatures_by_a_robot_none_is_counted(
    client: FlaskClient, at_once: bool
) -> None:
    found = make_letter()
    letter_id = found.letter.id
    if at_once:
        for number in range(200):
            visitor, typed = _robot(number)
            assert _sign(client, visitor, **typed).status_code == 303
            assert _confirm(client, typed["email"]).location == f"{LETTER}/signed"
    else:
        for signature_id in _waiting(found, range(200)):
            confirm.confirm(signature_id, None)
    assert _count(client) == (0, 0)
    kept = tallies.of_letter(letter_id)
    assert (kept.quarantined, kept.anybody) == (200, True)
    assert tallies.drift() == []
    assert all(each.signals & Signal.UNSOLVED for each in db.session.query(Signature))
    assert {each.told for each in db.session.query(Signature)} == {State.PUBLISHED}
    moved = db.session.query(Decision).filter_by(from_state=State.PUBLISHED).count()
    assert moved == (quarantine.ROVING[0].most if at_once else moved)


@pytest.mark.slow
def test_a_class_is_counted_while_a_robot_is_at_work(client: FlaskClient) -> None:
    make_letter()
    pupils = [f"pupil{number}@example.org" for number in range(30)]
    for number in range(90):
        visitor, typed = _robot(number)
        _sign(client, visitor, **typed)
        _confirm(client, typed["email"])
        if number >= 60:
            _sign(client, SCHOOL, email=pupils[number - 60])
            _confirm(client, pupils[number - 60])
    assert _count(client) == (30, 0)
    assert tallies.of_letter(_signature(pupils[0]).letter_id).quarantined == 90
    assert tallies.drift() == []


def _waiting(found: LetterText, networks: Iterable[int]) -> list[int]:
    """Signatures that wait, one from each of these networks, without proof of work; their ids."""
    at = now()
    rows = [
        {
            "letter_id": found.letter.id,
            "revision_id": found.revision.id,
            "digest": secrets.token_bytes(32),
            "state": State.PENDING,
            "email": f"robot{number}@example.org",
            "name": f"Robot {number}",
            "network": network,
            "language": "en",
            "consented_at": at,
            "created_at": at,
        }
        for number, network in enumerate(networks)
    ]
    with writing(db.session):
        made = db.session.scalars(insert(Signature).returning(Signature.id), rows).all()
        tally.adjust(found.letter.id, {State.PENDING: len(made)})
    return sorted(made)


def test_who_does_not_confirm_makes_no_crowd_of_those_who_do(client: FlaskClient) -> None:
    found = make_letter()
    _waiting(found, [1] * 3000 + [*range(2, 2002)])
    (signature_id,) = _waiting(found, [1])
    confirm.confirm(signature_id, None)
    assert _count(client) == (1, 0)


@pytest.mark.parametrize("in_turns", [True, False], ids=["in turns", "network by network"])
@pytest.mark.parametrize("networks", [1, 5, 10, 20, 40])
def test_however_a_robot_spreads_nothing_of_it_is_counted(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, networks: int, in_turns: bool
) -> None:
    """All numbers are a fifth of what they are: a robot of forty stands for one of 200."""
    monkeypatch.setattr(quarantine, "GROUP", quarantine.GROUP // 5)
    for name in ("UNSOLVED", "ROVING"):
        windows = getattr(quarantine, name)
        fewer = tuple(replace(window, most=window.most // 5) for window in windows)
        monkeypatch.setattr(quarantine, name, fewer)
    found = make_letter()
    robots = [number % networks for number in range(40)]
    for signature_id in _waiting(found, robots if in_turns else sorted(robots)):
        confirm.confirm(signature_id, None)
    kept = tallies.of_letter(found.letter.id)
    assert (kept.published, kept.held + kept.quarantined) == (0, 40)
    assert (kept.held > 0) == (networks in {5, 10})
    assert tallies.drift() == []


def test_of_several_groups_none_is_thrown_out_and_a_moderator_decides(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client)
    organizer_id = db.session.query(Organizer.id).scalar()
    size = quarantine.GROUP + 1
    of_class = _waiting(found, [1] * size)
    for signature_id in of_class:
        confirm.confirm(signature_id, None)
    assert _count(client) == (size, 0)
    for signature_id in _waiting(found, [number for number in (2, 3, 4, 5) for _ in range(size)]):
        confirm.confirm(signature_id, None)
    caching.recent.clear()
    assert _count(client) == (0, 5 * size)
    assert all(
        (each.state, each.signals & Signal.NETWORK) == (State.HELD, Signal.NETWORK)
        for each in map(fresh, of_class)
    )
    networks.allow(found.letter, Role.MODERATOR, organizer_id, 1)
    assert _count(client) == (size, 4 * size)
    assert tallies.drift() == []


def test_the_first_of_a_class_come_back_when_it_is_seen_to_be_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _narrow(monkeypatch, "ROVING", 10)
    make_letter()
    senders = [_robot(number) for number in range(5)]
    senders += [(SCHOOL, {"email": f"pupil{n}@example.org"}) for n in range(quarantine.GROUP + 1)]
    counts = []
    for visitor, typed in senders:
        _sign(client, visitor, **typed)
        _confirm(client, typed["email"])
        counts.append(_count(client)[0])
    assert counts[:10] == [*range(1, 11)]
    assert set(counts[10:20]) == {0}
    assert counts[20:] == [quarantine.GROUP + 1]


@pytest.mark.slow
def test_a_robot_behind_one_address_is_set_aside_and_a_class_is_not(client: FlaskClient) -> None:
    make_letter()
    pupils = [f"pupil{number}@example.org" for number in range(30)]
    robots = [f"robot{number}@example.org" for number in range(50)]
    for visitor, emails in ((SCHOOL, pupils), ("198.51.100.9", robots)):
        for email in emails:
            assert _sign(client, visitor, email=email).status_code == 303
        for email in emails:
            assert _confirm(client, email).status_code == 303
    assert _count(client) == (30, 0)
    assert _signature(pupils[0]).signals == Signal.UNSOLVED
    assert all(_signature(email).signals & Signal.NETWORK for email in robots)
    assert tallies.drift() == []


def _narrow(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    """Let windows be full with fewer, so that a test need not send so many."""
    windows: tuple[quarantine.Window, ...] = getattr(quarantine, name)
    narrow = tuple(replace(window, most=most) for window in windows)
    monkeypatch.setattr(quarantine, name, narrow)


def test_whom_an_organizer_knows_stays_when_a_crowd_is_set_aside(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _narrow(monkeypatch, "UNSOLVED", 6)
    found = make_letter()
    sign_in(client)
    organizer_id = db.session.query(Organizer.id).scalar()
    emails = [f"one{number}@example.org" for number in range(6)]
    for email in emails:
        _sign(client, SCHOOL, email=email)
        _confirm(client, email)
    verified, first, decided = map(_signature, emails[:3])
    with writing(db.session):
        verified.verified_at, first.position = now(), 1
    moderate.reject(
        found.letter, Role.MODERATOR, organizer_id, decided.id, Reason.ABUSE, "published"
    )
    mistaken = db.session.query(Decision).filter_by(organizer_id=organizer_id).one().id
    moderate.undo(found.letter, Role.MODERATOR, organizer_id, mistaken)
    _sign(client, SCHOOL, email="last@example.org")
    _confirm(client, "last@example.org")
    assert _count(client) == (3, 0)
    assert {fresh(each.id).state for each in (verified, first, decided)} == {State.PUBLISHED}
    assert tallies.drift() == []


def test_few_without_scripts_among_many_are_no_crowd(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _narrow(monkeypatch, "ROVING", 2)
    found = make_letter()
    for number in range(24):
        signature = make_signature(found, state=State.PENDING)
        with writing(db.session):
            signature.solved = number % 6 > 0
        confirm.confirm(signature.id, None)
    assert _count(client) == (24, 0)
    for _ in range(10):
        confirm.confirm(make_signature(found, state=State.PENDING).id, None)
    assert _count(client) == (20, 0)


def test_a_network_is_allowed_for_a_day_past_midnight_and_what_was_set_aside_comes_back(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _narrow(monkeypatch, "UNSOLVED", 6)
    found = make_letter()
    make_letter(slug="another")
    another = db.session.query(Letter).filter_by(slug="another").one()
    sign_in(client)
    organizer_id = db.session.query(Organizer.id).scalar()
    emails = [f"one{number}@example.org" for number in range(18)]
    for email in emails[:8]:
        _sign(client, SCHOOL, email=email)
        _confirm(client, email)
    assert _count(client) == (0, 0)
    assert allowed(found.letter.id) == []
    network = _signature(emails[0]).network
    assert network is not None
    with pytest.raises(Forbidden):
        networks.allow(found.letter, Role.VIEWER, organizer_id, network)
    for letter, unknown in ((another, network), (found.letter, network + 1)):
        with pytest.raises(NotFound):
            networks.allow(letter, Role.MODERATOR, organizer_id, unknown)
    done = networks.allow(found.letter, Role.MODERATOR, organizer_id, network)
    assert timedelta(hours=23) < done.until - now() <= timedelta(hours=24)
    assert (done.published, done.held) == (8, 0)
    assert _count(client) == (8, 0)
    by_organizer = db.session.query(Decision).filter_by(organizer_id=organizer_id)
    assert by_organizer.count() == 8

    tomorrow = now() + timedelta(hours=12)
    if tomorrow.date() == now().date():
        tomorrow += timedelta(hours=11, minutes=59)
    for module in (networks, confirm):
        monkeypatch.setattr(module, "now", lambda: tomorrow)
    for email in emails[8:]:
        assert _sign(client, SCHOOL, email=email).status_code == 303
        _confirm(client, email)
    assert _signature(emails[-1]).network == network
    assert _count(client) == (18, 0)
    (given,) = allowed(found.letter.id)
    networks.disallow(found.letter, Role.MODERATOR, given.network.id)
    _sign(client, SCHOOL, email="later@example.org")
    assert _signature("later@example.org").network != network


@pytest.mark.parametrize(
    ("typed", "inside", "outside"),
    [
        (" 192.0.2.7 ", "192.0.2.7", "192.0.2.8"),
        ("192.0.2.7/24", "192.0.2.200", "192.0.3.1"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("2001:db8:1:2::9", "2001:db8:1:2:ffff::1", "2001:db8:1:3::1"),
        ("2001:db8:1::/48", "2001:db8:1:ffff::1", "2001:db8:2::1"),
    ],
)
def test_a_network_that_is_named_is_allowed_with_all_within(
    client: FlaskClient, typed: str, inside: str, outside: str
) -> None:
    found = make_letter()
    sign_in(client)
    organizer_id = db.session.query(Organizer.id).scalar()
    networks.allow_address(found.letter, Role.MODERATOR, organizer_id, typed)
    (given,) = db.session.query(AllowedNetwork.network).one()
    assert networks.of_signer(found.letter, inside) == given
    assert networks.of_signer(found.letter, outside) == networks.digest(outside) != given


@pytest.mark.parametrize(
    "typed", ["", "school", "192.0.2", "192.0.0.0/16", "2001:db8::/32", "192.0.2.0/24/1", "::/0"]
)
def test_what_is_no_network_of_one_house_is_refused(app: Flask, typed: str) -> None:
    with pytest.raises(NetworkInvalid):
        networks.allow_address(make_letter().letter, Role.MODERATOR, 1, typed)


def test_a_solved_puzzle_is_taken_once_and_noted(client: FlaskClient) -> None:
    make_letter()
    solved = _solved(client)
    assert client.get(f"{LETTER}/puzzle").headers["Cache-Control"] == "no-store"
    assert _sign(client, SCHOOL, puzzle=solved).status_code == 303
    assert _signature("ann.lee@example.org").solved
    again = _sign(client, SCHOOL, puzzle=solved, email="bo@example.org", name="Bo Kept")
    assert again.status_code == 422
    assert "Press “Sign the letter” once more" in again.text
    assert "Bo Kept" in again.text
    assert solved not in again.text
    assert db.session.query(Signature).count() == 1
    assert db.session.query(OutgoingMail).count() == 1
    assert db.session.query(UsedPuzzle).count() == 1
    assert _sign(client, SCHOOL, puzzle=_solved(client), email="bo@example.org").status_code == 303
    _confirm(client, "bo@example.org")
    assert _signature("bo@example.org").signals == 0


def _forged(client: FlaskClient, **changes: object) -> str:
    payload = json.loads(base64.b64decode(_solved(client)))
    payload["challenge"]["parameters"].update(changes)
    return base64.b64encode(json.dumps(payload).encode()).decode()


def _at_zero(client: FlaskClient) -> str:
    """The key of the first number, as versions of the package before 2.1 took it."""
    asked = altcha.Challenge.from_dict(_json(client, f"{LETTER}/puzzle"))
    parameters = asked.parameters
    salt, nonce = bytes.fromhex(parameters.salt), bytes.fromhex(parameters.nonce)
    key = altcha.derive_key_pbkdf2(parameters, salt, nonce + bytes(4))
    return altcha.Payload(asked, altcha.Solution(0, key.hex())).to_base64()


def _too_old(client: FlaskClient) -> str:
    kept, puzzle.AGE = puzzle.AGE, timedelta(seconds=-2)
    try:
        return _solved(client)
    finally:
        puzzle.AGE = kept


_WRONG: dict[str, Callable[[FlaskClient], str]] = {
    "another letter": lambda client: _solved(client, "/letters/another"),
    "too old": _too_old,
    "counter 0": _at_zero,
    "a later end": lambda client: _forged(client, expiresAt=2**40),
    "an easier one": lambda client: _forged(client, keyPrefix="00", keySignature=None),
    "unsigned": lambda _client: solve(
        altcha.create_challenge("PBKDF2/SHA-256", 10, counter=3, data={"letter": 1}).to_dict()
    ),
}


@pytest.mark.parametrize("which", _WRONG)
def test_a_puzzle_that_is_not_ours_or_not_for_this_is_refused(
    client: FlaskClient, which: str
) -> None:
    make_letter()
    make_letter(slug="another")
    answer = _sign(client, SCHOOL, puzzle=_WRONG[which](client))
    assert answer.status_code == 422
    assert "once more" in answer.text
    assert db.session.query(Signature).count() == 0


def _b64(value: bytes | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


_GARBAGE = [
    "x", "%%%", "ä" * 10, _b64(b"\xff\xfe"), _b64("[]"), _b64("null"), _b64("1e999"), _b64("{}"),
    _b64('{"challenge": 1, "solution": 2}'),
    _b64('{"challenge": {"parameters": []}, "solution": {}}'),
    _b64('{"challenge": {"parameters": "ab", "signature": 3}, "solution": "cd"}'),
    _b64("[" * 3000), _b64('{"a":' * 500), "A" * 4096, "A" * 4097, "A" * 60_000, "\x00",
]  # fmt: skip
_ODD_PARTS: list[dict[str, Any]] = [
    {"derivedKey": "zz"}, {"derivedKey": None}, {"derivedKey": [1]}, {"derivedKey": ""},
    {"counter": -1, "derivedKey": "00"}, {"counter": 2**70, "derivedKey": "00"},
    {"counter": "x", "derivedKey": "0"}, {"counter": {}, "derivedKey": {}},
]  # fmt: skip


def test_garbage_is_refused_and_breaks_nothing(client: FlaskClient) -> None:
    letter_id = make_letter().letter.id
    given = json.loads(base64.b64decode(_solved(client)))
    odd = [
        _b64(json.dumps({**given, "solution": {**given["solution"], **part}}))
        for part in _ODD_PARTS
    ]
    values: list[Any] = [None, "x", -1, [[]], {"letter": "1"}, 1e308]
    names = ("data", "expiresAt", "nonce", "cost")
    odd += [_forged(client, **{name: value}) for name in names for value in values]
    for payload in (*_GARBAGE, *odd):
        with pytest.raises(PuzzleWrong):
            puzzle.check(payload, letter_id)
    assert _sign(client, SCHOOL, puzzle="A" * 60_000).status_code == 422
    assert db.session.query(Signature).count() == 0


def test_a_puzzle_made_with_a_former_key_is_taken(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_letter()
    before, after = _solved(client), _solved(client)
    keys = client.application.config["PETITION_KEYS"]
    monkeypatch.setitem(client.application.config, "PETITION_KEYS", (*keys, "the next"))
    assert _sign(client, SCHOOL, puzzle=before).status_code == 303
    assert _sign(client, SCHOOL, puzzle=_solved(client)).status_code == 303
    monkeypatch.setitem(client.application.config, "PETITION_KEYS", ("the next",))
    assert _sign(client, SCHOOL, puzzle=after).status_code == 422


def test_puzzles_are_given_while_a_letter_is_open_and_not_without_end(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_letter(closes=now() - timedelta(days=1))
    assert client.get(f"{LETTER}/puzzle").status_code == 410
    assert client.get("/letters/none/puzzle").status_code == 404
    make_letter(slug="another")
    monkeypatch.setattr(limits, "PUZZLE", limits.PREVIEW)
    asked = [client.get("/letters/another/puzzle").status_code for _ in range(121)]
    assert asked == [200] * 120 + [429]


def _pages(client: FlaskClient, email: str) -> list[Any]:
    """All that a signer is shown after confirming, without what is theirs alone."""
    signature = _signature(email)
    seen = [
        client.post(confirm_path(signature), data=YES),
        client.get(f"{LETTER}/signed"),
        client.get(confirm_path(signature)),
        client.get(signature_path(signature)),
        client.post(
            f"{LETTER}/code",
            data={"email": email, "code": tokens.code(signature.id, _mail(signature))},
        ),
        _sign(client, SCHOOL, email=email),
    ]
    return [_apart(answer, signature, email) for answer in seen]


def _mail(signature: Signature) -> int:
    mails = db.session.query(OutgoingMail.id).filter_by(signature_id=signature.id)
    return int(mails.order_by(OutgoingMail.id).limit(1).scalar() or 0)


def _apart(answer: Any, signature: Signature, email: str) -> tuple[int, list[str], str]:
    """Status, names of headers, and words, without tokens, addresses and moments."""
    text = re.sub(r"/(confirm|signature|unsubscribe)/[\w.\-]+", r"/\1/TOKEN", answer.text)
    text = text.replace(email, "EMAIL").replace(tokens.line(signature.id), "LINE")
    text = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+(\+00:00|Z)?|\d+:\d\d:\d\d", "MOMENT", text)
    text = re.sub(r'name="shown" value="\w+"', "SHOWN", text)
    return answer.status_code, sorted(answer.headers.keys()), text


@pytest.mark.parametrize("moderation", Moderation)
def test_who_is_set_aside_is_shown_what_everybody_is_shown(
    client: FlaskClient, moderation: Moderation
) -> None:
    found = make_letter(moderation=moderation)
    counted, aside = "one@example.org", "two@example.org"
    for email in (counted, aside):
        _sign(client, SCHOOL, email=email)
        _confirm(client, email)
    signature = _signature(aside)
    with writing(db.session):
        tally.adjust(found.letter.id, {State(signature.state): -1, State.QUARANTINED: 1})
        signature.told = signature.state
        signature.state, signature.signals = State.QUARANTINED, Signal.NETWORK
    caching.recent.clear()
    assert _pages(client.application.test_client(), aside) == _pages(
        client.application.test_client(), counted
    )
    assert _signature(aside).state == State.QUARANTINED
    mails = [
        [mail.kind for mail in db.session.query(OutgoingMail).filter_by(signature_id=each.id)]
        for each in map(_signature, (counted, aside))
    ]
    assert mails[0] == mails[1]


def test_a_robot_that_fills_the_hidden_field_is_told_the_same_and_leaves_nothing(
    client: FlaskClient,
) -> None:
    make_letter()
    good = _sign(client, SCHOOL)
    trapped = _sign(client, SCHOOL, email="bo@example.org", website="x", puzzle="garbage")
    assert (trapped.status_code, trapped.location) == (good.status_code, good.location)
    assert db.session.query(Signature).count() == 1


def test_what_is_needed_no_longer_is_forgotten(app: Flask) -> None:
    letter = make_letter().letter
    networks.digest(SCHOOL)
    nonce, long_ago = b"n" * 16, now() - timedelta(days=9)
    with writing(db.session):
        db.session.add(DailySalt(day=long_ago.date(), salt=b"s" * 32))
        db.session.add(UsedPuzzle(nonce=nonce, expires_at=long_ago))
        db.session.add(UsedPuzzle(nonce=b"m" * 16, expires_at=now() + timedelta(minutes=1)))
        db.session.add(Organizer(id=1, email="o@example.org"))
        db.session.flush()
        for network, until in ((1, long_ago), (2, now())):
            db.session.add(
                AllowedNetwork(letter_id=letter.id, network=network, organizer_id=1, until=until)
            )
    for forget in (networks.forget_salts, networks.forget_allowed, puzzles.forget_used):
        assert forget() is False
    assert db.session.query(DailySalt.day).filter(DailySalt.day < now().date()).all() == []
    assert [each.network for each in db.session.query(AllowedNetwork)] == [2]
    assert [each.nonce for each in db.session.query(UsedPuzzle)] == [b"m" * 16]
