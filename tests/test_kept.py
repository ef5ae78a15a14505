"""Words typed in the panel outlive the session they were typed in."""

import re

from flask.testing import FlaskClient

from petition.actions import organizers
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, OrganizerSession, Role, Team
from tests.factories import make_letter, sign_in

CLOSE = "/organize/letters/a-letter/life/close"
WRITTEN = [
    (CLOSE, {"outcome": "won", "message": "They\n<b>agreed</b>."}),
    ("/organize/letters/a-letter/settings", {"listing": "names", "data_en": "We keep <b>little."}),
    ("/organize/letters/a-letter/settings/questions/new", {"label_en": "Since <b>when?"}),
    (
        "/organize/proof/code",
        {"proof-code": "123456", "proof-pressed": "a.seal<b>", "message": "<b>It was wrong."},
    ),
    ("/organize/letters/a-letter/first", {"name": "Kim <b>Ray", "email": "kim@example.org"}),
]


def _fields(page: str) -> dict[str, str]:
    """What the page would send."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return {name: value.replace("&lt;", "<").replace("&gt;", ">") for name, value in hidden.items()}


def _signed_out() -> None:
    with writing(db.session):
        db.session.query(OrganizerSession).delete()


def test_who_was_signed_out_keeps_every_word_and_sends_it_again(client: FlaskClient) -> None:
    make_letter()
    for path, typed in WRITTEN:
        sign_in(client)
        _signed_out()
        answer = client.post(path, data=typed)
        assert answer.status_code == 401, path
        assert "&lt;b&gt;" in answer.text
        assert "<b>" not in answer.text
        assert ">a.seal" not in answer.text
        assert f'action="{path}"' in answer.text

    sign_in(client)
    client.application.config["WTF_CSRF_ENABLED"] = True
    client.delete_cookie("session")  # its token was that of another session, too
    page = client.post(CLOSE, data=WRITTEN[0][1])
    assert page.status_code == 401
    sign_in(client)
    client.application.config["WTF_CSRF_ENABLED"] = True
    page = client.post(CLOSE, data=_fields(page.text))
    assert page.status_code == 400
    assert "once more" in page.text
    assert client.post(CLOSE, data=_fields(page.text)).status_code == 303
    db.session.rollback()
    assert db.session.query(Letter).one().outcome_message == "They\n<b>agreed</b>."


def test_who_owes_a_passkey_keeps_every_word(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    with writing(db.session):
        db.session.query(Team).update({"passkey_required": True})
    answer = client.post(CLOSE, data=WRITTEN[0][1])
    assert answer.status_code == 403
    assert "passkey" in answer.text
    assert "&lt;b&gt;agreed" in answer.text
    assert client.post(CLOSE, data={"outcome": "won"}).status_code == 303  # nothing to lose


def test_what_another_site_sends_is_handed_to_nobody(client: FlaskClient) -> None:
    make_letter()
    organizers.add("organizer@example.org", Role.OWNER, "Organizers")
    client.application.config["WTF_CSRF_ENABLED"] = True
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.net"}):
        answer = client.post(CLOSE, data=WRITTEN[0][1], headers=headers)
        assert answer.status_code in {400, 403}
        assert "agreed" not in answer.text
