"""Pictures beside shared links: what they say, when they are drawn, and that any text fits."""

import struct
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from petition import caching, drawing, fonts
from petition.actions import draw
from petition.cards import HEIGHT, WIDTH, Motif, rounded
from petition.clock import now
from petition.database import writing
from petition.drawing import MARGIN, TITLE_ROOM
from petition.exceptions import NotFound
from petition.extensions import db
from petition.mail.transports import Folder
from petition.mail.worker import Chore, Worker
from petition.models import Card, Letter
from petition.queries import cards
from petition.text import tidy
from tests.conftest import Statements
from tests.factories import make_letter, make_signature

MOTIF = Motif("A letter", "To the makers", "The artists", "7 people", "Site", "en", "ltr")


def _size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def _tag(letter_id: int, language: str = "en") -> str | None:
    db.session.rollback()
    return cards.tag(letter_id, language)


def _sheet(language: str) -> drawing._Sheet:
    return drawing._Sheet(ImageDraw.Draw(Image.new("L", (1, 1))), language, "ltr")


HOSTILE = [
    ("W" * 200, "en"),
    ("رسالة مفتوحة 2030 Open Letter " * 6, "ar"),
    ("致制造商的公开信：请公平对待我们，" * 10, "zh"),
    ("Z" + "\u0301" * 199, "en"),
    ("\u202eevil\u2066 \u200b\u0000x", "en"),
    ("🌳" * 200, "en"),
    ("\U000f0000\ud7ff\u0378", "en"),
    ("", "en"),
    ("   ", "xx-not-a-language"),
]


@pytest.mark.parametrize(("title", "language"), HOSTILE)
def test_any_title_fits(title: str, language: str) -> None:
    sheet = _sheet(language)
    title = tidy(title)  # as every motif is
    size, lines = sheet.fitted(title)
    assert len(lines) * size * drawing.LEADING <= TITLE_ROOM + size
    for line in lines:
        assert sheet._width(line, size) <= WIDTH - 2 * MARGIN + size
    motif = replace(MOTIF, title=title, over=title, under=title, count=title, site=title)
    assert _size(drawing.png(motif)) == (WIDTH, HEIGHT)


@settings(max_examples=10)
@given(st.text(max_size=60))
def test_whatever_somebody_types_is_drawn(title: str) -> None:
    motif = replace(MOTIF, title=tidy(title), direction="rtl")
    assert _size(drawing.png(motif)) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Ωδή", "el"),
        ("Письмо", "ru"),
        ("مرحبا", "ar"),
        ("שלום", "he"),
        ("पत्र", "hi"),
        ("手紙", "ja"),
        ("편지", "ko"),
        ("จดหมาย", "th"),
        ("🌳", "en"),
    ],
)
def test_many_scripts_have_a_font(words: str, language: str) -> None:
    sheet = _sheet(language)
    faces = {sheet._face(cluster, None) for cluster in fonts.clusters(words)}
    assert all(drawing._has(face, words[0]) for face in faces)


def test_a_count_is_said_down_to_two_digits_that_mean_something() -> None:
    assert [rounded(n) for n in (0, 7, 99, 100, 109, 1284, 99_999, 1_000_000)] == [
        0,
        7,
        99,
        100,
        100,
        1200,
        99_000,
        1_000_000,
    ]


def test_a_picture_is_drawn_once_and_again_when_what_it_says_has_changed(
    client: FlaskClient,
) -> None:
    found = make_letter(title="A better deal")
    assert draw.one_card() is True
    first = _tag(found.letter.id)
    assert first
    assert draw.one_card() is False
    make_signature(found)
    assert draw.one_card() is False  # not so soon
    with writing(db.session):
        db.session.query(Card).update({"looked_at": now() - draw.PAUSE})
    assert draw.one_card() is True
    assert _tag(found.letter.id) not in {None, first}


def test_each_language_has_a_picture_and_what_is_not_public_has_none(client: FlaskClient) -> None:
    found = make_letter()
    hidden = make_letter(slug="hidden")
    with writing(db.session):
        db.session.get_one(Letter, hidden.letter.id).withdrawn_at = now()
    while draw.one_card():
        pass
    assert _tag(found.letter.id)
    assert _tag(hidden.letter.id) is None


def _later(time: timedelta) -> None:
    """Let time have passed since the letters were looked at."""
    with writing(db.session):
        for card in db.session.query(Card):
            card.looked_at -= time


@pytest.mark.usefixtures("app")
def test_what_cannot_be_drawn_is_tried_again_when_it_changes_or_hours_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fine, bad = make_letter(title="Fine"), make_letter(slug="bad", title="Bad")
    tried = tmp_path / "tried"  # by another process
    tried.touch()

    def fail_on_bad(motif: Motif) -> bytes:
        with tried.open("a") as file:
            file.write(f"{motif.title}\n")
        if motif.title == "Bad":
            raise ValueError
        return b"png"

    def drawn() -> list[str]:
        before = len(tried.read_text().split())
        while draw.one_card():
            pass
        return tried.read_text().split()[before:]

    monkeypatch.setattr(drawing, "png", fail_on_bad)
    assert drawn() == ["Bad", "Fine"]
    assert _tag(fine.letter.id)
    assert _tag(bad.letter.id) is None
    with pytest.raises(NotFound):
        cards.newest(bad.letter.id, "en")
    _later(draw.PAUSE)
    assert drawn() == []
    make_signature(bad)
    assert drawn() == ["Bad"]
    _later(draw.RETRY)
    assert drawn() == ["Bad"]
    make_letter(slug="bad", title="Better")
    _later(draw.PAUSE)
    assert drawn() == ["Better"]
    assert _tag(bad.letter.id)
    _later(draw.RETRY)
    assert drawn() == []


def test_among_many_letters_only_those_that_changed_are_looked_at(
    app: Flask, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "png", lambda _: b"png")
    monkeypatch.setattr(draw, "AT_ONCE", 2)
    found = [make_letter(slug=f"letter-{number}") for number in range(5)]
    for _ in found:
        assert draw.one_card() is True
    _later(draw.PAUSE)
    statements.clear()
    assert draw.one_card() is False
    assert statements.kinds().count("SELECT") == 1
    make_signature(found[3])
    before = _tag(found[3].letter.id)
    assert draw.one_card() is True
    assert _tag(found[3].letter.id) not in {None, before}
    _later(draw.PAUSE)
    kept = app.config["PETITION"]
    app.config["PETITION"] = replace(kept, site_name="Another name")
    try:
        assert [draw.one_card() for _ in range(6)] == [True] * 5 + [False]
    finally:
        app.config["PETITION"] = kept


def test_nothing_but_the_process_that_draws_loads_what_it_draws_with() -> None:
    loaded = "import sys, petition, petition.serving; print({'PIL', 'uharfbuzz'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.usefixtures("app")
def test_a_worker_does_chores_at_their_pace_and_survives_them(tmp_path: Path) -> None:
    stop, done = threading.Event(), []

    def count() -> bool:
        done.append("count")
        if done.count("count") == 3:
            stop.set()
        return done.count("count") < 3

    def fail() -> bool:
        done.append("fail")
        raise RuntimeError("a defect")

    chores = [Chore("fail", fail, every=3600), Chore("count", count, every=3600)]
    Worker("w", Folder(tmp_path), stop, chores)._do_chores()
    worker = Worker("w", Folder(tmp_path), stop, chores)
    worker._do_chores()
    worker._do_chores()
    assert done == ["fail", "count", "count", "count"]


def test_a_picture_has_an_address_that_changes_with_it(client: FlaskClient) -> None:
    letter_id = make_letter().letter.id
    assert "og:image" not in client.get("/letters/a-letter").text
    assert client.get("/letters/a-letter/card-0123456789abcdef.png").status_code == 404
    draw.one_card()
    caching.recent.clear()
    tag = _tag(letter_id)
    page = client.get("/letters/a-letter").text
    assert f"http://letters.example.org/letters/a-letter/card-{tag}.png" in page
    picture = client.get(f"/letters/a-letter/card-{tag}.png")
    assert _size(picture.data) == (WIDTH, HEIGHT)
    assert picture.mimetype == "image/png"
    assert picture.headers["Cache-Control"] == caching.Policy.ASSET
    assert picture.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    old = client.get("/letters/a-letter/card-0123456789abcdef.png")
    assert old.status_code == 302
    assert old.location == f"/letters/a-letter/card-{tag}.png"
    assert "immutable" not in old.headers["Cache-Control"]


def test_a_letter_that_is_not_public_shows_no_picture(client: FlaskClient) -> None:
    letter_id = make_letter(opens=now() + timedelta(days=1)).letter.id
    assert draw.one_card() is True
    assert client.get(f"/letters/a-letter/card-{_tag(letter_id)}.png").status_code == 404
