"""Signing in a frame on another site: as on the letter's page, and without a cookie."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition import caching, limits, tokens
from petition.actions import embedding
from petition.actions.embedding import Framing, SiteStanding
from petition.caching import Policy
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Change, Letter, OutgoingMail, Role, Signature, State
from petition.queries import tallies
from petition.queries.embedding import Terms
from petition.views.embed import elsewhere, surroundings
from tests.conftest import SITE_URL, Statements
from tests.factories import change, form, make_letter, publish_text, say, sign_in
from tests.test_sign import KINDS

FORM, SIGN, CODE = "/embed/a-letter/form", "/embed/a-letter/sign", "/embed/a-letter/code"
LARGEST = 14_000
"""Bytes of the form with the text that is signed and all it loads, compressed."""


def _code() -> str:
    mail = db.session.query(OutgoingMail).one()
    assert mail.signature_id
    return tokens.code(mail.signature_id, mail.id)


def _ancestors(answer: TestResponse) -> str:
    assert "X-Frame-Options" not in answer.headers
    return answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]


def test_it_is_signed_confirmed_and_counted_without_a_cookie(client: FlaskClient) -> None:
    make_letter(markdown="We ask, [as others do](https://example.org/).")
    shown = client.get(FORM)
    assert shown.headers["Cache-Control"] == Policy.PAGE
    thanked = client.post(SIGN, data=form(email="Ann.Lee@example.org"))
    wrong = client.post(CODE, data={"email": "ann.lee@example.org", "code": "1"})
    right = client.post(CODE, data={"email": "ann.lee@example.org", "code": _code()})

    statuses = [each.status_code for each in (shown, thanked, wrong, right)]
    assert statuses == [200, 200, 422, 200]
    assert 'data-step="confirm"' in thanked.text
    assert "<strong><bdi>Ann.Lee@example.org</bdi></strong>" in thanked.text
    assert 'value="Ann.Lee@example.org"' in thanked.text
    assert "This code does not fit" in wrong.text
    assert "<strong><bdi>ann.lee@example.org</bdi></strong>" in wrong.text
    assert 'data-step="signed"' in right.text
    assert "You are one of" in right.text or "1 person has signed: you" in right.text
    assert '<bdi class="name">Ann Lee</bdi>' in right.text
    assert tallies.of_letter(db.session.query(Letter.id).scalar()).published == 1
    for page in (shown, thanked, wrong, right):
        assert _ancestors(page) == "*"
        assert "Set-Cookie" not in page.headers
        assert "Access-Control-Allow-Origin" not in page.headers, "a script has no business here"
        inside = [link for link in re.findall(r"<a [^>]*>", page.text) if FORM not in link]
        for link in inside:
            assert 'href="#' in link or ('target="_blank"' in link and "noopener" in link), link
        assert set(re.findall(r'action="([^"#?]+)', page.text)) <= {SIGN, CODE}


def test_it_reads_no_cookie(client: FlaskClient) -> None:
    make_letter()
    wrong = {"email": "ann.lee@example.org", "code": "1"}

    def answers() -> list[bytes]:
        caching.recent.clear()
        form_, code = client.get(FORM), client.post(CODE, data=wrong)
        return [form_.data, client.post(SIGN, data=form()).data, code.data]

    plain = answers()
    for path in ("/", "/embed", "/letters/a-letter/"):
        client.set_cookie("written-to", "eve@example.org", path=path)
        client.set_cookie("signed", "x", path=path)
    sign_in(client)
    assert answers() == plain


@pytest.mark.parametrize("path", [SIGN, CODE])
def test_a_stranger_learns_nothing_about_an_address(
    client: FlaskClient, statements: Statements, path: str
) -> None:
    make_letter()

    def answer(email: str) -> tuple[int, list[tuple[str, str]], str, list[str]]:
        caching.recent.clear()
        caching.guards.clear()
        statements.clear()
        typed = form(email=email) if path == SIGN else {"email": email, "code": "000000"}
        page = client.post(path, data=typed)
        headers = [(k, v) for k, v in page.headers if k not in {"Date", "Content-Length"}]
        return page.status_code, headers, page.text.replace(email, "…"), list(statements)

    answer("first@example.org")  # the day's first makes its salt
    expected = answer("reference@example.org")
    for kind, make in KINDS.items():
        limits.forget()
        assert answer(make(client)) == expected, kind
        with writing(db.session):
            for table in ("outgoing_mail", "suppression", "decision", "signature"):
                db.session.execute(db.text(f"DELETE FROM {table}"))  # noqa: S608  # our own names


def test_what_is_wrong_is_said_beside_its_field_and_goes_on(client: FlaskClient) -> None:
    make_letter(markdown="One.")
    around = "theme=dark&accent=1d4f91&via=embed:news.example"
    came = {"Referer": f"{SITE_URL}{FORM}?{around}"}

    wrong = client.post(SIGN, data=form(consent="", comment="Because."), headers=came)

    assert (wrong.status_code, _ancestors(wrong)) == (422, "*")
    assert 'id="consent-error">Tick this box to sign.' in wrong.text
    assert "Because.</textarea>" in wrong.text.replace("\r", "")
    assert f'action="{SIGN}?{around.replace("&", "&amp;")}#problems"' in wrong.text
    assert 'data-theme="dark"' in wrong.text
    assert "/embed/accent/1d4f91.css" in wrong.text
    came = {"Referer": f"{SITE_URL}{SIGN}?{around}"}
    assert around.replace("&", "&amp;") in client.post(SIGN, data=form(), headers=came).text

    publish_text("Two.", Change.SUBSTANCE)
    changed = client.post(SIGN, data=form(revision="1"))
    assert changed.status_code == 422
    assert "has been changed since you opened it" in changed.text
    assert re.search(r'id="revision" open>.*<p>Two\.</p>', changed.text, re.DOTALL)


def test_its_limits_and_demands_are_those_of_the_page(client: FlaskClient) -> None:
    found = make_letter()
    assert client.post(SIGN, data=form(website="http://x")).status_code == 200
    assert db.session.query(Signature).count() == 0
    assert client.post(SIGN, data=form(puzzle="forged")).status_code == 422
    change(found, demands_proof=True)
    asked = client.post(SIGN, data=form())
    assert (asked.status_code, _ancestors(asked)) == (422, "*")
    assert "Too much comes from robots" in asked.text
    change(found, demands_proof=False)
    limits.forget()
    most = limits.SIGN[0].amount
    answers = [client.post(SIGN, data=form(email=f"a{n}@example.org")) for n in range(most + 1)]
    assert [each.status_code for each in answers] == [200] * most + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert f'value="a{most}@example.org"' in answers[-1].text
    typed = {"email": "a0@example.org", "code": "1"}
    tries = [client.post(CODE, data=typed) for _ in range(limits.SIGNER_CODE[0].amount + 1)]
    assert (tries[-1].status_code, _ancestors(tries[-1])) == (429, "*")
    assert "Retry-After" in tries[-1].headers
    assert "Too many tries from your network" in tries[-1].text


def test_a_code_publishes_no_words_that_came_after_its_mail(client: FlaskClient) -> None:
    make_letter()
    client.post(SIGN, data=form())
    client.post(SIGN, data=form(comment="Something else."))
    page = client.post(CODE, data={"email": "ann.lee@example.org", "code": _code()})
    assert page.status_code == 409
    assert "has typed something else since" in page.text
    assert "Something else." not in page.text
    assert db.session.query(Signature.state).scalar() == State.PENDING


def test_letters_that_take_none_say_so_in_the_frame(client: FlaskClient) -> None:
    found = make_letter(goal=None)
    change(found, paused_at=now(), paused_words="Back on Monday.")
    assert "Back on Monday." in client.get(FORM).text
    paused = client.post(SIGN, data=form(comment="Because."))
    change(found, paused_at=None, closes_at=now() - timedelta(days=3))
    assert "It no longer takes signatures" in client.get(FORM).text
    closed = client.post(SIGN, data=form(comment="Because."))
    late = client.post(CODE, data={"code": "1"})
    change(found, withdrawn_at=now(), withdrawn_reason="By mistake.")
    gone = client.get(FORM)
    change(found, withdrawn_at=None, closes_at=None)
    many = client.post(SIGN, data=form(comment="x" * 100_000))
    boxed = client.post(SIGN, data=form(), headers={"Origin": "null"})
    change(found, opens_at=now() + timedelta(days=1))
    draft, none = client.post(SIGN, data=form()), client.get(FORM.replace("a-letter", "none"))

    said = {
        paused: (403, "Because."),
        closed: (410, "Because."),
        late: (410, "It has been closed."),
        gone: (410, "By mistake."),
        draft: (404, "There is no letter here"),
        none: (404, "There is no letter here"),
        many: (413, "shorten what you wrote"),
        boxed: (403, "Open the page on our own site"),
    }
    for page, (status, words) in said.items():
        assert (page.status_code, _ancestors(page)) == (status, "*"), words
        assert words in page.text
        assert "<form" not in page.text
        assert page.headers["Cache-Control"] in {Policy.NOTHING, Policy.MISSING}
    assert db.session.query(Signature).count() == 0


def test_it_is_spoken_in_the_letters_language(client: FlaskClient) -> None:
    make_letter()
    publish_text("نطلب شروطا عادلة.", Change.TRANSLATION, "ar")
    page = client.get(f"{FORM}?lang=ar")
    assert '<html lang="ar" dir="rtl">' in page.text
    assert f'action="{SIGN}?lang=ar#problems"' in page.text
    assert '<html lang="ar" dir="rtl">' in client.post(f"{SIGN}?lang=ar", data=form()).text
    again = client.get(f"{SIGN}?lang=ar&theme=dark&via=embed:news.example")
    assert again.location == f"{FORM}?lang=ar&theme=dark&via=embed:news.example"
    assert client.get(CODE).location == FORM
    refused = client.post(f"{SIGN}?lang=ar", data=form(), headers={"Origin": "null"})
    assert 'href="/letters/a-letter?lang=ar&amp;via=embed"' in refused.text


NEWS = "https://news.example"
AT_NEWS = (
    "https://news.example http://news.example https://www.news.example http://www.news.example"
)
IN_NEWS = (
    "https://news.example:* http://news.example:* https://*.news.example:* http://*.news.example:*"
)
ANYWHERE, LISTED = Framing.ANYWHERE, Framing.LISTED


BLOCKING = Terms(ANYWHERE, blocked=("bad.example",))
LISTING = Terms(LISTED, listed=("news.example",))
PARTLY = Terms(LISTED, ("news.example",), ("a.news.example",))


@pytest.mark.parametrize(
    ("terms", "referer", "via", "framed"),
    [
        (Terms(ANYWHERE), f"{NEWS}/", "", "*"),
        (BLOCKING, f"{NEWS}/a?b", "", AT_NEWS),
        (BLOCKING, "", "embed:news.example", AT_NEWS),
        (BLOCKING, "", "", None),
        (BLOCKING, "https://www.bad.example/", "embed:news.example", None),
        (BLOCKING, "", "embed:sub.bad.example", None),
        (BLOCKING, SITE_URL, "", "'self'"),
        (LISTING, f"{NEWS}/", "", AT_NEWS),
        (LISTING, "https://blog.news.example/", "", AT_NEWS.replace("news.", "blog.news.")),
        (LISTING, "", "", IN_NEWS),
        (LISTING, "https://other.example/", "embed:news.example", None),
        (LISTING, "", "embed:other.example", None),
        (LISTING, SITE_URL, "", f"'self' {IN_NEWS}"),
        (PARTLY, NEWS, "", AT_NEWS),
        (PARTLY, "", "", None),
        (Terms(LISTED, ("news.example",), ("bad.example",)), "", "", IN_NEWS),
        (Terms(LISTED), NEWS, "", None),
        (Terms(LISTED), "", "", None),
    ],
)
def test_it_stands_where_organizers_let_it(
    migrated_app: Flask, terms: Terms, referer: str, via: str, framed: str | None
) -> None:
    with migrated_app.test_request_context(
        FORM, query_string={"via": via}, headers={"Referer": referer}
    ):
        assert elsewhere.ancestors_of_form(terms, surroundings.here().site) == framed


def test_where_it_may_not_stand_there_is_a_link(client: FlaskClient) -> None:
    found = make_letter()
    embedding.frame_on(found.letter, Role.EDITOR, LISTED)
    say(found, "news.example", SiteStanding.LISTED)
    say(found, "bad.example", SiteStanding.BLOCKED)
    on_it = client.get(FORM, headers={"Referer": NEWS})
    assert (_ancestors(on_it), "<form" in on_it.text) == (AT_NEWS, True)
    assert on_it.headers["Cache-Control"] == Policy.NOTHING
    assert 'data-way="embed" value="embed:news.example"' in on_it.text
    for asking in (NEWS, "https://other.example", "https://bad.example", ""):
        by_browser = client.get(FORM, headers={"Referer": asking})
        by_address = client.get(FORM, query_string={"site": asking}, headers={"Referer": NEWS})
        assert by_address.data == by_browser.data
        assert _ancestors(by_address) == _ancestors(by_browser)
        assert by_address.headers["Cache-Control"] == Policy.PAGE
    assert f'action="{SIGN}?via=embed:news.example#problems"' in on_it.text
    for site, words, source in (
        ("other", "is signed on its own page", "?via=embed:other.example"),
        ("bad", "stands on its own page", ""),
    ):
        refused = client.get(FORM, headers={"Referer": f"https://{site}.example"})
        pressed = client.post(f"{SIGN}?via=embed:{site}.example", data=form(comment="Because."))
        typed = client.post(f"{CODE}?via=embed:{site}.example", data={"code": "1"})
        assert [each.status_code for each in (refused, pressed, typed)] == [200, 403, 403]
        for page in (refused, pressed, typed):
            assert (_ancestors(page), "<form" in page.text) == ("*", False)
            assert (words if page is refused else "cannot be signed on this site") in page.text
            assert f'href="{SITE_URL}/letters/a-letter{source}"' in page.text
            # Who had it open before the organizers said so can copy what they typed.
            assert ("Because." in page.text) is (page is pressed)
            assert page.headers["Cache-Control"] == Policy.NOTHING
    assert db.session.query(Signature).count() == 0


def test_its_source_is_the_site_around_it(client: FlaskClient) -> None:
    make_letter()
    for address, said, source in (
        (f"{FORM}?via=embed:www.news.example", "", "embed:news.example"),
        (f"{SIGN}?via=embed:news.example", "embed:other.example", "embed:news.example"),
        (FORM, "embed:news.example", "embed:news.example"),
        (f"{FORM}?via=embed:127.0.0.1", "", "embed"),
        (FORM, "", "embed"),
        ("", "", "embed"),
    ):
        came = {"Referer": f"{SITE_URL}{address}"} if address else {}
        assert client.post(SIGN, data=form(via=said), headers=came).status_code == 200
        assert db.session.query(Signature.source).scalar() == source, address
        db.session.rollback()


def test_it_is_small(client: FlaskClient) -> None:
    written = Path("petition/demonstration.md").read_text("utf-8")
    make_letter(markdown=written.split("---", 2)[2])
    page = client.get(f"{FORM}?accent=1d4f91").text
    files = re.findall(
        r'(?:href|src|data-solver)="(/(?:static|embed/accent)/[^"]+\.(?:css|js)[^"]*)"', page
    )
    sizes = {"form": len(gzip.compress(page.encode()))} | {
        Path(file.partition("?")[0]).name: len(gzip.compress(client.get(file).data))
        for file in files
    }
    total = sum(sizes.values())
    print(f"Signing in a frame, compressed: {total} of {LARGEST} bytes: {sizes}")
    assert len(sizes) == 9
    assert total <= LARGEST
