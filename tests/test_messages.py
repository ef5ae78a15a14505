"""What a mail says and how: its headers parsed back, its words in text and in HTML."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from petition import create_app, tokens
from petition.clock import now
from petition.mail import messages
from petition.mail.messages import Mail
from petition.mail.outbox import AboutSignature
from petition.models import Kind, Listing, State
from petition.tokens import Purpose
from tests.conftest import SITE_URL, settings

EVIL_NAMES = [
    "Letters, Inc.",
    "Letters <evil@x.example>",
    'The "open" letters',
    "Letters; evil@x.example",
    "Lettres équitables, S.A. <evil@x.example>",
    "رسائل مفتوحة",
    "x" * 200,
]

PLAIN = Mail("a@example.org", "b@example.org", "A subject", "Text.", "HTML", "<1@example.org>")


@pytest.fixture(scope="module")
def mailing_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("data")
    return create_app(settings(folder, f"sqlite:///{folder}/petition.sqlite3"))


@pytest.fixture(autouse=True)
def _context(mailing_app: Flask) -> Iterator[None]:
    with mailing_app.app_context():
        yield


@pytest.fixture
def rename(mailing_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives the site another name."""
    known = mailing_app.config["PETITION"]

    def rename(name: str) -> None:
        monkeypatch.setitem(mailing_app.config, "PETITION", replace(known, site_name=name))

    return rename


ABOUT_SIGNATURES = [
    Kind.CONFIRM,
    Kind.ALREADY_SIGNED,
    Kind.SIGN_AGAIN,
    Kind.REMINDER,
    Kind.OWN_LINK,
    Kind.REPORTED,
    Kind.DECIDED,
    Kind.ANSWER,
]


def job(**changes: Any) -> AboutSignature:
    values: dict[str, Any] = {
        "mail_id": 7,
        "kind": Kind.CONFIRM,
        "message_id": "<0123456789abcdef@letters.example.org>",
        "attempts": 0,
        "created_at": now(),
        "signature_id": 41,
        "state": State.PENDING,
        "digest": b"",
        "email": "ann.lee@example.org",
        "name": "Ann Lee",
        "signed_at": now(),
        "show_name": True,
        "language": "en",
        "slug": "a-letter",
        "letter_language": "en",
        "title": "Fair terms for artists",
        "sender": "The artists of Bergen",
        "listing": Listing.NAMES,
        "wording": {},
        "responsible": "",
        "contact": "",
        "about": {"why": "Advertising", "more": "It sells shoes."},
        "answer": "We looked again.\n\nIt does sell shoes.",
        "suppressed": False,
        "superseded": False,
        "worker": "a worker",
        "lease_ends": now() + timedelta(minutes=10),
    }
    return AboutSignature(**(values | changes))


def read_back(mail: Mail) -> EmailMessage:
    message = message_from_bytes(mail.as_bytes(), EmailMessage, policy=default)
    assert message.defects == []
    return message


def composed(**changes: object) -> EmailMessage:
    return read_back(messages.compose(job(**changes)))


def part_of(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def text_of(message: EmailMessage) -> str:
    return part_of(message, "plain")


def html_of(message: EmailMessage) -> str:
    return part_of(message, "html")


def words_of(html: str) -> str:
    body = re.sub(r"</?bdi>", "", html.split("<body", 1)[1])
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


@pytest.mark.parametrize("kind", ABOUT_SIGNATURES)
def test_the_headers_are_these_and_no_others(kind: Kind) -> None:
    message = composed(kind=kind)
    assert message.keys() == [
        "From",
        "Subject",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    ]
    assert message["From"] == "Open letters <letters@letters.example.org>"
    assert message["To"] == "ann.lee@example.org"
    assert message["Message-ID"] == "<0123456789abcdef@letters.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs(message["Date"].datetime - now()) < timedelta(minutes=1)
    assert message.get_content_type() == "multipart/alternative"
    parts = [part.get_content_type() for part in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_a_sites_name_never_becomes_an_address(rename: Callable[[str], None], name: str) -> None:
    rename(name)
    (sender,) = composed()["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "letters@letters.example.org")


@pytest.mark.parametrize("breaks", ["\r", "\n", "\0", "\r\nBcc: all@example.org"])
def test_a_header_that_would_break_is_refused(rename: Callable[[str], None], breaks: str) -> None:
    for field in ("subject", "to", "message_id"):
        broken = replace(PLAIN, **{field: getattr(PLAIN, field) + breaks})
        with pytest.raises(ValueError, match="would break"):
            broken.as_bytes()
    rename(f"Letters{breaks}")
    with pytest.raises(ValueError, match="would break"):
        composed()


def test_a_title_that_breaks_is_a_subject_in_one_line() -> None:
    message = composed(title="Fair\r\nBcc: all@example.org")
    assert message["Subject"] == "Confirm your signature: Fair Bcc: all@example.org"
    assert "Bcc" not in message


def test_a_subject_keeps_the_space_before_a_french_colon() -> None:
    assert "signature\u202f: Fair" in composed(language="fr")["Subject"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_any_subject_adds_no_header(mailing_app: Flask, subject: str) -> None:
    with mailing_app.app_context():
        raw = replace(PLAIN, subject=subject).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert len(message_from_bytes(raw, EmailMessage, policy=default).keys()) == 9


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])))
def test_any_words_come_back_as_they_were(mailing_app: Flask, words: str) -> None:
    with mailing_app.app_context():
        raw = replace(PLAIN, text=words, html=words).as_bytes()
    parsed = message_from_bytes(raw, EmailMessage, policy=default)
    assert text_of(parsed).removesuffix("\n") == words.removesuffix("\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_long_message_id_stays_in_one_piece() -> None:
    long = f"<0123456789abcdef@{'a-long-name.' * 12}example.org>"
    assert composed(message_id=long)["Message-ID"] == long


def test_the_text_asks_for_the_confirmation() -> None:
    text = text_of(composed())
    lines = text.splitlines()
    assert "Fair terms for artists" in lines
    assert "Ann Lee" in lines
    assert "The link works for 7 days." in " ".join(lines)
    (link,) = [line for line in lines if line.startswith(f"{SITE_URL}/confirm/")]
    assert tokens.read(Purpose.CONFIRM, link.rsplit("/", 1)[1]) == 41
    (own,) = [line for line in lines if line.startswith(f"{SITE_URL}/signature/")]
    assert tokens.read(Purpose.SIGNATURE, own.rsplit("/", 1)[1]) == 41
    assert lines[-1] == f"{SITE_URL}/letters/a-letter?via=mail"
    assert "This was not me" in text


def test_lines_of_text_are_short_and_addresses_whole() -> None:
    for line in text_of(composed(title="A very long title of a letter " * 6)).splitlines():
        assert len(line) <= messages.WIDTH or re.fullmatch(r"http://\S+", line)


def test_the_code_can_be_copied_by_hand_and_fits() -> None:
    message = composed()
    (code,) = re.findall(r"\b\d{3}\xa0\d{3}\b", text_of(message))
    assert tokens.code_fits(code.replace("\xa0", ""), 41, 7)
    assert code in html_of(message)


@pytest.mark.parametrize("kind", ABOUT_SIGNATURES)
def test_the_html_says_the_same_words_with_one_button(kind: Kind) -> None:
    message = composed(kind=kind)
    text, html = text_of(message), html_of(message)
    links = set(re.findall(r"http://\S+", text))
    assert set(re.findall(r'href="([^"]*)"', html)) == links
    assert html.count("background:") == 1
    plain = " ".join(re.sub(r"(?m)http://\S+|-- |^> ?", "", text).split())
    for sentence in re.split(r"(?<=[.:])\s", plain.removesuffix("Open letters").strip()):
        assert sentence in words_of(html)


@pytest.mark.parametrize("kind", ABOUT_SIGNATURES)
def test_a_mail_needs_nothing_from_elsewhere(kind: Kind) -> None:
    html = html_of(composed(kind=kind))
    assert not re.search(r"<(img|link|script|iframe|style)|src=|url\(|@import", html)


@pytest.mark.parametrize("name", ["<b>Ann</b>", "<script>alert(1)</script>", "A & B", "\"'"])
def test_a_name_is_words_and_never_tags(name: str) -> None:
    message = composed(name=name, title=f"{name}!")
    assert f"\n{name}\n" in text_of(message)
    html = html_of(message)
    assert "<script" not in html
    assert "<b>Ann" not in html
    assert f"{name} " in words_of(html)
    assert f"{name}!" in words_of(html)


def test_a_name_that_looks_like_a_gap_stays_a_name() -> None:
    assert "\n\x02code\x03\n" in text_of(composed(name="\x02code\x03"))


def test_mails_of_one_letter_are_each_readers_own() -> None:
    ann, bob = composed(), composed(name="Bob", signature_id=42, mail_id=8)
    assert "Bob" in text_of(bob)
    assert "Ann" not in text_of(bob) + html_of(bob)
    links = [set(re.findall(r"http\S+/(?:confirm|signature)/\S+", text_of(m))) for m in (ann, bob)]
    assert len(links[0]) == len(links[1]) == 2
    assert not links[0] & links[1]
    assert "Another" in text_of(composed(title="Another"))
    assert "/letters/another" in text_of(composed(slug="another"))


def test_a_name_of_another_direction_disturbs_nothing_around_it() -> None:
    message = composed(name="محمد علي")
    assert "<bdi>محمد علي</bdi>" in html_of(message)
    assert "محمد علي" in text_of(message).splitlines()


@pytest.mark.parametrize("kind", ABOUT_SIGNATURES)
def test_what_a_signer_typed_stays_out_of_the_subject(kind: Kind) -> None:
    assert "Cheap" not in composed(kind=kind, name="Cheap watches")["Subject"]


def test_a_hidden_name_is_said_to_stay_hidden() -> None:
    said = "It will be counted, and not shown in the list of names."
    hidden, shown = composed(show_name=False), composed()
    assert said in text_of(hidden)
    assert said in words_of(html_of(hidden))
    assert said not in text_of(shown)
    assert "will stand" not in text_of(hidden)


def test_the_mail_to_who_has_signed_offers_no_confirmation() -> None:
    text = text_of(composed(kind=Kind.ALREADY_SIGNED, state=State.PUBLISHED))
    assert "/confirm/" not in text
    assert f"{SITE_URL}/signature/" in text
    assert "Ann Lee" not in text


def test_who_signed_an_earlier_version_is_not_told_that_nothing_needs_to_be_done() -> None:
    text = text_of(composed(kind=Kind.ALREADY_SIGNED, state=State.PUBLISHED, news=""))
    assert "You signed an earlier text" in text
    assert "Nothing needs to be done" not in text
    assert f"{SITE_URL}/signature/" in text


def test_who_is_asked_again_reads_why_what_stands_and_who_asks() -> None:
    message = composed(
        kind=Kind.SIGN_AGAIN,
        state=State.PUBLISHED,
        news="They <b>moved</b>.",
        responsible="Kim Ray",
        contact="kim@example.org",
        show_name=False,
    )
    for body in (text_of(message), words_of(html_of(message))):
        wanted = "The artists of Bergen write: They <b>moved</b>."
        assert wanted in " ".join(body.split())
        assert "Ann Lee" in body
        assert "It is counted, and not shown" in body
        assert "you can withdraw your signature" in " ".join(body.split())
        assert "Kim Ray, kim@example.org" in body
    assert "write:" not in text_of(composed(kind=Kind.SIGN_AGAIN, state=State.PUBLISHED, news=""))


def test_links_begin_with_the_sites_address_whatever_a_request_says(mailing_app: Flask) -> None:
    with mailing_app.test_request_context("/", headers={"Host": "evil.example"}):
        message = composed()
    assert "evil" not in text_of(message) + html_of(message)


def test_an_unknown_kind_of_mail_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="newsletter"):
        _ = job(kind="newsletter").wanted


def test_the_organizers_words_stand_as_theirs_in_both_bodies() -> None:
    wording = {"en": {"mail": "Come on Monday.\n\nBring <b>friends</b>."}, "fr": {"mail": "Venez."}}
    message = composed(
        wording=wording, sender="The artists", responsible="Kim Ray", contact="kim@example.org"
    )
    for body in (text_of(message), words_of(html_of(message))):
        said = body.index("The artists write:")
        assert said < body.index("Come on Monday.") < body.index("Bring <b>friends</b>.")
        assert "Responsible for your data: Kim Ray" in body
        assert "kim@example.org" in body
        assert "Venez" not in body


def test_the_name_is_told_as_it_will_stand() -> None:
    assert "A. L." in text_of(composed(listing=Listing.INITIALS))
    assert "Ann Lee" not in text_of(composed(listing=Listing.INITIALS))
    assert "not shown in the list of names" in text_of(composed(listing=Listing.NOT))


def test_a_reader_of_another_language_comes_back_to_it() -> None:
    text = text_of(composed(language="fr", letter_language="en"))
    assert f"{SITE_URL}/letters/a-letter/thanks?lang=fr" in text
    assert "lang=" not in text_of(composed(language="fr", letter_language="fr"))
