"""What a team writes about a signature for itself, and in whose hands that is."""

import pytest
from flask.testing import FlaskClient

from petition.actions import erase, manage
from petition.database import writing
from petition.extensions import db
from petition.models import AuditEntry, Membership, Note, Organizer, Role, Signature
from tests.accounts import make_member
from tests.factories import fresh, make_letter, make_signature, sign_in, signature_path

LETTER = "/organize/letters/a-letter"


def _post(client: FlaskClient, signature: Signature, act: str, **typed: str) -> int:
    path = f"{LETTER}/signatures/{signature.id}/{act}"
    return int(client.post(path, data={"at": "all", **typed}).status_code)


def _notes() -> list[tuple[str, str, int | None]]:
    db.session.rollback()
    rows = db.session.query(Note, Organizer).join(Organizer, Organizer.id == Note.organizer_id)
    return [(who.email, note.words, note.handed_to) for note, who in rows.order_by(Note.id)]


def test_a_note_is_read_by_the_team_and_what_is_handed_over_waits_for_one_of_it(
    client: FlaskClient,
) -> None:
    signature = make_signature(make_letter(), name="Ann Lee")
    other = make_signature(make_letter(), name="Bo Fox")
    colleague = make_member("colleague@example.org", Role.MODERATOR)
    looking = make_member("looking@example.org", Role.VIEWER)
    sign_in(client, "mod@example.org", Role.MODERATOR)
    assert _post(client, signature, "notes", words=" Called <b>her</b>. \r\n ") == 303
    assert _post(client, signature, "hand-over", to=str(colleague.id), words="You know her.") == 303
    for nobody in (str(looking.id), "0", "x"):
        assert _post(client, signature, "hand-over", to=nobody) == 404
    at = f"{LETTER}/signatures/{signature.id}"
    again = client.post(f"{at}/hand-over", data={"to": "", "words": "Whom now?"})
    assert again.status_code == 422
    assert "Whom now?</textarea>" in again.text
    assert f'<option value="{colleague.id}">' in again.text
    assert f'<option value="{colleague.id}">' not in client.get(at).text  # who has it already
    page = client.get(f"{LETTER}/moderation?tab=all").text
    assert "Called &lt;b&gt;her&lt;/b&gt;." in page
    assert "In the hands of" in page
    assert "Handed to you" not in page
    assert _notes() == [
        ("mod@example.org", "Called <b>her</b>.", None),
        ("mod@example.org", "You know her.", colleague.id),
    ]

    sign_in(client, "colleague@example.org", Role.MODERATOR)
    assert "1 handed to you" in client.get("/organize/").text
    mine = client.get(f"{LETTER}/moderation?tab=all&assignee={colleague.id}").text
    assert "Handed to you" in mine
    assert "Ann Lee" in mine
    assert "Bo Fox" not in mine
    assert _post(client, other, "hand-over", to=str(colleague.id)) == 303
    assert _post(client, other, "hand-back") == 303
    assert fresh(other.id).assignee_id is None
    # Decided about, it is in nobody's hands any more.
    assert _post(client, signature, "reject", reason="abuse", seen="published") == 303
    assert fresh(signature.id).assignee_id is None
    said = {each.action for each in db.session.query(AuditEntry)}
    assert {"note", "handed", "handed-back"} <= said


def test_what_cannot_be_noted_is_still_there_and_who_looks_on_writes_nothing(
    client: FlaskClient,
) -> None:
    signature = make_signature(make_letter())
    sign_in(client, "mod@example.org", Role.MODERATOR)
    path = f"{LETTER}/signatures/{signature.id}/notes"
    for words, problem in (("", "Write the note first."), ("w" * 1001, "Shorten this")):
        answer = client.post(path, data={"words": words})
        assert (answer.status_code, problem in answer.text) == (422, True)
        assert words in answer.text
        assert f"A note about {signature.name}" in answer.text
    sign_in(client, "looking@example.org", Role.VIEWER)
    for act in ("notes", "hand-over", "hand-back"):
        assert _post(client, signature, act, words="So.", to="1") == 403
    sign_in(client, "other@example.org", Role.OWNER, team="Others")
    assert _post(client, signature, "notes", words="So.") == 404
    assert _notes() == []


@pytest.mark.parametrize("leave", [manage.withdraw, erase.erase])
def test_notes_go_with_the_words_of_a_signature(client: FlaskClient, leave: object) -> None:
    signature = make_signature(make_letter())
    kept = make_signature(make_letter())
    sign_in(client, "mod@example.org", Role.MODERATOR)
    organizer = db.session.query(Membership).filter_by(role=Role.MODERATOR).one().organizer_id
    for each in (signature, kept):
        assert _post(client, each, "hand-over", to=str(organizer), words="A secret.") == 303
    assert callable(leave)
    leave(signature.id, None)
    db.session.rollback()
    assert [note.signature_id for note in db.session.query(Note)] == [kept.id]
    assert fresh(signature.id).assignee_id is None
    assert _post(client, signature, "notes", words="Still about them.") == 409
    told = client.get(f"{signature_path(kept)}/data.json")
    assert "A secret." not in told.text  # handed out by people, not by itself


def test_one_who_went_leaves_what_was_in_their_hands(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    gone = make_member("gone@example.org", Role.MODERATOR)
    sign_in(client, "mod@example.org", Role.MODERATOR)
    assert _post(client, signature, "hand-over", to=str(gone.id)) == 303
    with writing(db.session):
        db.session.query(Membership).filter_by(organizer_id=gone.id).delete()
    assert "not in the team any more" in client.get(f"{LETTER}/moderation?tab=all").text
    assert _post(client, signature, "hand-back") == 303
