"""Teams: who is in them, in which role; and an owner in each, whatever races."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import limits
from petition.actions import organizers, teams
from petition.actions.roles import may, must
from petition.exceptions import Forbidden, LastOwner, PetitionError
from petition.extensions import db
from petition.models import Kind, Membership, Organizer, Role, Team
from petition.queries import teams as known
from tests.accounts import how_many, is_in, mailed, make_member, make_passkey
from tests.factories import TEAM, make_letter, sign_in

ANN, BOB = "organizer@example.org", "bob@example.org"


def team(name: str = TEAM) -> Team:
    db.session.rollback()
    return db.session.query(Team).filter_by(name=name).one()


def roles(name: str = TEAM) -> dict[str, str]:
    """Who is in a team, by address."""
    number = team(name).id
    return {each.organizer.email: each.role for each in known.members(number)}


def page(name: str = TEAM) -> str:
    return f"/organize/teams/{team(name).id}"


def of(organizer: Organizer, name: str = TEAM) -> str:
    return f"{page(name)}/members/{organizer.id}"


def test_a_role_includes_those_below_it() -> None:
    for number, role in enumerate(Role):
        for other in list(Role)[number:]:
            assert may(role, other)
        for other in list(Role)[:number]:
            with pytest.raises(Forbidden):
                must(role, other)


def test_members_see_each_other_and_owners_change_them(client: FlaskClient) -> None:
    bob = make_member(BOB, Role.VIEWER)
    sign_in(client)
    assert BOB in client.get(page()).text
    phone = client.application.test_client()
    sign_in(phone, BOB, Role.VIEWER)
    assert client.post(f"{of(bob)}/role", data={"role": "editor"}).status_code == 303
    assert roles()[BOB] == Role.EDITOR
    assert not is_in(phone)
    done = client.get(page()).text
    assert "bob@example.org has another role now, and signs in anew" in done
    assert 'name="role" value="viewer"' in done  # the way back
    assert client.post(f"{of(bob)}/role", data={"role": "king"}).status_code == 422
    sign_in(phone, BOB)
    assert client.post(f"{of(bob)}/remove").status_code == 303
    assert BOB not in roles()
    assert not is_in(phone)
    done = client.get(page()).text
    assert "Invite again" in done
    assert 'name="email" value="bob@example.org"' in done


@pytest.mark.parametrize("role", Role)
def test_who_only_looks_on_makes_no_team(client: FlaskClient, role: Role) -> None:
    sign_in(client, role=role)
    may_make = role.includes(Role.EDITOR)
    assert ("Make another team" in client.get("/organize/teams").text) is may_make
    answer = client.post("/organize/teams", data={"name": "Mine"})
    assert answer.status_code == (303 if may_make else 403)
    assert db.session.query(Team).filter_by(name="Mine").count() == may_make


def test_a_network_makes_few_teams(client: FlaskClient) -> None:
    sign_in(client)
    made = [
        client.post("/organize/teams", data={"name": f"Team {n}"}).status_code
        for n in range(limits.MAKE_TEAM[0].amount + 1)
    ]
    assert made[-2:] == [303, 429]


def test_who_is_not_in_the_team_cannot_be_changed(client: FlaskClient) -> None:
    foreign = make_member(BOB, Role.EDITOR, "Others")
    sign_in(client)
    for what in ("role", "remove"):
        assert client.post(f"{of(foreign)}/{what}", data={"role": "viewer"}).status_code == 404
    assert roles("Others") == {BOB: Role.EDITOR}


def test_the_last_owner_cannot_be_lost(client: FlaskClient) -> None:
    make_member(BOB, Role.EDITOR)
    sign_in(client)
    me = db.session.query(Organizer).filter_by(email=ANN).one()
    for path in (f"{of(me)}/role", f"{of(me)}/remove", f"{page()}/leave"):
        answer = client.post(path, data={"role": "viewer"})
        assert answer.status_code == 409
        assert "A team needs an owner." in answer.text
    for change in (
        lambda: organizers.add(ANN, Role.VIEWER, TEAM),
        lambda: organizers.remove(ANN, TEAM),
        lambda: organizers.remove(ANN, None),
    ):
        with pytest.raises(LastOwner):
            change()
    assert roles()[ANN] == Role.OWNER
    assert is_in(client)
    assert "its only owner" in client.get(page()).text
    assert f'action="{page()}/leave' not in client.get(page()).text


@pytest.mark.parametrize(
    "go",
    [
        lambda me, _other, team_id: teams.leave(me, team_id, 0),
        lambda me, other, team_id: teams.remove(me, team_id, other),
        lambda me, other, team_id: teams.change_role(me, team_id, other, Role.VIEWER),
    ],
    ids=["leave", "remove", "change role"],
)
def test_of_two_owners_who_go_at_once_one_stays(
    app: Flask, go: Callable[[int, int, int], None]
) -> None:
    two = [make_member(email, Role.OWNER).id for email in (ANN, BOB)]
    team_id, gate = team().id, threading.Barrier(2)

    def run(me: int, other: int) -> bool:
        with app.app_context():
            gate.wait()
            try:
                go(me, other, team_id)
            except PetitionError:
                return False
            finally:
                db.session.remove()
            return True

    db.session.remove()
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, two, reversed(two)))
    assert sorted(done) == [False, True]
    owners = db.session.query(Membership).filter_by(team_id=team_id, role=Role.OWNER)
    assert owners.count() == 1


def test_one_leaves_and_keeps_the_other_teams(client: FlaskClient) -> None:
    make_member("owner@example.org", Role.OWNER)
    make_member(ANN, Role.EDITOR, "Others")
    make_letter(slug="theirs", team=TEAM)
    sign_in(client, role=Role.EDITOR)
    assert client.get("/organize/letters/theirs/moderation").status_code == 200
    assert client.post(f"{page()}/leave").status_code == 303
    assert client.get("/organize/letters/theirs/moderation").status_code == 404
    assert client.get(page()).status_code == 404
    assert "Others" in client.get("/organize/teams").text
    assert roles().keys() == {"owner@example.org"}


def test_who_leaves_the_only_team_is_out(client: FlaskClient) -> None:
    make_member("owner@example.org", Role.OWNER)
    sign_in(client, role=Role.EDITOR)
    assert "your only team" in client.get(page()).text
    assert client.post(f"{page()}/leave").status_code == 303
    assert not is_in(client)
    client.post("/organize/sign-in", data={"email": ANN})
    assert how_many(Kind.SIGN_IN) == 0


def test_who_writes_letters_makes_a_team_of_their_own(client: FlaskClient) -> None:
    sign_in(client, role=Role.EDITOR)
    answer = client.post("/organize/teams", data={"name": " Friends of  letters "})
    assert answer.location == page("Friends of letters")
    assert roles("Friends of letters") == {ANN: Role.OWNER}
    for taken_or_wrong in (TEAM, "", "x" * 101, "Win at http://evil.example", "=x", "123"):
        answer = client.post("/organize/teams", data={"name": taken_or_wrong})
        assert answer.status_code == 422
        assert 'id="name-error"' in answer.text
    assert db.session.query(Team).count() == 2


def test_a_team_is_renamed_but_not_like_another(client: FlaskClient) -> None:
    make_member(BOB, Role.OWNER, "Others")
    sign_in(client)
    path = page()
    assert client.post(f"{path}/name", data={"name": "Others"}).status_code == 422
    assert client.post(f"{path}/name", data={"name": "Writers"}).status_code == 303
    assert roles("Writers") == {ANN: Role.OWNER}


def test_passkeys_are_required_and_not_any_more(client: FlaskClient) -> None:
    sign_in(client)
    path = f"{page()}/passkeys"
    assert client.post(path, data={"required": "yes"}).status_code == 409  # it would lock all out
    assert not team().passkey_required
    make_passkey(db.session.query(Organizer).one())
    client.post(path, data={"required": "yes"})
    assert team().passkey_required
    assert client.post(path, data={"required": "no"}).location == "/organize/passkeys/needed"
    assert team().passkey_required


def test_a_viewer_is_offered_nothing(client: FlaskClient) -> None:
    make_member("owner@example.org", Role.OWNER)
    sign_in(client, role=Role.VIEWER)
    seen = client.get(page()).text
    for offer in ("/role", "/remove", "/invitations", '/passkeys"', "/name"):
        assert f'action="{page()}{offer}' not in seen
    assert f'action="{page()}/leave' in seen


def test_the_operator_takes_somebody_out(app: Flask) -> None:
    make_member("owner@example.org", Role.OWNER)
    make_member("owner@example.org", Role.OWNER, "Others")
    make_member(BOB, Role.EDITOR)
    make_member(BOB, Role.EDITOR, "Others")
    assert organizers.remove(BOB, "Others") == ["Others"]
    assert BOB in roles()
    assert organizers.remove("Bob@Example.org", None) == [TEAM]
    assert BOB not in roles()


def test_invited_again_comes_by_mail(client: FlaskClient) -> None:
    bob = make_member(BOB, Role.EDITOR)
    sign_in(client)
    client.post(f"{of(bob)}/remove")
    client.post(f"{page()}/invitations", data={"email": BOB, "role": "editor"})
    assert mailed(Kind.INVITATION).recipient == BOB
