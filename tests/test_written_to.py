"""The page after signing: it names where the mail went, to this browser and for an hour."""

from http.cookies import SimpleCookie

import pytest
from flask.testing import FlaskClient

from petition.caching import Policy
from petition.models import State
from tests.factories import confirm_path, form, make_letter, make_signature

SIGN, THANKS = "/letters/a-letter/sign", "/letters/a-letter/thanks"
COOKIE, PATH = "written-to", "/letters/a-letter/"


def test_it_names_the_address_and_fills_it_in(client: FlaskClient) -> None:
    make_letter(title="A <b>letter</b>")
    answer = client.post(SIGN, data=form(email="Ann@Example.org"))
    (cookie,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert (cookie.value, cookie["path"], cookie["max-age"]) == ("Ann@Example.org", PATH, "3600")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["expires"] == "", "it would be another one each second"
    assert "Ann" not in answer.location

    page = client.get(THANKS)

    assert page.headers["Cache-Control"] == Policy.NOTHING
    assert "A mail to <strong><bdi>Ann@Example.org</bdi></strong> is on its way" in page.text
    assert 'value="Ann@Example.org"' in page.text
    assert "Confirm your signature: A &lt;b&gt;letter&lt;/b&gt;" in page.text
    refused = client.post("/letters/a-letter/code", data={"email": "ann@example.org", "code": "1"})
    assert refused.status_code == 422
    assert "<bdi>Ann@Example.org</bdi>" in refused.text
    stranger = client.application.test_client().get(THANKS)
    assert "Ann@" not in stranger.text
    assert "A mail to the address you gave is on its way" in stranger.text


def test_a_slip_is_told_to_who_has_no_scripts(client: FlaskClient) -> None:
    make_letter()
    client.post(SIGN, data=form(email="ann@gamil.com"))
    assert "You wrote <bdi>gamil.com</bdi>. If you meant <bdi>gmail.com</bdi>" in (
        client.get(THANKS).text
    )
    client.post(SIGN, data=form(email="ann@gmx.net"))
    assert "If you meant" not in client.get(THANKS).text

    again = client.post(SIGN, data=form(email="ann@gamil.com", consent=""))

    assert again.status_code == 422
    assert "Did you mean <bdi>ann@gmail.com</bdi>?" in again.text
    assert 'value="ann@gamil.com"' in again.text, "what was typed stays"


@pytest.mark.parametrize(
    "planted", ["<b>x</b>@evil.example", "You have won", "a@b", "\u202eann@x.org"]
)
def test_what_is_no_address_is_not_shown(client: FlaskClient, planted: str) -> None:
    make_letter()
    plain = client.get(THANKS).data
    client.set_cookie(COOKIE, planted, path=PATH)
    assert client.get(THANKS).data == plain


def test_who_confirms_or_leaves_leaves_no_address_behind(client: FlaskClient) -> None:
    found = make_letter()
    for number, data in enumerate(({"decision": "confirm"}, {"decision": "not-me"})):
        client.post(SIGN, data=form(email=f"ann{number}@example.org"))
        assert client.get_cookie(COOKIE, path=PATH)
        signature = make_signature(found, state=State.PENDING)
        assert client.post(confirm_path(signature), data=data).status_code == 303
        assert client.get_cookie(COOKIE, path=PATH) is None
