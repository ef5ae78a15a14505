"""Invitations fit one address, expire, work once, and tell nobody who has an account."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import limits, tokens
from petition.actions import organizers
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import messages, outbox
from petition.mail.suppressions import suppress
from petition.models import Invitation, Kind, Organizer, Role, Team
from petition.queries import teams
from petition.tokens import Purpose
from tests.accounts import (
    cookie_of,
    how_many,
    is_in,
    mailed,
    mailed_invitation,
    make_invitation,
    make_member,
    without_tokens,
)
from tests.conftest import Statements
from tests.factories import TEAM, sign_in

NEW, BOB = "invited@example.org", "bob@example.org"


@pytest.fixture(autouse=True)
def _unguarded(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def team(name: str = TEAM) -> Team:
    db.session.rollback()
    return db.session.query(Team).filter_by(name=name).one()


def page() -> str:
    return f"/organize/teams/{team().id}"


def roles() -> dict[str, str]:
    return {each.organizer.email: each.role for each in teams.members(team().id)}


def waiting() -> list[str]:
    return [each.email for each in teams.invitations(team().id)]


def invite(client: FlaskClient, email: str = NEW, role: str = "editor") -> int:
    filled = {"email": email, "role": role}
    return client.post(f"{page()}/invitations", data=filled).status_code


def test_who_is_invited_reads_joins_and_is_in(client: FlaskClient) -> None:
    owner, client_of_new = client, client.application.test_client()
    sign_in(owner)
    owner.post("/organize/account/name", data={"name": "Ann Lee"})
    assert invite(owner, "Invited@Example.org") == 303
    assert waiting() == [NEW]
    link = mailed_invitation()
    for method in ("HEAD", "GET"):
        seen = client_of_new.open(link, method=method)
        assert seen.status_code == 200
    for words in (TEAM, "Ann Lee", "editor", NEW):
        assert words in seen.text
    assert roles().keys() == {"organizer@example.org"}
    assert client_of_new.post(link).status_code == 303
    assert is_in(client_of_new)
    assert roles()[NEW] == Role.EDITOR
    assert waiting() == []


def test_a_link_works_once(client: FlaskClient) -> None:
    make_invitation()
    link = mailed_invitation()
    assert client.post(link).status_code == 303
    thief = client.application.test_client()
    for method in ("GET", "POST"):
        assert thief.open(link, method=method).status_code == 410
    assert not is_in(thief)


def test_who_has_an_account_joins_but_signs_in_as_always(client: FlaskClient) -> None:
    make_member(NEW, Role.OWNER, "Others")
    make_invitation(role=Role.VIEWER)
    answer = client.post(mailed_invitation())
    assert answer.location == "/organize/sign-in"
    assert not is_in(client)
    assert roles()[NEW] == Role.VIEWER


def test_who_is_signed_in_already_just_joins(client: FlaskClient) -> None:
    make_invitation(role=Role.VIEWER)
    sign_in(client, NEW, Role.EDITOR, "Others")
    before = cookie_of(client)
    assert client.post(mailed_invitation()).location == "/organize/"
    assert client.get(page()).status_code == 200
    assert is_in(client)
    assert before


def test_a_link_is_of_no_use_to_another_account(client: FlaskClient) -> None:
    make_invitation()
    sign_in(client, BOB, Role.OWNER, "Others")
    seen = client.get(mailed_invitation()).text
    assert "The invitation is for the other address" in seen
    client.post(mailed_invitation())
    assert BOB not in roles()
    assert NEW in roles()


def test_joining_twice_keeps_the_role_one_has(client: FlaskClient) -> None:
    make_invitation(role=Role.VIEWER)
    make_member(NEW, Role.EDITOR)
    client.post(mailed_invitation())
    assert roles()[NEW] == Role.EDITOR


def test_it_expires_and_can_be_sent_again(client: FlaskClient) -> None:
    invitation = make_invitation()
    with writing(db.session):
        db.session.get_one(Invitation, invitation.id).expires_at = now() - timedelta(seconds=1)
    link = mailed_invitation()
    for method in ("GET", "POST"):
        assert client.open(link, method=method).status_code == 410
    owner = client.application.test_client()
    sign_in(owner)
    assert "too old by now" in owner.get(page()).text
    assert owner.post(f"{page()}/invitations/{invitation.id}/send").status_code == 303
    assert how_many(Kind.INVITATION) == 2
    assert client.post(mailed_invitation()).status_code == 303


def test_what_is_taken_back_lets_nobody_in(client: FlaskClient) -> None:
    invitation = make_invitation()
    owner = client.application.test_client()
    sign_in(owner)
    assert owner.post(f"{page()}/invitations/{invitation.id}/revoke").status_code == 303
    assert "Invite again" in owner.get(page()).text
    assert client.post(mailed_invitation()).status_code == 410
    assert waiting() == []
    owner.post(f"{page()}/invitations/{invitation.id}/send")
    assert waiting() == [NEW]
    assert client.post(mailed_invitation()).status_code == 303


@pytest.mark.parametrize("way", ["removed", "demoted", "left", "removed by the operator"])
def test_nobody_comes_back_by_their_own_invitation(client: FlaskClient, way: str) -> None:
    invitation = make_invitation()
    bob = make_invitation(BOB)
    owner = client.application.test_client()
    sign_in(owner)
    owner.post(f"{page()}/invitations/{bob.id}/send")  # now it is another's word
    inviting = f"{page()}/members/{invitation.invited_by}"
    match way:
        case "removed":
            owner.post(f"{inviting}/remove")
        case "demoted":
            owner.post(f"{inviting}/role", data={"role": "editor"})
        case "left":
            sign_in(client, "inviting@example.org")
            client.post(f"{page()}/leave")
        case _:
            organizers.remove("inviting@example.org", TEAM)
    assert waiting() == [BOB]
    token = tokens.make(Purpose.INVITATION, invitation.id)
    assert client.post(f"/organize/invitations/{token}").status_code == 410
    assert client.post(mailed_invitation()).status_code == 303
    assert NEW not in roles()
    assert BOB in roles()


def test_forged_and_foreign_links_open_nothing(client: FlaskClient) -> None:
    invitation = make_invitation()
    for token in ("x", tokens.make(Purpose.SIGN_IN, invitation.id), "y" * 5000):
        for method in ("GET", "POST"):
            path = f"/organize/invitations/{token}"
            assert client.open(path, method=method).status_code == 410


def test_nobody_learns_who_has_an_account(client: FlaskClient, statements: Statements) -> None:
    make_member(BOB, Role.OWNER, "Others")
    sign_in(client)
    seen = []
    for email in (BOB, "eve@example.org"):
        statements.clear()
        assert invite(client, email) == 303
        kinds = statements.kinds()
        told = without_tokens(client.get(page()).text)
        seen.append((kinds, told.partition("</div>")[0].replace(email, "")))
    assert seen[0] == seen[1]


def test_an_address_is_invited_once_and_told_anew(client: FlaskClient) -> None:
    sign_in(client)
    invite(client, role="viewer")
    invite(client, role="moderator")
    assert waiting() == [NEW]
    assert how_many(Kind.INVITATION) == 2
    client.application.test_client().post(mailed_invitation())
    assert roles()[NEW] == Role.MODERATOR


def test_members_and_nonsense_are_not_invited(client: FlaskClient) -> None:
    make_member(BOB)
    sign_in(client)
    for filled, words in (
        ((BOB, "editor"), "in the team already"),
        (("", "editor"), "Write their e-mail address."),
        (("nobody", "editor"), "Write only the address"),
        (("new@example.org", "king"), "role-error"),
    ):
        answer = client.post(
            f"{page()}/invitations", data=dict(zip(("email", "role"), filled, strict=True))
        )
        assert answer.status_code == 422
        assert words in answer.text
        assert f'value="{filled[0]}"' in answer.text
    assert how_many(Kind.INVITATION) == 0


def test_a_mailbox_gets_few_and_may_be_left_alone(client: FlaskClient) -> None:
    sign_in(client)
    for _ in range(limits.MAILS_A_DAY + 2):
        assert invite(client) == 303
    assert how_many(Kind.INVITATION) == limits.MAILS_A_DAY
    assert all(job.wanted for job in outbox.claim("a worker", 50))
    invite(client, BOB)
    with writing(db.session):
        suppress(mailed(Kind.INVITATION).digest or b"", "not-me")
    (job,) = outbox.claim("a worker", 50)
    assert not job.wanted


def test_the_mail_names_the_team_and_who_invites(client: FlaskClient) -> None:
    sign_in(client)
    invite(client, BOB)
    assert "organizer@example.org invites you" in messages.compose(outbox.claim("a", 5)[0]).text
    for name, status in (("evil.support", 422), ("Ann & Lee", 303)):
        assert client.post("/organize/account/name", data={"name": name}).status_code == status
    invite(client)
    (job,) = outbox.claim("a worker", 5)
    mail = messages.compose(job)
    assert mail.subject == "Invitation to organize open letters: Organizers"
    assert "Ann & Lee invites you" in mail.text
    assert "<bdi>Ann &amp; Lee</bdi> invites you" in mail.html
    assert mailed_invitation() in mail.text.replace("\n", "")
    about = mailed(Kind.INVITATION).about or {}
    assert about.keys() == {"invitation", "team", "by"}


def test_an_account_is_made_by_joining_and_not_before(client: FlaskClient) -> None:
    make_invitation()
    assert db.session.query(Organizer).filter_by(email=NEW).count() == 0
    client.get(mailed_invitation())
    assert db.session.query(Organizer).filter_by(email=NEW).count() == 0
