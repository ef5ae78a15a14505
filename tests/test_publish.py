"""A letter file becomes a letter; the same file again changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import catalogues, letterfile
from petition.actions import life
from petition.actions.publish import ForeignLetter, Outcome, publish, translate
from petition.cli import DEMO_TRANSLATIONS
from petition.clock import now
from petition.database import writing
from petition.exceptions import LetterFileError, NotFound
from petition.extensions import db
from petition.models import Change, Letter, Life, Moderation, Revision, Role, Signal
from tests.factories import make_letter, make_signature, publish_text

FILE = """---
title: Pay us
slug: pay-us
language: en
to: the makers
from: the artists
goal: 500
opens: 2026-01-02
closes: 2026-12-31T18:00:00+01:00
moderation: before
---

We ask for **fair** terms.
"""


def test_a_file_says_all_there_is(app: Flask) -> None:
    file = letterfile.parse(FILE)
    assert (file.title, file.slug, file.language) == ("Pay us", "pay-us", "en")
    assert (file.to, file.sender, file.goal) == ("the makers", "the artists", 500)
    assert file.opens == datetime(2026, 1, 2, tzinfo=UTC)
    assert file.closes == datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert file.moderation is Moderation.BEFORE
    assert file.markdown == "We ask for **fair** terms."


@pytest.mark.parametrize(("written", "slug"), [("0123", "0123"), ("12", "12"), ("1e3", "1e3")])
def test_a_slug_is_what_is_written(written: str, slug: str) -> None:
    assert letterfile.parse(FILE.replace("slug: pay-us", f"slug: {written}")).slug == slug


def test_norwegian_is_a_language() -> None:
    assert letterfile.parse(FILE.replace("language: en", "language: no")).language == "no"


def test_a_bare_date_includes_its_day() -> None:
    file = letterfile.parse(FILE.replace("2026-12-31T18:00:00+01:00", "2026-12-31"))
    assert file.closes == datetime(2027, 1, 1, tzinfo=UTC)
    one_day = FILE.replace("2026-12-31T18:00:00+01:00", "2026-01-02")
    assert letterfile.parse(one_day).closes == datetime(2026, 1, 3, tzinfo=UTC)


def test_what_is_left_empty_is_unset() -> None:
    file = letterfile.parse(FILE.replace("goal: 500", "goal:").replace("2026-01-02", "~"))
    assert (file.goal, file.opens) == (None, None)


def test_windows_line_ends_and_marks_change_nothing() -> None:
    assert letterfile.parse("\ufeff" + FILE.replace("\n", "\r\n")) == letterfile.parse(FILE)


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("---\ntitle", "title", 1, "three dashes"),
        ("title: Pay us\n", "", 1, "title is missing"),
        ("title: Pay us", "title:", 2, "title is missing"),
        ("title: Pay us", f"title: {'x' * 201}", 2, "at most 200"),
        ("title: Pay us", "title: Pay at evil.com", 2, "without a web address"),
        ("to: the makers", "to: www.evil.example", 5, "without a web address"),
        ("slug: pay-us", "slug: Pay Us", 3, "slug may have"),
        ("language: en", "language: klingonish", 4, "language"),
        ("goal: 500", "goal: many", 7, "goal must be"),
        ("goal: 500", "goal: -1", 7, "goal must be"),
        ("goal: 500", "goal: true", 7, "goal must be"),
        ("opens: 2026-01-02", "opens: soon", 8, "opens must be"),
        ("closes: 2026-12-31T18:00:00+01:00", "closes: 2026-01-01", 9, "later than opens"),
        ("moderation: before", "moderation: never", 10, "after or before"),
        ("moderation: before", "hold: joke, laughter", 10, "same-name"),
        ("moderation: before", "hold: joke, network", 10, "same-name"),
        ("moderation: before", f"watch: {'x' * 101}", 10, "at most 100 characters"),
        ("moderation: before", "colour: red", 10, "not known"),
        ("moderation: before", "title: Twice", 10, "second time"),
        ("goal: 500", "goal: 500: 1", 7, "not YAML"),
        ("goal: 500", "goal: [500]", 7, "goal must be one plain value"),
        ("goal: 500", f"goal: {'9' * 5000}", 7, "goal must be"),
        ("goal: 500", f"goal: {'[' * 5000}", 7, "goal must be one plain value"),
        ("title: Pay us", "title: [a, b]", 2, "title must be one plain value"),
        ("title: Pay us", "title: {a: b}", 2, "title must be one plain value"),
        ("title: Pay us", "title: Pay\x08us", 2, "control character"),
        ("title: Pay us", "title: Pay\ufffeus", 2, "not YAML"),
        ("We ask", "We\0ask", 13, "control character"),
        ("We ask", "We \u202eask", 13, "control character"),
        ("We ask", "We ask" * 100_000, 1, "too large"),
        ("to: the makers", "to: *a", 5, "to must be one plain value"),
        ("title: Pay us\n", "title: &a Pay us\ncolour: *a\n", 3, "colour must be one plain"),
        ("title: Pay us", "? [title]\n: Pay us", 2, "name: value"),
        ("title: Pay us", "title: Pay us\n--- {}", 3, "one YAML document"),
        ("moderation: before", "moderation: [x]", 10, "moderation must be one plain value"),
        ("moderation: before", "moderation: ''", 10, "after or before"),
        ("closes: 2026-12-31T18:00:00+01:00", "closes: 9999-12-31", 9, "closes must be"),
        ("---\n\nWe ask for **fair** terms.\n", "---\n", 12, "no text"),
        ("---\n\nWe ask", "We ask", 12, "does not end"),
        ("opens: 2026-01-02", "opens: !!python/object:os.system x", 8, "opens"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int, word: str) -> None:
    with pytest.raises(LetterFileError) as caught:
        letterfile.parse(FILE.replace(old, new))
    assert (caught.value.line, word in caught.value.problem) == (line, True), caught.value


def _publish(content: str = FILE, team: str = "Organizers") -> tuple[Outcome, int]:
    return publish(letterfile.parse(content), team)


def test_publishing_twice_changes_nothing(app: Flask) -> None:
    assert _publish() == (Outcome.PUBLISHED, 1)
    assert _publish() == (Outcome.UNCHANGED, 1)
    assert db.session.query(Letter).count() == 1
    assert db.session.query(Revision).count() == 1


def test_a_changed_text_makes_a_revision_and_keeps_the_old_one(app: Flask) -> None:
    _publish()
    assert _publish(FILE.replace("fair", "open")) == (Outcome.REVISED, 2)
    first, second = db.session.query(Revision).order_by(Revision.number)
    assert "fair" in first.markdown
    assert "<strong>open</strong>" in second.html
    assert first.sha256 != second.sha256


def test_a_changed_title_makes_a_revision_too(app: Flask) -> None:
    _publish()
    assert _publish(FILE.replace("Pay us", "Pay us all")) == (Outcome.REVISED, 2)


def test_a_changed_goal_makes_none(app: Flask) -> None:
    _publish()
    assert _publish(FILE.replace("500", "900")) == (Outcome.CHANGED, 1)
    assert db.session.query(Letter).one().goals == [900]


def test_the_same_file_undoes_nothing_that_the_panel_did(app: Flask) -> None:
    _publish()
    db.session.rollback()
    letter = db.session.query(Letter).one()
    life.close(letter, Role.OWNER, None, "")
    with writing(db.session):
        db.session.query(Letter).update({"goals": [7], "moderation": Moderation.AFTER})
    assert _publish() == (Outcome.UNCHANGED, 1)
    db.session.expire_all()
    assert letter.life(now()) is Life.CLOSED
    assert (letter.goals, letter.moderation) == ([7], Moderation.AFTER)
    assert _publish(FILE.replace("500", "900")) == (Outcome.CHANGED, 1)
    db.session.expire_all()
    assert (letter.goals, letter.moderation) == ([900], Moderation.AFTER)


def test_the_same_file_takes_back_no_text_from_the_panel(app: Flask) -> None:
    slug = letterfile.parse(FILE).slug
    _publish()
    publish_text("Written in the browser.", Change.CORRECTION, slug=slug)
    assert _publish() == (Outcome.UNCHANGED, 2)


def test_the_letters_own_language_comes_first_whatever_was_published_last(app: Flask) -> None:
    _publish()
    _publish(FILE.replace("language: en", "language: fr").replace("fair", "justes"))
    _publish()
    letter = db.session.query(Letter).one()
    assert (letter.language, letter.languages) == ("en", ["en", "fr"])


def test_going_back_to_an_earlier_text_is_a_new_revision(app: Flask) -> None:
    _publish()
    _publish(FILE.replace("fair", "open"))
    assert _publish() == (Outcome.REVISED, 3)


def test_a_signature_stays_with_the_text_it_signed(app: Flask) -> None:
    found = make_letter(markdown="One.")
    signature = make_signature(found)
    make_letter(markdown="Two.")
    assert signature.revision_id == found.revision.id


def test_a_file_says_what_waits_and_the_panel_may_say_otherwise(app: Flask) -> None:
    file = FILE.replace(
        "moderation:", "hold: scripts, joke\nwatch: Zoë Star;  Lee, Ann\nmoderation:"
    )
    publish(letterfile.parse(file), "Organizers")
    letter = db.session.query(Letter).one()
    assert letter.hold == Signal.SCRIPTS | Signal.JOKE
    assert letter.watch == ["Zoë Star", "Lee, Ann"]
    with writing(db.session):
        letter.hold, letter.watch = 0, []
    publish(letterfile.parse(file), "Organizers")
    assert (letter.hold, letter.watch) == (0, [])


def test_another_teams_slug_is_not_taken(app: Flask) -> None:
    _publish()
    with pytest.raises(ForeignLetter):
        _publish(team="Others")


def test_a_translation_adds_its_words_and_nothing_else(app: Flask) -> None:
    letter = make_letter(goal=100).letter
    team = "Organizers"
    french = replace(letterfile.parse(FILE), slug="a-letter", language="fr", goal=7, title="Lettre")
    assert translate(french, team) == (Outcome.REVISED, 2)
    assert translate(french, team) == (Outcome.UNCHANGED, 2)
    assert (letter.language, letter.languages, letter.goals) == ("en", ["en", "fr"], [100])
    make_letter(goal=200)  # its own file, brought up once more
    assert translate(french, team) == (Outcome.UNCHANGED, 2)
    assert translate(replace(french, title="Une lettre"), team)[1] == 3
    with pytest.raises(NotFound):
        translate(replace(french, language="en"), team)
    with pytest.raises(NotFound):
        translate(replace(french, slug="no-letter"), team)
    with pytest.raises(ForeignLetter):
        translate(french, "Others")


def test_the_page_shows_the_text_in_force(client: FlaskClient) -> None:
    make_letter(markdown="Old words.")
    make_letter(markdown="New words.")
    page = client.get("/letters/a-letter").text
    assert "New words." in page
    assert "Old words." not in page


def test_hostile_letters_are_harmless(client: FlaskClient) -> None:
    make_letter(
        title="<script>alert(1)</script>",
        markdown="<script>alert(2)</script> ![x](https://evil.example/p.png) [y](javascript:x)",
    )
    for path in ("/", "/letters/a-letter", "/embed/a-letter", "/embed/a-letter/badge.svg"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page


def test_the_demonstration_letter_is_one_letter_in_every_language_of_the_site() -> None:
    folder = Path(letterfile.__file__).parent
    files = [letterfile.parse(each.read_text("utf-8")) for each in folder.glob("demonstration*.md")]
    assert {file.slug for file in files} == {"paid-open-and-fair"}
    assert {file.language for file in files} == {"en", *DEMO_TRANSLATIONS}
    assert {file.language for file in files} <= set(catalogues.languages())
