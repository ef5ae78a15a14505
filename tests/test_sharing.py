"""What a letter is passed on with: what machines read of it, links, a poster, a copy on paper."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching
from petition.database import writing
from petition.extensions import db
from petition.models import Change, Letter, Role, Signature
from petition.queries import signatures
from petition.queries.letters import LetterText
from petition.views import sharing
from tests.factories import make_card, make_letter, make_signature, publish_text, sign_in

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u2028& {{ 7*7 }}"


def _data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_machines_are_told_what_the_letter_is(client: FlaskClient) -> None:
    found = make_letter(title="A better deal")
    make_signature(found)
    page = client.get("/letters/a-letter").text
    data = _data(page)
    assert data["headline"] == "A better deal"
    assert data["interactionStatistic"]["userInteractionCount"] == 1
    for part in ('property="og:title" content="A better deal"', 'rel="canonical"'):
        assert part in page
    assert data["dateModified"] == data["datePublished"]
    assert "og:locale" not in page  # English is spoken in many countries
    publish_text("Nós pedimos.", Change.TRANSLATION, "pt-BR")
    page = client.get("/letters/a-letter?lang=PT-br").text
    assert '<meta property="og:locale" content="pt_BR">' in page
    assert 'rel="canonical" href="http://letters.example.org/letters/a-letter?lang=pt-BR"' in page
    home = client.get("/").text
    for part in ('rel="canonical" href="http://letters.example.org/"', 'name="description"'):
        assert part in home
    assert 'name="twitter:card" content="summary"' in page


def test_a_picture_is_told_with_its_size_and_words(client: FlaskClient) -> None:
    make_card(make_letter(title="A better deal"))
    page = client.get("/letters/a-letter").text
    address = "http://letters.example.org/letters/a-letter/card-0000000000000000.png"
    for part in (address, 'og:image:width" content="1200"', "summary_large_image"):
        assert part in page
    assert re.search(r'og:image:alt" content="A better deal', page)
    assert _data(page)["image"] == address


def test_the_organizers_own_words_describe_the_letter(client: FlaskClient) -> None:
    found = make_letter(markdown="The beginning.")
    assert 'name="description" content="The beginning."' in client.get("/letters/a-letter").text
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.wording = {"en": {"description": "In short."}}
    caching.recent.clear()
    assert 'name="description" content="In short."' in client.get("/letters/a-letter").text


def test_hostile_words_come_out_harmless(client: FlaskClient) -> None:
    found = make_letter(title=HOSTILE[:150])
    make_signature(found, name="Ann <b>Lee</b> & {{ 7*7 }}")
    for path in ("", "/signed", "/poster", "/copy", "/signatures"):
        page = client.get(f"/letters/a-letter{path}").text
        for never in ("<script>alert", "<img src=x", "<b>Lee", "49 "):
            assert never not in page
    assert _data(client.get("/letters/a-letter").text)["headline"] == HOSTILE[:150]


def test_share_links_carry_title_and_address_and_nothing_else(client: FlaskClient) -> None:
    make_letter(title="Ask & answer: 100% #fair?")
    for page in ("/letters/a-letter", "/letters/a-letter/signed"):
        text = client.get(page).text
        links = re.findall(r'<a class="tap" rel="noopener noreferrer"[^>]* href="([^"]+)"', text)
        assert len(links) == 7
        for link in links:
            assert "Ask%20%26%20answer%3A%20100%25%20%23fair%3F" in link or "facebook" in link
            assert "http%3A//letters.example.org/letters/a-letter" in link
        assert not re.search(r'<script[^>]*src="(?!/static/)', text)


def test_the_poster_carries_the_address_for_eyes_and_phones(client: FlaskClient) -> None:
    make_letter(title="A better deal")
    page = client.get("/letters/a-letter/poster").text
    assert "A better deal" in page
    assert "letters.example.org/letters/a-letter</bdi></p>" in page
    assert re.search(r"<svg[^>]*viewBox[^>]*>.*<path", page)
    assert "style=" not in page


def test_the_copy_has_letter_count_hash_and_names_in_order(client: FlaskClient) -> None:
    found = make_letter(markdown="We ask.")
    for name in ("Ann Lee", "Bo Li", "Cy Orr"):
        make_signature(found, name=name)
    make_signature(found, name="Hidden One", show_name=False)
    page = client.get("/letters/a-letter/copy").text
    assert "4 people have signed" in page
    assert found.revision.sha256 in page
    assert page.index("Ann Lee") < page.index("Bo Li") < page.index("Cy Orr")
    assert "Hidden One" not in page
    assert "<form" not in page


def test_anybodys_copy_is_cut_and_says_so_the_organizers_is_whole(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "NAMES_ON_PAPER", 2)
    monkeypatch.setattr(signatures, "BATCH", 2)
    found = make_letter()
    for name in ("Ann Lee", "Bo Li", "Cy Orr", "Di Poe", "Ed Roy"):
        make_signature(found, name=name)
    page = client.get("/letters/a-letter/copy").text
    assert "The earliest 2 are printed here" in page
    assert "Cy Orr" not in page
    sign_in(client, role=Role.EDITOR)
    whole = client.post("/organize/letters/a-letter/export/delivery.html")
    names = re.findall(r"Ann Lee|Bo Li|Cy Orr|Di Poe|Ed Roy", whole.text)
    assert names == ["Ann Lee", "Bo Li", "Cy Orr", "Di Poe", "Ed Roy"]
    assert "are printed here" not in whole.text
    assert whole.headers["Cache-Control"] == "no-store"


def test_who_did_not_agree_is_in_no_copy_to_hand_over(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signatures, "BATCH", 2)
    found = make_letter()
    people = ("Ann Lee", "Bo Li", "Cy Orr", "Di Poe", "Ed Roy")
    ids = {each: make_signature(found, name=each, affiliation="Ink").id for each in people}
    with writing(db.session):
        for each in people[1:]:
            db.session.get_one(Signature, ids[each]).pass_on = True
        db.session.get_one(Signature, ids["Cy Orr"]).show_name = False
        db.session.get_one(Signature, ids["Di Poe"]).initials = True
        db.session.get_one(Signature, ids["Ed Roy"]).state = "rejected"
    sign_in(client, role=Role.EDITOR)

    def copied() -> str:
        return client.post("/organize/letters/a-letter/export/delivery.html").text

    page = copied()
    assert re.findall(r"Ann Lee|Cy Orr|Di Poe|D\. P\.|Ed Roy", page) == ["Ann Lee", "D. P."]
    assert "all names of the public list" in client.get("/organize/letters/a-letter/share").text
    for listing in ("names", "initials", "not"):
        with writing(db.session):
            letter = db.session.get_one(Letter, found.letter.id)
            letter.hands_over, letter.listing = True, listing
        page = copied()
        assert re.findall("Ann Lee|Bo Li|Cy Orr|Di Poe|Ed Roy", page) == list(people[1:4])
        # What they add to their names is handed over only where everybody reads it.
        assert page.count("Ink") == (1 if listing == "names" else 0)
        assert "2 more signatures are counted" in page
        caching.recent.clear()
        anybodys = client.get("/letters/a-letter/copy").text
        assert "Cy Orr" not in anybodys
        assert "This is how it is handed over" not in anybodys
    assert "who agreed that theirs is" in client.get("/organize/letters/a-letter/share").text


def test_the_organizers_find_everything_in_one_place(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client, role=Role.VIEWER)
    page = client.get("/organize/letters/a-letter/share").text
    assert "drawn within a minute" in page
    for part in ("/letters/a-letter/embed", "/letters/a-letter/poster"):
        assert part in page
    make_card(found, png=b"PNG")
    assert "card.png" in client.get("/organize/letters/a-letter/share").text
    assert client.get("/organize/letters/a-letter/card.png").data == b"PNG"


def test_poster_picture_and_copy_are_there_in_each_language(client: FlaskClient) -> None:
    found = make_letter(markdown="We ask.")
    german = publish_text("Wir bitten.", Change.TRANSLATION, "de")
    make_card(LetterText(found.letter, german), png=b"DE")
    first = make_signature(found, name="Ann Lee")
    with writing(db.session):
        db.session.get_one(Signature, first.id).position = 1
    sign_in(client, role=Role.EDITOR)
    own = "/organize/letters/a-letter"
    page = client.get(f"{own}/share").text
    for path in ("poster?lang=de", "card.png?lang=de", "poster", "export"):
        assert f'href="{own}/{path}"' in page, path
    assert 'download="a-letter-de.png"' in page
    assert f'{own}/card.png"' not in page  # not drawn yet
    assert client.get(f"{own}/card.png?lang=de").data == b"DE"
    assert 'lang="de"' in client.get(f"{own}/poster?lang=de").text
    assert '<option value="de" lang="de">' in client.get(f"{own}/export").text
    handed_over, anybodys = f"{own}/export/delivery.html", "/letters/a-letter/copy"
    copies = (
        client.post(handed_over, data={"lang": "de"}).text,
        client.get(f"{anybodys}?lang=de").text,
    )
    for copy in copies:
        assert "Wir bitten." in copy
        assert "Ann Lee" in copy
        assert ">Namen<" not in copy
    assert [f'href="{anybodys}" lang="en"' in copy for copy in copies] == [False, True]
    make_signature(found, name="Bo Li")
    assert ">Names<" in client.post(handed_over).text


def test_a_site_of_one_letter_shows_it_at_both_addresses(app: Flask, client: FlaskClient) -> None:
    make_letter(title="The only one")
    kept = app.config["PETITION"]
    app.config["PETITION"] = replace(kept, site_letter="a-letter")
    try:
        caching.recent.clear()
        root, own = client.get("/"), client.get("/letters/a-letter")
        assert root.data == own.data
        assert root.text.count('rel="canonical"') == 1
    finally:
        app.config["PETITION"] = kept
