"""What only one can have: who comes second is told so, even while the first is still writing."""

import json
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.sql.dml import UpdateBase

from petition import address, tokens
from petition.actions import account, passkeys, teams
from petition.actions.turns import place
from petition.clock import now
from petition.database import insert, lock, writing
from petition.exceptions import AddressTaken, NameTaken, PasskeyRefused
from petition.extensions import db
from petition.models import Organizer, OrganizerSession, Passkey, Role, Team
from tests.accounts import make_member, make_session
from tests.authenticator import Authenticator

NEW, BROWSER = "new.address@gmail.com", "a browser"


@pytest.fixture
def ann(app: Flask) -> OrganizerSession:
    """A session of somebody who owns a team."""
    return make_session(make_member("ann@example.org", Role.OWNER))


def _second(app: Flask, first: UpdateBase, action: Callable[[], object]) -> Exception | None:
    """How something ends that is begun after another has written, and before they are done."""
    ended: list[Exception | None] = []

    def do() -> None:
        with app.app_context():
            try:
                action()
                ended.append(None)
            except Exception as failure:
                ended.append(failure)

    db.session.rollback()
    thread = threading.Thread(target=do)
    with db.engine.begin() as elsewhere:
        elsewhere.execute(first)
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
    thread.join()
    return ended[0]


def test_a_team_is_called_what_another_is_just_being_called(
    app: Flask, ann: OrganizerSession
) -> None:
    team_id, ann_id = db.session.query(Team).one().id, ann.organizer_id
    first = insert(db.engine.dialect.name, Team).values(
        name="Writers", passkey_required=False, created_at=now()
    )
    ended = _second(app, first, lambda: teams.rename(ann_id, team_id, "Writers"))
    assert isinstance(ended, NameTaken)


def _change_address(app: Flask, ann: OrganizerSession) -> Callable[[], object]:
    ann_id, session_id = ann.organizer_id, ann.id
    challenge = account.ask_new_address(ann_id, address.parse(NEW), BROWSER, "en", None)
    code = tokens.sign_in_code(challenge)
    return lambda: account.change_address(ann_id, session_id, challenge, BROWSER, code, "en", None)


def test_an_address_is_taken_that_somebody_is_just_given(app: Flask, ann: OrganizerSession) -> None:
    first = insert(db.engine.dialect.name, Organizer).values(email=NEW, name="", created_at=now())
    assert isinstance(_second(app, first, _change_address(app, ann)), AddressTaken)


def test_a_new_address_waits_where_all_that_concerns_it_does(
    app: Flask, ann: OrganizerSession
) -> None:
    change, ended = _change_address(app, ann), []

    def do() -> None:
        with app.app_context():
            ended.append(change())

    thread = threading.Thread(target=do)
    with writing(db.session):
        lock(db.session, place(address.digest(address.parse(NEW).canonical)).number)
        thread.start()
        thread.join(0.5)
        assert ended == []
    thread.join()
    assert ended == [NEW]


def test_a_passkey_that_is_just_being_kept_is_not_kept_again(
    app: Flask, ann: OrganizerSession
) -> None:
    device, ann_id, session_id = Authenticator(), ann.organizer_id, ann.id
    challenge, task = passkeys.ask_to_register(ann_id, "ann@example.org", "", BROWSER, None)
    answer = device.create(json.loads(task))
    first = insert(db.engine.dialect.name, Passkey).values(
        organizer_id=make_member("bob@example.org").id,
        credential_id=device.id,
        public_key=b"",
        sign_count=0,
        transports="",
        name="Theirs",
        created_at=now(),
    )
    ended = _second(
        app,
        first,
        lambda: passkeys.register(
            ann_id, session_id, challenge, BROWSER, answer, "Mine", "en", None
        ),
    )
    assert isinstance(ended, PasskeyRefused)
