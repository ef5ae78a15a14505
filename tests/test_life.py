"""A letter opens and closes on time, says what came of it, leaves the view and comes back."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching
from petition.actions import confirm, forget, life, publish, write
from petition.actions.life import Outcome
from petition.caching import Policy
from petition.clock import now
from petition.database import writing
from petition.exceptions import HasSignatures, LetterClosed, OtherLife
from petition.extensions import db
from petition.models import Change, Draft, Letter, Life, Organizer, Role, State, Team
from petition.queries import drafts, letters
from petition.queries.letters import LetterText
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_letter,
    make_signature,
    publish_text,
    sign_in,
    signature_path,
)

PAGE = "/organize/letters/a-letter/life"
SHARED = ["/letters/a-letter", "/letters/a-letter/signatures"]
PUBLIC = [*SHARED, "/letters/a-letter/thanks"]
EMBEDS = ["/embed/a-letter", "/embed/a-letter/badge.svg", "/embed/a-letter/count.json"]
HOUR = timedelta(hours=1)


def _letter() -> Letter:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Letter).one()


def _as_typed(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def _typed(**typed: str) -> dict[str, str]:
    return {"version": str(_letter().version), **typed}


def _gone(found: LetterText, reason: str = "It was <b>wrong</b>.") -> None:
    life.take_from_view(found.letter, Role.OWNER, reason)


def test_it_opens_and_closes_when_it_was_said(client: FlaskClient) -> None:
    make_letter(opens=now() + HOUR)
    sign_in(client)
    opens, closes = now() + 2 * HOUR, now() + 3 * HOUR
    typed = _typed(opens=_as_typed(opens), closes=_as_typed(closes))
    assert client.post(f"{PAGE}/dates", data=typed).status_code == 303
    letter = _letter()
    assert letter.opens_at == opens.replace(second=0, microsecond=0)
    assert letter.life(letter.opens_at - timedelta(microseconds=1)) is Life.SCHEDULED
    assert letter.life(letter.opens_at) is Life.OPEN
    assert letter.closes_at
    assert letter.life(letter.closes_at - timedelta(microseconds=1)) is Life.OPEN
    assert letter.life(letter.closes_at) is Life.CLOSED


IMPOSSIBLE = [
    {"opens": ""},
    {"opens": "2020-01-01T10:00"},
    {"opens": "tomorrow"},
    {"opens": "2030-02-30T10:00"},
    {"opens": "0001-01-01T00:00"},
    {"opens": "9999-12-31T23:59"},
    {"opens": "٢٠٣٠-٠١-٠١T10:00"},
    {"opens": "2030-01-01T10:00+02:00"},
    {"opens": "2030-01-01T10:00", "closes": "2030-01-01T10:00"},
    {"opens": "2030-01-01T10:00", "closes": "2029-01-01T10:00"},
    {"opens": "2030-01-01T10:00", "closes": "x" * 5000},
]


def test_a_date_that_cannot_be_is_said_beside_its_field(client: FlaskClient) -> None:
    opens = now() + HOUR
    make_letter(opens=opens)
    sign_in(client)
    for typed in IMPOSSIBLE:
        answer = client.post(f"{PAGE}/dates", data=_typed(**typed))
        assert answer.status_code == 422, typed
        assert re.search(r'id="(opens|closes)-error"', answer.text)
    assert (_letter().opens_at, _letter().closes_at) == (opens, None)


def test_an_open_letter_does_not_open_another_time(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    assert 'name="opens"' not in client.get(PAGE).text
    typed = _typed(opens="2030-01-01T10:00", closes="2030-02-01T10:00")
    assert client.post(f"{PAGE}/dates", data=typed).status_code == 303
    assert _letter().opens_at is None
    assert _letter().closes_at == datetime(2030, 2, 1, 10, tzinfo=UTC)
    assert client.post(f"{PAGE}/dates", data=_typed(closes="")).status_code == 303
    assert _letter().closes_at is None


def test_a_colleagues_dates_are_shown_beside_mine(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client)
    mine = _typed(closes="2030-01-01T10:00")
    theirs = datetime(2031, 5, 5, 12, tzinfo=UTC)
    life.plan(found.letter, Role.EDITOR, found.letter.version, None, theirs)
    answer = client.post(f"{PAGE}/dates", data=mine)
    assert answer.status_code == 409
    assert "2031-05-05 12:00" in answer.text
    assert 'value="2030-01-01T10:00"' in answer.text
    assert _letter().closes_at == theirs


def test_a_draft_is_not_planned_to_open_in_the_past(client: FlaskClient) -> None:
    sign_in(client)
    organizer = db.session.query(Organizer).one()
    slug = write.begin(organizer.id, db.session.query(Team.id).scalar(), "To come", "en")
    dates = f"/organize/letters/{slug}/life/dates"
    answer = client.post(dates, data=_typed(opens="2020-01-01T10:00"))
    assert answer.status_code == 422
    assert "This lies in the past. To open at once, leave it empty." in answer.text
    with writing(db.session):
        _letter().opens_at = datetime(2020, 1, 1, 10, tzinfo=UTC)  # it passed while it stood there
    kept = client.post(dates, data=_typed(opens="2020-01-01T10:00"), follow_redirects=True)
    assert "It opens as soon as it is published." in kept.text
    told = client.post(dates, data=_typed(opens="2990-01-01T10:00"), follow_redirects=True)
    assert "Once it is published, it opens at exactly this time." in told.text


def test_a_letter_is_not_published_after_its_own_end(client: FlaskClient) -> None:
    sign_in(client)
    organizer = db.session.query(Organizer).one()
    slug = write.begin(organizer.id, db.session.query(Team.id).scalar(), "Too late", "en")
    with writing(db.session):
        _letter().closes_at = now() - HOUR
    page = client.get(f"/organize/letters/{slug}/text/publish").text
    assert "The time at which the letter closes has passed" in page
    assert f"/organize/letters/{slug}/life#dates" in page


def test_it_opens_before_its_time_by_a_button(client: FlaskClient) -> None:
    make_letter(opens=now() + HOUR)
    sign_in(client)
    assert client.get("/letters/a-letter").status_code == 404
    assert client.post(f"{PAGE}/open").status_code == 303
    assert client.get("/letters/a-letter").status_code == 200
    assert client.post(f"{PAGE}/open").status_code == 409


def test_it_closes_with_what_came_of_it_and_opens_again(client: FlaskClient) -> None:
    closes = (now() + 48 * HOUR).replace(second=0, microsecond=0)
    make_signature(make_letter(closes=closes))
    sign_in(client)
    ending = {"outcome": "won", "message": "They <i>agreed</i>.\r\n\r\n\r\nThank you."}
    assert client.post(f"{PAGE}/close", data=ending).status_code == 303
    page = client.get("/letters/a-letter").text
    for said in ("Won", "<p lang", "They &lt;i&gt;agreed&lt;/i&gt;.", "1 person has signed"):
        assert said in page
    assert 'id="sign"' not in page
    assert "Won" in client.get("/embed/a-letter").text
    assert client.get("/embed/a-letter/count.json").json["state"] == "closed"
    assert client.post("/letters/a-letter/sign", data=form()).status_code == 410
    offered = client.get(PAGE).text
    undo = re.search(r'action="([^"]*reopen)".*?name="closes" value="([^"]+)"', offered, re.S)
    assert undo
    assert client.post(undo[1], data={"closes": undo[2]}).status_code == 303
    assert _letter().closes_at == closes
    page = client.get("/letters/a-letter").text
    assert "agreed" not in page
    assert 'id="sign"' in page
    offered = client.get(PAGE).text
    assert "They &lt;i&gt;agreed" in offered  # kept for its next closing
    assert '<option selected value="">' in offered  # whose end is not known


def test_what_came_of_it_can_be_said_later_and_otherwise(client: FlaskClient) -> None:
    make_letter(closes=now() - HOUR)
    sign_in(client)
    delivered = _typed(outcome="delivered")
    assert client.post(f"{PAGE}/outcome", data=delivered).status_code == 303
    assert "Delivered" in client.get("/letters/a-letter").text
    late = client.post(f"{PAGE}/outcome", data=delivered | {"message": "Mine."})
    assert late.status_code == 409
    assert "Mine." in late.text
    assert client.post(f"{PAGE}/outcome", data=_typed(outcome="lost")).status_code == 303
    assert "Not won" in client.get("/letters/a-letter").text
    for wrong in ({"outcome": "draw"}, {"outcome": "won", "message": "x" * 2001}):
        assert client.post(f"{PAGE}/outcome", data=wrong).status_code == 422


def test_what_does_not_fit_the_moment_is_refused_with_how_things_stand(
    client: FlaskClient,
) -> None:
    make_letter()
    sign_in(client)
    for step in ("open", "outcome", "reopen", "bring-back"):
        answer = client.post(f"{PAGE}/{step}", data=_typed(outcome="won"))
        assert answer.status_code == 409, step
        assert "Here is how it stands" in answer.text
    assert _letter().version == 0


def test_it_closes_once_whoever_presses(app: Flask) -> None:
    found = make_letter()
    letter_id = found.letter.id

    def press(outcome: Outcome) -> bool:
        with app.app_context():
            letter = db.session.get(Letter, letter_id)
            assert letter
            try:
                life.close(letter, Role.EDITOR, outcome, "")
            except OtherLife:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(press, Outcome)) == 1


def test_no_cache_keeps_a_page_past_the_closing(client: FlaskClient) -> None:
    make_letter(closes=now() + timedelta(seconds=3.5))
    for path in (*SHARED, *EMBEDS):
        said = client.get(path).headers["Cache-Control"]
        ages = dict(re.findall(r"([a-z-]+)=(\d+)", said))
        fresh_for = max(int(ages.get("s-maxage", 0)), int(ages["max-age"]))
        assert fresh_for + int(ages["stale-while-revalidate"]) <= 3, path


def test_no_cache_keeps_the_home_page_past_an_opening(client: FlaskClient) -> None:
    make_letter(opens=now() + timedelta(seconds=2.5))
    assert "s-maxage=2, stale-while-revalidate=0" in client.get("/").headers["Cache-Control"]


def test_a_page_is_remembered_no_longer_than_it_is_true() -> None:
    recent = caching.Recent(seconds=60)
    soon = caching.Answer(b"open", "text/html", "x", changes_at=now() - timedelta(seconds=1))
    recent.get("a-letter", "page", lambda: soon)
    assert recent.get("a-letter", "page", lambda: "closed") == "closed"


@pytest.mark.parametrize("holds_for", [0.0, 0.9, 4.0, 7.5, 15.0, 1e12, -5.0])
@pytest.mark.parametrize("policy", [Policy.PAGE, Policy.COUNT])
def test_a_policy_is_only_ever_shortened(policy: Policy, holds_for: float) -> None:
    limited = dict(re.findall(r"([a-z-]+)=(\d+)", caching.limited(policy, holds_for)))
    full = dict(re.findall(r"([a-z-]+)=(\d+)", policy))
    assert limited.keys() == full.keys()
    assert all(int(limited[name]) <= int(full[name]) for name in full)
    kept = int(limited["s-maxage"]) + int(limited["stale-while-revalidate"])
    assert kept <= max(0.0, holds_for)
    if holds_for >= 15:
        assert limited == full


def test_who_confirms_within_a_day_of_the_closing_is_told_until_when(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, state=State.PENDING)
    life.close(found.letter, Role.EDITOR, None, "")
    page = client.get(confirm_path(signature)).text
    assert "you can still confirm, until" in page
    assert client.post(confirm_path(signature), data={"decision": "confirm"}).status_code == 303
    assert fresh(signature.id).state == State.PUBLISHED


def test_a_withdrawn_letter_says_why_wherever_it_was(client: FlaskClient) -> None:
    found = make_letter(title="Its title")
    signature = make_signature(found)
    publish_text("نص", Change.TRANSLATION, "ar", title="عنوان")
    _gone(found)
    for path in (*PUBLIC, *EMBEDS):
        answer = client.get(path)
        assert answer.status_code == 410, path
        assert answer.headers["Cache-Control"] == Policy.MISSING
        assert "Set-Cookie" not in answer.headers
        assert "Its title" in answer.text
        assert "Ann Lee" not in answer.text
        assert "<b>wrong" not in answer.text or answer.is_json
    framed = client.get("/embed/a-letter").headers
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    told = client.get("/embed/a-letter/count.json")
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    assert (told.json["state"], told.json["reason"]) == ("withdrawn", "It was <b>wrong</b>.")
    assert told.headers["Letters-Frames"] == "alike"
    assert client.post("/letters/a-letter/sign", data=form()).status_code == 410
    for path in ("/letters/a-letter", "/embed/a-letter", "/embed/a-letter/badge.svg"):
        assert "عنوان" in client.get(f"{path}?lang=ar").text
        assert "Its title" in client.get(f"{path}?lang=fr").text
    assert 'lang="ar" dir="rtl"' in client.get("/embed/a-letter?lang=ar").text
    assert "Its title" not in client.get("/").text
    assert "Ann Lee" in client.get(signature_path(signature)).text
    life.bring_back(found.letter, Role.OWNER)
    assert "Ann Lee" in client.get("/letters/a-letter").text


def test_what_was_withdrawn_before_it_opened_is_never_heard_of(client: FlaskClient) -> None:
    found = make_letter(title="Its title", opens=now() + timedelta(days=1))
    _gone(found)
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.withdrawn_at = now() - timedelta(days=2)
        letter.opens_at = now() - timedelta(days=1)
    caching.recent.clear()
    for path in (*PUBLIC, *EMBEDS):
        answer = client.get(path)
        assert (answer.status_code, "Its title" in answer.text) == (404, False), path


def test_signers_of_a_withdrawn_letter_can_still_leave(client: FlaskClient) -> None:
    found = make_letter()
    signature, waiting = make_signature(found), make_signature(found, state=State.PENDING)
    _gone(found)
    page = client.get(confirm_path(waiting)).text
    assert "It was &lt;b&gt;wrong&lt;/b&gt;." in page
    assert "Yes, I sign" not in page
    with pytest.raises(LetterClosed):
        confirm.confirm(waiting.id, None)
    left = client.post(signature_path(signature), data={"decision": "withdraw"})
    assert left.status_code == 200
    assert fresh(signature.id).state == State.WITHDRAWN


def test_withdrawing_needs_a_reason(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    for reason in ("", " \u200b ", "x" * 501):
        assert client.post(f"{PAGE}/withdraw", data={"reason": reason}).status_code == 422
    assert client.post(f"{PAGE}/withdraw", data={"reason": "A mistake."}).status_code == 303
    assert client.get("/letters/a-letter").status_code == 410
    page = client.get(PAGE).text
    assert "Brought back, it is open as before." in page
    assert "Open since" not in page
    assert client.post(f"{PAGE}/withdraw", data={"reason": "Another."}).status_code == 409
    assert client.post(f"{PAGE}/bring-back").status_code == 303
    assert client.get("/letters/a-letter").status_code == 200


def test_a_letter_with_signatures_is_never_deleted(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, state=State.PENDING)
    with pytest.raises(OtherLife):
        life.delete(found.letter, Role.OWNER)
    with writing(db.session):
        found.letter.published_at = None
    with pytest.raises(HasSignatures):
        life.delete(found.letter, Role.OWNER)
    sign_in(client)
    assert client.post("/organize/letters/a-letter/delete").status_code == 409
    assert "Delete this draft" not in client.get(PAGE).text
    assert _letter().deleted_at is None


def test_only_drafts_go_and_keep_their_words(app: Flask, client: FlaskClient) -> None:
    sign_in(client)
    organizer = db.session.query(Organizer).one()
    slug = write.begin(organizer.id, db.session.query(Team.id).scalar(), "Begun", "en")
    page = f"/organize/letters/{slug}"
    assert "Delete this draft" in client.get(f"{page}/life").text
    assert client.post(f"{page}/delete").status_code == 303
    assert client.get(f"{page}/life").status_code == 404
    other = app.test_client()
    sign_in(other, "other@example.org", team="Others")
    assert other.post(f"{page}/restore").status_code == 404
    assert client.post(f"{page}/restore").status_code == 303
    assert "Begun" in client.get(f"{page}/life").text


def test_a_deleted_draft_is_forgotten_after_its_days(app: Flask, client: FlaskClient) -> None:
    kept = make_letter(slug="kept")
    make_signature(kept)
    sign_in(client)
    organizer = db.session.query(Organizer).one()
    for title in ("Old", "Recent"):
        write.begin(organizer.id, kept.letter.team_id, title, "en")
        client.post(f"/organize/letters/{title.lower()}/delete")
    with writing(db.session):
        old = db.session.query(Letter).filter_by(slug="old")
        old.update({"deleted_at": now() - timedelta(days=31)})
        # What somebody has signed is never forgotten, whatever happened to it.
        kept.letter.deleted_at = now() - timedelta(days=31)
    assert [forget.forget_draft(), forget.forget_draft()] == [True, False]
    assert {slug for (slug,) in db.session.query(Letter.slug)} == {"kept", "recent"}
    assert db.session.query(Draft).count() == 1


def _two_teams(client: FlaskClient, second: Role = Role.OWNER) -> int:
    sign_in(client, role=second, team="The Second")
    sign_in(client)
    team_id: int = db.session.query(Team.id).filter_by(name="The Second").scalar()
    return team_id


def test_a_letter_moves_to_another_team_as_a_draft_and_back(client: FlaskClient) -> None:
    found = make_letter()
    first, second = found.letter.team_id, _two_teams(client)
    signature = make_signature(found)
    waiting = make_signature(found, state=State.PENDING)
    assert "The Second" in client.get(PAGE).text
    assert client.post(f"{PAGE}/move", data={"team": second}).status_code == 303
    assert (_letter().team_id, _letter().published_at) == (second, None)
    assert client.get("/letters/a-letter").status_code == 404
    assert client.get("/embed/a-letter/count.json").status_code == 404
    assert "cannot be read at the moment" in client.get(confirm_path(waiting)).text
    with pytest.raises(LetterClosed):
        confirm.confirm(waiting.id, None)
    assert "Ann Lee" in client.get(signature_path(signature)).text
    assert client.post(f"{PAGE}/move", data={"team": first}).status_code == 303
    organizer_id = db.session.query(Organizer.id).scalar()
    own = letters.of_organizer_by_slug(organizer_id, "a-letter")
    publish.publish_draft(own, organizer_id, drafts.written(own.letter, "en"))
    confirm.confirm(waiting.id, None)
    assert fresh(waiting.id).state == State.PUBLISHED


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_it_moves_only_between_teams_that_one_owns(client: FlaskClient, role: Role) -> None:
    found = make_letter()
    first, second = found.letter.team_id, _two_teams(client, role)
    for team in (second, first, 2**40, -1, "x"):
        answer = client.post(f"{PAGE}/move", data={"team": team})
        assert answer.status_code == 422, team
    assert (_letter().team_id, _letter().published_at) != (second, None)
