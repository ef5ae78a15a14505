"""How a count is made, for everybody: what is in it, what is not, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from petition import caching
from petition.actions import confirm, manage, moderate, seed
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Moderation, Removal, Role, State, Sweep, Team
from petition.queries import composition, decisions
from tests.accounts import make_member
from tests.factories import make_letter, make_signature

PAGE, NUMBERS = "/letters/a-letter/count", "/letters/a-letter/count.json"
COUNT = "/embed/a-letter/count.json"
TODAY = now().date().isoformat()


def test_it_adds_up_to_the_count_and_follows_each_decision(client: FlaskClient) -> None:
    found = make_letter(moderation=Moderation.AFTER)
    for _ in seed.seed(found.letter, found.revision, 5):
        pass
    organizer = make_member("mod@example.org", Role.MODERATOR)
    ann, bo, cy, _ = (make_signature(found, name=n) for n in ("Ann", "Bo", "Cy", "Di"))
    make_signature(found, name="Ed Hidden", show_name=False)
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).paper = 10
        db.session.query(Team).one().reasons = [
            {"code": "joke", "name": "Fun", "public": {"en": "A joke"}, "retired": True}
        ]
    manage.withdraw(cy.id, None)
    by = (found.letter, Role.MODERATOR, organizer.id)
    moderate.reject(*by, ann.id, "duplicate", State.PUBLISHED)
    moderate.reject(*by, bo.id, "joke", State.PUBLISHED)
    told = client.get(NUMBERS).json
    assert told["count"] == told["confirmed"] + told["invented"] + told["paper"] == 2 + 5 + 10
    assert told["confirmed"] == 2
    assert told["count"] == client.get(COUNT).json["count"]
    assert "not_on" not in told, "it is made for no site in particular"
    assert (told["paused"], told["outcome"]) == (False, None)
    assert (told["withdrawn"], told["rejected"], told["names_hidden"]) == (1, 2, 1)
    assert {each["reason"]: each["words"] for each in told["rejected_by_reason"]} == {
        "duplicate": "The same person had signed twice",
        "joke": "A joke",
    }
    assert told["rejected_by_day"] == [
        {"day": TODAY, "reason": reason, "number": 1} for reason in ("duplicate", "joke")
    ]
    page = client.get(PAGE).text
    for said in (
        "17 people have signed",
        "Invented, for a demonstration",
        "If something is wrong",
        "The same person had signed twice",
        "A joke",
    ):
        assert said in page
    for never in ("Ann", "Bo", "Cy", "Ed Hidden", "mod@example.org", "Fun"):
        assert never not in page
    assert 'href="/letters/a-letter/count"' in client.get("/letters/a-letter").text
    assert "/letters/a-letter/count" in client.get("/letters/a-letter/signatures").text
    assert "/letters/a-letter/count" in client.get("/embed/a-letter").text
    with writing(db.session):
        db.session.query(Team).one().reasons = []
    decision = decisions.number(ann.id)
    moderate.undo(*by, decision)
    told = client.get(NUMBERS).json
    assert (told["count"], [each["words"] for each in told["rejected_by_reason"]]) == (
        18,
        ["For another reason"],
    )


def test_it_tells_the_days_and_what_was_rejected_together(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "MOST_HIDDEN", 1)
    monkeypatch.setattr(composition, "MOST_INVENTED", 1)
    found = make_letter(language="de")
    for _ in range(2):
        make_signature(found, show_name=False)
    for _ in seed.seed(found.letter, found.revision, 2):
        pass
    organizer = make_member("mod@example.org", Role.MODERATOR)
    began = datetime(2026, 5, 3, 12, tzinfo=UTC)
    with writing(db.session):
        for day, number in ((began, 40), (began + timedelta(days=2), 2), (began, 0)):
            reason = "abuse" if number else "duplicate"
            db.session.add(
                Removal(letter_id=found.letter.id, day=day.date(), reason=reason, number=number)
            )
        for stage, undone in (("done", None), ("undone", began + timedelta(days=1))):
            db.session.add(
                Sweep(
                    letter_id=found.letter.id,
                    organizer_id=organizer.id,
                    origin="invalidation",
                    act="reject",
                    reason="abuse",
                    last_id=1,
                    shown_at=began,
                    stage=stage,
                    moved=40,
                    back=39 if undone else 0,
                    began_at=began,
                    undone_at=undone,
                )
            )
    page = client.get(PAGE).text
    for said in (
        "3. Mai 2026</time> – <time",
        "mehr als 1<",
        "39 kamen zurück",
        "42",
        "Tag für Tag",
    ):
        assert said in page
    assert "Per E-Mail bestätigt oder zur Vorführung erfunden" in page
    assert "Auf Papier" not in page
    told = client.get(NUMBERS).json
    assert (told["confirmed"], told["invented"], told["invented_exact"]) == (4, 1, False)
    assert [each["number"] for each in told["rejected_by_day"]] == [2, 40]
    assert told["rejected_by_reason"][0]["first"] == "2026-05-03"
    assert [(each["number"], each["undone"], each["back"]) for each in told["invalidations"]] == [
        (40, "2026-05-04", 39),
        (40, None, 0),
    ]


def test_what_waits_is_told_as_beside_the_count_and_what_is_set_aside_is_not(
    client: FlaskClient,
) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    make_signature(found, state=State.HELD)
    make_signature(found, state=State.QUARANTINED)
    told = client.get(NUMBERS).json
    assert told["being_checked"] == client.get(COUNT).json["being_checked"] == 1
    assert told["moderation"] == "before"
    assert "looks at each confirmed signature before" in client.get(PAGE).text
    for usual, said in ((Moderation.BEFORE, "before"), (Moderation.AFTER, "after")):
        with writing(db.session):
            letter = db.session.get_one(Letter, found.letter.id)
            letter.holds_all, letter.moderation = True, usual
        caching.recent.clear()
        told = client.get(NUMBERS).json
        assert (told["moderation"], told["held_for_now"]) == (said, said == "after")
        assert ("each new signature waits" in client.get(PAGE).text) == (said == "after")
    first, signature = client.get(PAGE), make_signature(found, state=State.PENDING)
    again = {"If-None-Match": client.get(NUMBERS).headers["ETag"]}
    assert client.get(NUMBERS, headers=again).status_code == 304
    confirm.confirm(signature.id, None)
    assert client.get(NUMBERS, headers=again).json["being_checked"] == 2
    assert client.get(PAGE).data != first.data


def test_it_is_there_as_long_as_its_letter_is(client: FlaskClient) -> None:
    found = make_letter(opens=now() + timedelta(days=1))
    assert {client.get(path).status_code for path in (PAGE, NUMBERS)} == {404}
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.opens_at, letter.withdrawn_at = None, now()
    caching.recent.clear()
    assert {client.get(path).status_code for path in (PAGE, NUMBERS)} == {410}
