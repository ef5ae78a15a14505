"""The reasons for which a team rejects: its own words, an order, and none that is forgotten."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import reasons
from petition.actions import organizers
from petition.extensions import db
from petition.models import AuditEntry, Reason, Role, Team
from tests.factories import make_letter, make_signature, sign_in, signature_path

LETTER = "/organize/letters/a-letter"


def _team() -> Team:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Team).one()


def _list() -> str:
    return f"/organize/teams/{_team().id}/reasons"


def _version(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', client.get(path).text)
    assert found is not None
    return found[1]


def _offered() -> list[str]:
    return [each.code for each in reasons.offered(_team().reasons)]


def _to_choose(client: FlaskClient) -> list[str]:
    """What the form that rejects offers."""
    page = client.get(f"{LETTER}/moderation?tab=all").text
    choices = re.search(r'<select[^>]*id="many-reason".*?</select>', page, re.DOTALL)
    assert choices is not None
    return re.findall(r'value="([^"]+)"', choices[0])


def test_a_team_writes_its_list_and_chooses_from_it(client: FlaskClient) -> None:
    found = make_letter()
    make_letter(slug="ein-brief", language="de")
    first, second = make_signature(found), make_signature(found)
    sign_in(client, role=Role.EDITOR)
    assert _to_choose(client) == list(Reason)
    path = _list()
    typed = {
        "version": _version(client, f"{path}/new"),
        "name": "for a firm",
        "public_de": "Für eine Firma, die nicht gefragt war",
        "mail_en": "Your firm did not agree.",
    }
    assert client.post(path, data=typed).status_code == 303
    # The same form once more is of a list that is not there any more; what was typed still is.
    again = client.post(path, data=typed)
    assert (again.status_code, "Für eine Firma" in again.text) == (409, True)
    (own,) = set(_offered()) - set(Reason)
    assert client.post(f"{path}/{own}/up").status_code == 303
    assert client.post(f"{path}/abuse/retire").status_code == 303
    codes = [code for code in Reason if code != "abuse"]
    assert _offered() == [*codes[:-1], own, codes[-1]]
    assert _to_choose(client) == _offered()

    def reject(number: int, reason: str) -> int:
        typed = {"reason": reason, "seen": "published"}
        path = f"{LETTER}/signatures/{number}/reject"
        return int(client.post(path, data=typed).status_code)

    assert reject(first.id, "abuse") == 422
    assert reject(first.id, own) == 303
    assert "eine Firma" in client.get(signature_path(first)).text
    # Called otherwise, it is so for what was rejected before; retired, it is still said.
    typed = {"version": _version(client, f"{path}/{own}"), "name": "firm", "public_en": "A firm"}
    assert client.post(f"{path}/{own}", data=typed).status_code == 303
    assert client.post(f"{path}/{own}/retire").status_code == 303
    assert "A firm" in client.get(signature_path(first)).text
    assert reject(second.id, own) == 422
    assert client.post(f"{path}/{own}/offer").status_code == 303
    assert reject(second.id, own) == 303
    assert db.session.query(AuditEntry).filter_by(action="reasons").count() == 6


def test_what_cannot_be_saved_is_said_and_kept(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    path = _list()
    version = _version(client, f"{path}/new")
    wrong = client.post(path, data={"version": version, "name": "n" * 61, "mail_en": "Still here."})
    assert wrong.status_code == 422
    assert 'id="name-error"' in wrong.text
    assert "Still here." in wrong.text
    silent = client.post(path, data={"version": version, "name": "no words"})
    assert (silent.status_code, 'id="public_en-error"' in silent.text) == (422, True)
    for number in range(8):
        typed = {
            "name": f"r{number}",
            "public_en": "So",
            "version": _version(client, f"{path}/new"),
        }
        assert client.post(path, data=typed).status_code == 303
    typed["version"] = _version(client, f"{path}/new")
    assert client.post(path, data=typed).status_code == 409
    for code in _offered()[1:]:
        assert client.post(f"{path}/{code}/retire").status_code == 303
    last = client.post(f"{path}/{_offered()[0]}/retire")
    assert last.status_code == 409
    assert len(_offered()) == 1
    assert client.get(f"{path}/own-99").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR])
def test_the_list_is_for_those_to_change_who_write_letters(client: FlaskClient, role: Role) -> None:
    make_letter()
    sign_in(client, role=role)
    page = client.get(_list())
    assert page.status_code == 200
    assert "Add a reason" not in page.text
    for act in ("up", "retire", "offer"):
        assert client.post(f"{_list()}/abuse/{act}").status_code == 403
    sign_in(client, "other@example.org", Role.OWNER, team="Others")
    own = db.session.query(Team).filter_by(name="Others").one()
    here = db.session.query(Team).filter(Team.id != own.id).one()
    assert client.get(f"/organize/teams/{here.id}/reasons").status_code == 404


def test_words_are_found_in_the_nearest_language(app: Flask) -> None:
    own = {"code": "own-1", "name": "x", "public": {"fr": "Hors sujet"}}
    listed = [own, {"code": "abuse", "public": {"en": "Insults"}}]
    with app.test_request_context():
        assert reasons.wording("own-1", listed, "de") == "Hors sujet"
        assert reasons.wording("abuse", listed, "en") == "Insults"
        assert reasons.wording("abuse", listed, "de") == reasons.wording("abuse", [], "de")
        assert reasons.wording("abuse", listed, "de") != "Insults"
        assert reasons.wording("advertising", listed, "en") == "Advertising"
        assert reasons.wording("gone", listed, "en") == "For another reason"
        assert reasons.name("advertising", listed) == "advertising"
        assert reasons.of(reasons.kept(reasons.of([]))) == reasons.of([])


def test_a_letter_that_is_handed_over_says_what_it_said(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found)
    sign_in(client)
    organizers.add("organizer@example.org", Role.OWNER, "Others")
    teams = {each.name: each for each in db.session.query(Team)}
    for team, words in ((teams["Others"], "Fraud"), (teams["Organizers"], "Came too late")):
        path = f"/organize/teams/{team.id}/reasons"
        typed = {"version": _version(client, f"{path}/new"), "name": words, "public_en": words}
        assert client.post(path, data={**typed, "mail_en": words}).status_code == 303
    listed = {name: reasons.of(team.reasons) for name, team in teams.items()}
    (own,) = (each.code for each in listed["Organizers"] if each.name == "Came too late")
    typed = {"reason": own, "seen": "published"}
    assert client.post(f"{LETTER}/signatures/{signature.id}/reject", data=typed).status_code == 303
    move = f"{LETTER}/life/move"
    assert client.post(move, data={"team": str(teams["Others"].id)}).status_code == 303
    db.session.rollback()
    db.session.expire_all()
    *theirs, brought = reasons.of(teams["Others"].reasons)
    assert theirs == listed["Others"]
    assert (brought.code, brought.retired) == (own, True)
    page = client.get(signature_path(signature)).text
    assert "Came too late" in page
    assert "Fraud" not in page
    assert reasons.wording("own-of-nobody", teams["Others"].reasons, "en") == "For another reason"
