"""Writing in the browser: begun, saved, previewed, translated, published; nothing typed is lost."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from limits import RateLimitItemPerMinute

from petition import difference, letterfile, limits
from petition.actions import publish, write
from petition.actions.write import slug_of
from petition.clock import now
from petition.database import writing
from petition.exceptions import TextChanged
from petition.extensions import db
from petition.models import (
    Change,
    Draft,
    FormerSlug,
    Letter,
    OrganizerSession,
    Revision,
    Role,
    State,
)
from petition.models.letter import TEXT_LENGTH
from petition.queries import drafts, letters
from petition.queries.drafts import Text
from petition.queries.letters import LetterText
from tests.factories import TEAM, make_letter, make_signature, publish_text, sign_in

TEXT = "/organize/letters/a-letter/text"
WORDS = {
    "title": "A letter",
    "addressee": "the makers",
    "sender": "the artists",
    "markdown": "We ask for *fair* terms.",
}


def _begin(client: FlaskClient, title: str = "A letter", language: str = "English") -> str:
    """Begin a letter; its slug."""
    response = client.post("/organize/letters/new", data={"title": title, "language": language})
    assert response.status_code == 303, response.text
    return str(response.location.split("/")[-2])


def _save(client: FlaskClient, version: int, lang: str = "", **words: str) -> Any:
    path = f"{TEXT}?lang={lang}" if lang else TEXT
    return client.post(path, data=WORDS | words | {"version": version})


def _publish(client: FlaskClient, lang: str = "", **declared: str) -> Any:
    """Publish what stands there, as the page shows it."""
    path = f"{TEXT}/publish?lang={lang}" if lang else f"{TEXT}/publish"
    page = client.get(path).text
    shown = {name: _value(page, name) for name in ("version", "number")}
    return client.post(path, data=shown | declared)


def _value(page: str, name: str) -> str:
    begin = page.index(f'name="{name}"')
    return page[page.index('value="', begin) + 7 :].split('"')[0]


def _revisions() -> list[Revision]:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Revision).order_by(Revision.number).all()


def _draft(language: str = "en") -> Draft:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Draft).filter_by(language=language).one()


def test_a_letter_is_written_and_published(client: FlaskClient) -> None:
    sign_in(client)
    assert _begin(client) == "a-letter"
    assert client.get("/letters/a-letter").status_code == 404
    assert "A letter" in client.get("/organize/").text
    assert _save(client, 1).status_code == 303
    assert client.get("/letters/a-letter").status_code == 404

    assert _publish(client).status_code == 303

    page = client.get("/letters/a-letter").text
    assert "<em>fair</em>" in page
    (revision,) = _revisions()
    assert (revision.number, revision.change, revision.edition) == (1, Change.FIRST, 1)
    assert revision.published_by is not None


def test_what_is_missing_keeps_it_unpublished(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    _save(client, 1, addressee="", markdown="")
    page = client.get(f"{TEXT}/publish").text
    assert "not said to whom" in page
    assert "has no text" in page
    assert "not said from whom" not in page
    assert client.post(f"{TEXT}/publish", data={"version": 2, "number": 0}).status_code == 422
    assert _revisions() == []


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Für faire Verträge", "fur-faire-vertrage"),
        ("Straße & Œuvre", "strasse-oeuvre"),
        ("Don’t  wait!", "dont-wait"),
        ("رسالة مفتوحة", "letter"),
        ("../../etc/passwd", "etc-passwd"),
        ("new", "new"),
        ("x" * 200, "x" * 70),
        ("word " * 40, "-".join(["word"] * 14)),
    ],
)
def test_a_title_becomes_a_slug(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_two_letters_never_share_a_slug(client: FlaskClient) -> None:
    sign_in(client)
    assert [_begin(client) for _ in range(3)] == ["a-letter", "a-letter-2", "a-letter-3"]
    assert _begin(client, "new") == "new-2"


def test_a_letter_needs_a_title_and_a_language(client: FlaskClient) -> None:
    sign_in(client)
    response = client.post("/organize/letters/new", data={"title": " ", "language": "Klingonish"})
    assert response.status_code == 422
    assert "Write a title" in response.text
    assert "name of a language" in response.text
    assert "Klingonish" in response.text
    assert db.session.query(Letter).count() == 0


def test_who_may_write_for_no_team_begins_nothing(client: FlaskClient) -> None:
    sign_in(client, role=Role.MODERATOR)
    assert "need to be an editor" in client.get("/organize/letters/new").text
    data = {"title": "A letter", "language": "en", "team": "1"}
    assert client.post("/organize/letters/new", data=data).status_code == 422
    assert db.session.query(Letter).count() == 0


def test_another_teams_name_in_the_form_begins_nothing(client: FlaskClient) -> None:
    make_letter(slug="theirs", team="Others")
    theirs = db.session.query(Letter).one().team_id
    sign_in(client)
    data = {"title": "A letter", "language": "en", "team": str(theirs)}
    client.post("/organize/letters/new", data=data)
    assert db.session.query(Letter).filter_by(team_id=theirs).count() == 1


def test_a_colleagues_words_are_never_overwritten_unseen(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    _save(client, 1)
    colleague = client.application.test_client()
    sign_in(colleague, "colleague@example.org")
    assert _save(colleague, 2, markdown="We ask for *open* terms.").status_code == 303

    mine = _save(client, 2, title="Mine", markdown="We ask for *dry* terms.")

    assert mine.status_code == 409
    assert _draft().markdown == "We ask for *open* terms."
    assert "colleague@example.org has saved" in mine.text
    for words in ("<del>", "<ins>", "We ask for *dry* terms.", 'value="Mine"'):
        assert words in mine.text
    assert _value(mine.text, "version") == "3"
    assert _save(client, 3, markdown="We ask for *both*.").status_code == 303
    assert _draft().markdown == "We ask for *both*."


def test_what_a_colleague_had_saved_can_be_brought_back(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    _save(client, 1, markdown="Mine.")
    assert "You saved this" in client.get(TEXT).text
    assert "Bring it back" not in client.get(TEXT).text

    sign_in(client, "colleague@example.org", Role.EDITOR)
    assert "organizer@example.org saved this" in client.get(TEXT).text
    stale = _save(client, 1, markdown="Theirs.")
    assert "Save over their text and publish" in stale.text
    _save(client, 2, markdown="Theirs.", over="1")
    page = client.get(TEXT).text
    assert "can be brought back" in page
    assert f'action="{TEXT}/back"' in page
    assert "as organizer@example.org saved it" in page
    assert (_draft().markdown, _draft().replaced["markdown"]) == ("Theirs.", "Mine.")
    _save(client, 3, markdown="Theirs, again.")
    assert _draft().replaced["markdown"] == "Mine."

    back = f"{TEXT}/back"
    client.post(back, data={"version": 3})
    assert "Somebody has saved meanwhile" in client.get(TEXT).text
    assert _draft().markdown == "Theirs, again."
    client.post(back, data={"version": 4})
    assert (_draft().markdown, _draft().replaced["markdown"]) == ("Mine.", "Theirs, again.")
    client.post(back, data={"version": 5})
    assert (_draft().markdown, _draft().replaced["markdown"]) == ("Theirs, again.", "Mine.")
    assert client.post(f"{back}?lang=fr", data={"version": 1}).status_code == 404


def test_the_first_saving_of_a_letter_from_a_file_is_watched_too(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    assert _save(client, 0, markdown="One.").status_code == 303
    assert _save(client, 0, markdown="Two.").status_code == 409
    assert _draft().markdown == "One."


def test_saving_what_is_there_changes_nothing(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    assert _save(client, 0).status_code == 303
    assert db.session.query(Draft).count() == 0


def test_only_what_was_shown_is_published(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    _save(client, 1)
    stale = {"version": 2, "number": 0}
    _save(client, 2, markdown="Something else altogether.")
    response = client.post(f"{TEXT}/publish", data=stale)
    assert response.status_code == 409
    assert "A colleague saved" in response.text
    assert _revisions() == []


def test_the_action_itself_publishes_only_what_was_shown(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client)
    _save(client, 0, markdown="New.")
    organizer = _draft().edited_by
    assert organizer is not None
    own = letters.of_organizer_by_slug(organizer, "a-letter")
    shown = drafts.written(own.letter, "en")
    write.save(own, organizer, "en", Text("T", "to", "from", "Newer."), 1)
    with pytest.raises(TextChanged):
        publish.publish_draft(own, organizer, shown)
    assert len(_revisions()) == 1
    assert found.revision.number == 1


def test_a_change_after_the_first_signature_must_be_declared(client: FlaskClient) -> None:
    make_signature(make_letter())
    sign_in(client)
    _save(client, 0, markdown="We ask for fairer terms.")
    nothing = _publish(client)
    assert nothing.status_code == 422
    assert "Choose what kind of change" in nothing.text
    assert "Write in a sentence" in nothing.text
    assert _publish(client, change="correction").status_code == 422
    assert _publish(client, change="translation", note="No.").status_code == 422
    assert len(_revisions()) == 1

    assert _publish(client, change="correction", note="A word was wrong.").status_code == 303

    second = _revisions()[1]
    assert (second.change, second.edition, second.asked_to) == (Change.CORRECTION, 1, None)
    page = client.get("/letters/a-letter").text
    assert "Corrected on" in page
    assert "A word was wrong." in page
    assert "/letters/a-letter/revisions/2" in page


def test_before_anybody_signed_nothing_needs_to_be_declared(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    _save(client, 0, markdown="Better.")
    assert "What kind of change" not in client.get(f"{TEXT}/publish").text
    assert _publish(client, change="garbage").status_code == 303
    assert [r.change for r in _revisions()] == [Change.FIRST, Change.CORRECTION]


def test_a_translation_shares_the_signers_and_the_count(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client)
    response = client.post(
        "/organize/letters/a-letter/languages", data={"another-language": "French"}
    )
    assert response.location.endswith("/text?lang=fr")
    assert _draft("fr").markdown == WORDS["markdown"]
    assert "still the original" in client.get(f"{TEXT}/publish?lang=fr").text
    assert client.get("/letters/a-letter").text.count("hreflang") == 0
    _save(client, 1, "fr", title="Une lettre", markdown="Nous demandons des contrats.")
    assert _publish(client, "fr").status_code == 303

    french = client.get("/letters/a-letter?lang=fr").text
    assert "Nous demandons" in french
    assert '<article class="letter" lang="fr" dir="ltr">' in french
    assert 'rel="canonical" href="http://letters.example.org/letters/a-letter?lang=fr"' in french
    own = client.get("/letters/a-letter").text
    for page in (own, french):
        for language, address in (("en", ""), ("fr", "?lang=fr"), ("x-default", "")):
            href = f"http://letters.example.org/letters/a-letter{address}"
            assert f'hreflang="{language}" href="{href}"' in page
        assert 'lang="fr" hreflang="fr"' in page
    translated = letters.public_by_slug("a-letter", "fr")
    make_signature(found, email="en@example.org")
    make_signature(translated, email="fr@example.org")
    assert client.get("/embed/a-letter/count.json").json["count"] == 2
    assert re.search(r'class="figure">2\b', client.get("/letters/a-letter?lang=fr").text)
    assert [r.change for r in _revisions()] == [Change.FIRST, Change.TRANSLATION]


def test_what_stays_unpublished_is_told_with_the_way_there(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    _save(client, 1)
    for name in ("German", "English", "Deutsch"):
        added = client.post("/organize/letters/a-letter/languages", data={"another-language": name})
        assert added.status_code == (303 if name == "German" else 422), name
    assert "German is there already." in added.text
    there = f'href="{TEXT}/publish?lang=de"'
    page = client.get(f"{TEXT}/publish").text
    assert "Deutsch stays unpublished." in page
    assert there not in page  # it waits for the letter's own language
    assert f'href="{TEXT}/publish"' in client.get(f"{TEXT}/publish?lang=de").text
    _publish(client)
    page = client.get(TEXT).text
    assert "Published as revision 1. Not published yet: Deutsch." in page
    assert there in page
    _save(client, 1, "de", markdown="Wir bitten.")
    _publish(client, "de")
    page = client.get(TEXT).text
    assert "Published as revision 2." in page
    assert "Not published yet" not in page
    _save(client, 2, "de", markdown="Wir fordern.")
    _save(client, 2, markdown="We demand.")
    page = client.get(f"{TEXT}/publish").text
    assert "What was written in Deutsch since it was published stays unpublished." in page
    assert there in page


def test_under_embargo_publishing_fixes_the_text_and_says_so(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    _save(client, 1)
    opens = now() + timedelta(days=3)
    with writing(db.session):
        db.session.query(Letter).update({"opens_at": opens})
    page = client.get(f"{TEXT}/publish").text
    assert "Fix the text and schedule" in page
    assert "public by itself" in page
    assert "at once" not in page
    _publish(client)
    page = client.get(TEXT).text
    assert "The text is fixed, as revision 1." in page
    assert "Exactly this is fixed" in page
    assert "invite the first signatories" in page
    assert "Readers see" not in page


def test_how_many_are_asked_is_told_before_and_after(client: FlaskClient) -> None:
    found = make_letter()
    french = publish_text("Un.", Change.TRANSLATION, "fr")
    for state in (State.PUBLISHED, State.PUBLISHED, State.PENDING, State.REJECTED):
        make_signature(found, state=state)
    make_signature(LetterText(found.letter, french))
    sign_in(client)
    _save(client, 0, markdown="We ask for more.")
    assert "2 people are asked." in client.get(f"{TEXT}/publish").text
    _publish(client, change="substance", note="More.")
    page = client.get(TEXT).text
    assert "Published as revision 3. 2 people are asked by mail to sign it." in page
    assert "2 people who signed the text before are still to be asked" in page
    with writing(db.session):
        db.session.query(Letter).update({"closes_at": now()})
    assert "still to be asked" not in client.get(TEXT).text


def test_a_translation_waits_for_the_letter(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    _save(client, 1)
    client.post("/organize/letters/a-letter/languages", data={"another-language": "ar"})
    _save(client, 1, "ar", title="رسالة", markdown="نطلب شروطا عادلة.")
    assert "own language first" in client.get(f"{TEXT}/publish?lang=ar").text
    assert _publish(client).status_code == 303
    assert _publish(client, "ar").status_code == 303
    assert (
        '<article class="letter" lang="ar" dir="rtl">'
        in client.get("/letters/a-letter?lang=ar").text
    )


def test_a_language_begun_twice_keeps_its_words(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    for _ in range(2):
        client.post("/organize/letters/a-letter/languages", data={"another-language": "fr"})
        _save(client, 1, "fr", markdown="Mot.")
    assert _draft("fr").markdown == "Mot."
    assert client.get(f"{TEXT}?lang=de").status_code == 404


def test_a_translation_is_given_up_and_comes_back_with_its_words(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    begin, discard = ("/organize/letters/a-letter/languages" + way for way in ("", "/discard"))
    for lang in ("en", "fr", "", "x" * 99):
        assert client.post(f"{discard}?lang={lang}").status_code == 404
    client.post(begin, data={"another-language": "fr"})
    _save(client, 1, "fr", markdown="Mot.")
    assert client.post(f"{discard}?lang=fr").status_code == 303
    page = client.get(TEXT).text
    assert "Removed: Français." in page
    assert 'name="another-language" value="fr"' in page
    assert "text?lang=fr" not in page
    client.post(begin, data={"another-language": "fr"})
    assert "Mot." in client.get(f"{TEXT}?lang=fr").text
    _publish(client, "fr")
    assert client.post(f"{discard}?lang=fr").status_code == 404


def test_the_preview_is_the_page_that_will_be(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    data = WORDS | {"version": "0", "markdown": "Words that nobody *saved*."}
    preview = client.post(f"{TEXT}/preview", data=data)
    assert preview.status_code == 200
    assert preview.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in preview.headers["Content-Security-Policy"]
    assert "Words that nobody <em>saved</em>." in preview.text
    assert len(_revisions()) == 1
    assert db.session.query(Draft).count() == 0
    _save(client, 0, markdown=data["markdown"])
    _publish(client)
    assert _article(client.get("/letters/a-letter").text).startswith(_article(preview.text)[:200])


def _article(page: str) -> str:
    return page[page.index("<article") : page.index("</article>")]


def test_nobody_previews_without_end(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PREVIEW", (RateLimitItemPerMinute(1),))
    make_letter()
    sign_in(client)
    statuses = [
        client.post(f"{TEXT}/preview", data=WORDS | {"version": "0"}).status_code for _ in range(2)
    ]
    assert statuses == [200, 429]


def test_a_draft_is_previewed_as_open(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    preview = client.post(f"{TEXT}/preview", data=WORDS | {"version": "1"})
    assert "Sign the letter" in preview.text
    assert db.session.query(Letter).one().published_at is None


def test_a_whole_book_of_a_letter_fits_and_no_more(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    longest = "字" * TEXT_LENGTH
    sent = {"data": WORDS | {"version": "0", "markdown": longest}}
    assert client.post(TEXT, **sent, content_type="multipart/form-data").status_code == 303
    assert _draft().markdown == longest
    sent["data"] |= {"version": "1", "markdown": longest + "字字"}
    answer = client.post(TEXT, **sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Shorten this by 2 characters" in answer.text
    assert client.post("/organize/letters/new", data={"title": longest}).status_code == 413
    assert client.post("/letters/a-letter/sign", data={"name": longest}).status_code == 413


HOSTILE = (
    "<script>alert(1)</script> [a](javascript:alert) ![i](https://evil.example/i.png)\n\n"
    "<img src=x onerror=alert(1)>\u202e\x00\x07 [b](data:text/html,x) <svg onload=alert(1)>"
)


def test_hostile_words_are_harmless_wherever_they_are_shown(client: FlaskClient) -> None:
    make_signature(make_letter())
    sign_in(client)
    title = "<script>alert(2)</script>\u202e{{ 7*7 }}"
    words = {"title": title, "addressee": title, "sender": title, "markdown": HOSTILE}
    pages = [client.post(f"{TEXT}/preview", data=words | {"version": "0"})]
    assert _save(client, 0, **words).status_code == 303
    pages.append(_save(client, 0, title="mine", markdown="mine"))
    pages += [client.get(TEXT), client.get(f"{TEXT}/publish"), client.get("/organize/")]
    note = "<b onclick=alert(3)>why</b>"
    assert _publish(client, change="substance", note=note).status_code == 303
    for path in ("", "/revisions", "/revisions/2", "/signatures", "/thanks"):
        pages.append(client.get(f"/letters/a-letter{path}"))
    for page in pages:
        assert page.status_code in {200, 409}, page.text
        for never in (
            "<script>alert",
            "<img",
            "<svg",
            "<b onclick",
            'href="javascript',
            'href="data',
        ):
            assert never not in page.text
        assert "\u202e" not in page.text
        assert "\x00" not in page.text


def test_zalgo_titles_are_refused_and_kept_in_the_field(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    answer = _save(client, 0, title="Z" + "\u0301" * 9)
    assert answer.status_code == 422
    assert "at most four accents" in answer.text


def test_a_slug_changes_and_the_old_one_leads_there(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found)
    sign_in(client)
    assert (
        client.post("/organize/letters/a-letter/address", data={"slug": "Better"}).status_code
        == 303
    )

    for path in (
        "/letters/a-letter",
        "/letters/a-letter/signatures?after=",
        "/letters/a-letter/thanks?lang=fr",
        "/letters/a-letter/revisions",
        "/letters/a-letter/revisions/1/text",
        "/embed/a-letter",
        "/embed/a-letter/badge.svg?lang=fr",
        "/embed/a-letter/count.json",
        "/organize/letters/a-letter/text",
        "/organize/letters/a-letter/moderation?before=7",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (308, path.replace("a-letter", "better"))
        if path.startswith("/embed"):
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
    signing = client.post("/letters/a-letter/sign?lang=fr", data={"name": "x"})
    assert (signing.status_code, signing.location) == (308, "/letters/better/sign?lang=fr")
    assert client.get("/embed/better/count.json").json["count"] == 1
    assert signature.letter_id == found.letter.id


def test_a_slug_that_is_none_is_refused(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    for slug in ("", "-a", "a--b", "a b", "ä", "a/b", "x" * 81, "<b>"):
        answer = client.post("/organize/letters/a-letter/address", data={"slug": slug})
        assert answer.status_code == 422, slug
    assert db.session.query(Letter).one().slug == "a-letter"


def test_a_slug_belongs_to_one_letter_for_good(client: FlaskClient) -> None:
    make_letter()
    make_letter(slug="other", title="Other")
    sign_in(client)
    move = "/organize/letters/{}/address".format
    assert client.post(move("other"), data={"slug": "a-letter"}).status_code == 422
    client.post(move("a-letter"), data={"slug": "newer"})
    for taken in ("a-letter", "newer", "new"):
        answer = client.post(move("other"), data={"slug": taken})
        assert answer.status_code == 422
        assert "Another letter has this address" in answer.text
    assert _begin(client, "A letter") == "a-letter-2"
    assert client.post(move("newer"), data={"slug": "a-letter"}).status_code == 303
    assert client.get("/letters/newer").location == "/letters/a-letter"
    assert [former.slug for former in db.session.query(FormerSlug)] == ["newer"]


def test_a_former_slug_of_a_hidden_letter_tells_nothing(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    client.post("/organize/letters/a-letter/address", data={"slug": "secret-name"})
    db.session.query(Letter).update({"published_at": None})
    db.session.commit()
    assert client.get("/letters/a-letter").status_code == 404
    stranger = client.application.test_client()
    sign_in(stranger, "other@example.org", team="Others")
    assert stranger.get("/organize/letters/a-letter/text").status_code == 404


def test_a_file_and_the_browser_work_beside_each_other(client: FlaskClient) -> None:
    make_letter(markdown="One.")
    sign_in(client)
    _save(client, 0, markdown="Two.")
    _publish(client)
    make_letter(markdown="Three.")
    assert _draft().markdown == "Three."  # nobody was writing, so it follows
    _save(client, _draft().version, markdown="Somebody is writing this.")
    make_letter(markdown="Four.")
    assert _draft().markdown == "Somebody is writing this."
    client.post("/organize/letters/a-letter/address", data={"slug": "moved"})
    front = "title: A letter\nslug: a-letter\nlanguage: en\nto: the makers\nfrom: the artists"
    file = letterfile.parse(f"---\n{front}\n---\nFive.")
    assert publish.publish(file, TEAM) == (publish.Outcome.REVISED, 5)
    assert db.session.query(Letter).one().slug == "moved"
    assert [r.number for r in _revisions()] == [1, 2, 3, 4, 5]


def test_a_draft_costs_the_panel_no_more_than_a_letter(client: FlaskClient) -> None:
    sign_in(client)
    _begin(client)
    for path in ("/organize/", TEXT, "/organize/letters/a-letter/moderation"):
        assert client.get(path).status_code == 200


def test_who_may_only_look_reads_the_draft(client: FlaskClient) -> None:
    make_letter()
    sign_in(client, role=Role.VIEWER)
    page = client.get(TEXT).text
    assert "We ask for *fair* terms." in page
    assert "data-editor" not in page


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 25_000, "b a " * 25_000),
        ("(" * 100_000, ")" * 100_000),
        ("a\n\n" * 33_000, "b\n\n" * 33_000),
        (" ".join(map(str, range(18_000))), " ".join(map(str, reversed(range(18_000))))),
    ],
)
def test_a_difference_takes_no_longer_than_a_blink(old: str, new: str) -> None:
    begin = time.process_time()
    difference.between(old, new)
    assert time.process_time() - begin < 2.0


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (
            "We ask for fair terms.",
            "We ask for open, fair terms.",
            "We ask for +open, +fair terms.",
        ),
        ("One.\n\nTwo.", "One.", "One.|-Two.-"),
        ("One two three.\n\nFour.", "One two three. Four.", "One two three.-¶-|+ +Four."),
        ("我们要求公平", "我们要求公开公平", "我们要求公+开公+平"),
        ("Nothing alike", "Quite another thing", "-Nothing alike-+Quite another thing+"),
        ("", "New.", "+New.+"),
    ],
)
def test_a_difference_is_told_by_words(old: str, new: str, shown: str) -> None:
    marks = {"same": "", "removed": "-", "added": "+"}
    told = [
        "".join(marks[part.kind] + part.words + marks[part.kind] for part in paragraph)
        for paragraph in difference.between(old, new)
    ]
    assert "|".join(told) == shown


def test_a_letter_that_came_to_another_team_is_published_as_it_is(client: FlaskClient) -> None:
    make_signature(make_letter())
    sign_in(client)
    with writing(db.session):
        db.session.query(Letter).update({"published_at": None})
    page = client.get(f"{TEXT}/publish").text
    assert "public at once" in page
    assert "What kind of change" not in page
    assert _publish(client).status_code == 303
    assert len(_revisions()) == 1
    assert client.get("/letters/a-letter").status_code == 200
    assert client.post(f"{TEXT}/publish", data={"version": 0, "number": 1}).status_code == 422


def test_who_was_signed_out_while_writing_keeps_every_word(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    words = WORDS | {"version": "0", "markdown": "An hour's <b>work</b>."}
    client.application.config["WTF_CSRF_ENABLED"] = True
    page = client.get(TEXT).text
    words["csrf_token"] = _value(page, "csrf_token")
    with writing(db.session):
        db.session.query(OrganizerSession).delete()

    kept = client.post(TEXT, data=words)
    assert kept.status_code == 401
    assert "An hour&#39;s &lt;b&gt;work&lt;/b&gt;." in kept.text
    sign_in(client)
    client.application.config["WTF_CSRF_ENABLED"] = True
    again = client.post(TEXT, data=words | {"csrf_token": _value(kept.text, "csrf_token")})
    assert again.status_code == 400
    assert "once more" in again.text
    saved = client.post(TEXT, data=words | {"csrf_token": _value(again.text, "csrf_token")})
    assert saved.status_code == 303
    assert _draft().markdown == "An hour's <b>work</b>."
