"""Text from people: names made clean, Markdown made safe."""

import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petition import text

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=60)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann \t Lee \n", "Ann Lee"),
        ("Ann\u202eLee", "AnnLee"),  # right-to-left override
        ("\u2066Ann\u2069", "Ann"),  # isolates
        ("A\u200bn\ufeffn", "Ann"),  # zero width
        ("Ann\x00\x07Lee", "AnnLee"),
        ("Ann\u3164", "Ann"),  # a letter that draws nothing
        ("Zoe\u0308", "Zoë"),
        ("A\u200dB", "AB"),  # joiners do nothing between Latin letters
        ("ക്\u200dഷ", "ക്\u200dഷ"),  # and are spelling in Malayalam
        ("می\u200cخواهم", "می\u200cخواهم"),  # and in Persian
        ("👩\u200d🎨 Ann", "👩\u200d🎨 Ann"),  # one picture of two
        ("👨🏽\u200d👩🏽\u200d👧 ❤\ufe0f", "👨🏽\u200d👩🏽\u200d👧 ❤\ufe0f"),
        ("A\ufe0fn\u200d👩\u200dn❤\ufe0f\ufe0f\u200d", "An👩n❤\ufe0f"),  # hides nothing
        ("José María", "José María"),
        ("王小明", "王小明"),
        ("ليلى", "ليلى"),
        ("O’Brien-Ní", "O’Brien-Ní"),
        ("\U000e0041Ann", "Ann"),  # tag characters
        ("\ue000Ann", "Ann"),  # private use
    ],
)
def test_a_name_is_tidied(typed: str, kept: str) -> None:
    assert text.tidy(typed) == unicodedata.normalize("NFC", kept)


@given(ANYTHING)
def test_tidying_what_is_tidy_changes_nothing(typed: str) -> None:
    once = text.tidy(typed)
    assert text.tidy(once) == once


@given(ANYTHING)
def test_nothing_invisible_survives(typed: str) -> None:
    joiners = "\u200c\u200d"
    for character in text.tidy(typed):
        assert character in joiners or unicodedata.category(character) not in {
            "Cc",
            "Cf",
            "Co",
            "Cs",
        }


@given(ANYTHING)
def test_lines_are_kept_where_they_may_be(typed: str) -> None:
    once = text.tidy(typed, lines=True)
    assert text.tidy(once, lines=True) == once
    assert "\n\n\n" not in once


def test_marks_pile_up_to_four() -> None:
    assert not text.piled_marks("a\u0301\u0302\u0303\u0304")
    assert text.piled_marks("a\u0301\u0302\u0303\u0304\u0305")
    assert not text.piled_marks("Nguyễn Thị Ngọc Ánh")


@pytest.mark.parametrize(
    "value",
    [
        "J. R. R. Tolkien",
        "J.R.R.Tolkien",
        "Dr. med. Ann Lee",
        "Dr.med. Ann Lee",
        "Dr.rer.nat. Ann Lee",
        "Dr.in Ann Lee",
        "Prof. Dr. Ann Lee",
        "Prof.Dr. Ann",
        "Prof.in Ann Lee",
        "Univ.Prof.in Mag.in Ann Lee",
        "Prof.em. Ann Lee",
        "St. John",
        "St.John",
        "Mr.Me",
        "A.B. Cee",
        "A.Link",
        "Ph.D",
        "Ann Lee, Ph.D.",
        "Ann Lee, M.Sc.",
        "Jr.",
        "Lee Jr.",
        "王小明。",
        "Ann/Bob Lee",
        "Dipl.-Ing.Univ. Ann",
        "Dott.ssa Anna Rossi",
        "Sig.na Rossi",
        "Joh.Seb.Lee",
        "Doç.Dr.Ayşe Yılmaz",
        "MUDr.Jan Novák",
        "Prof.Lee",
        "А.С.Иванова",
        "проф.Иванова",
        "எஸ்.பி.குமார்",
        "എം.എസ്.നായർ",
        "ผศ.ดร.สมชาย ใจดี",
        "د.ليلى",
        "Muthu A/L Samy",
        "Ann…Lee",
        "Ann Lee 3.14",
    ],
)
def test_ordinary_names_are_no_web_addresses(value: str) -> None:
    assert not text.has_web_address(value)
    assert not text.is_like_an_address(value)


@pytest.mark.parametrize(
    "value",
    [
        "Visit evil.zip/now",
        "call evil.support",
        "x@evil.page",
        "x＠y",
        "evil.cash/win",
        "go.page/a",
        "1.2.3.4/x",
        "10.0.0.1",
        "пример.рф",
        "उदाहरण.भारत",
        "evil.中国",
        "evil。中国",
        "example.みんな",
        "Dr.evil24.support",
    ],
)
def test_a_name_is_not_written_like_an_address(value: str) -> None:
    assert text.is_like_an_address(value)


def test_only_names_of_people_are_looked_at_so_closely() -> None:
    for value in ("Anna.De-Vries", "ver.di"):
        assert text.is_like_an_address(value)
        assert not text.has_web_address(value)


@pytest.mark.parametrize(
    "value",
    [
        "http://x",
        "ftp://a",
        "see www.x.y",
        "buy.com",
        "x.com",
        "BUY.COM",
        "evil.ru/x",
        "Kauf auf pillen.de",
        "pillen.de.",
        "spam.co",
        "t.me/abc",
        "a.top/b",
        "shop.eu",
        "example.fr",
        "we-buy.us now",
        "münze.ch",
        "evil。com",
        "evil｡com",
        "evil．com",
        "ｅｖｉｌ.ｄｅ",
        "http：//x",
    ],
)
def test_web_addresses_are_found(value: str) -> None:
    assert text.has_web_address(value)


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", " =1", "＝1", "＋1", "－1", "＠x"])
def test_formulas_are_found(value: str) -> None:
    assert text.looks_like_formula(value)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#x6a;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "![x](https://evil.example/pixel.png)",
    "[x](//evil.example)",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '"><img src=x onerror=alert(1)>',
    "<iframe src=https://evil.example></iframe>",
    "[x](/organize/sign-out)",
    "<style>body{display:none}</style>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<details open ontoggle=alert(1)>",
    "\u2028<script>alert(1)</script>",
]


class Reader(HTMLParser):
    """Reads HTML as a browser would, and keeps the tags."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one tag."""
        self.seen.append((tag, {name: value or "" for name, value in attrs}))


@pytest.mark.parametrize("markdown", HOSTILE)
def test_hostile_markdown_comes_out_harmless(markdown: str) -> None:
    reader = Reader()
    reader.feed(text.html(markdown))
    assert {tag for tag, _ in reader.seen} <= text._TAGS
    for _, attributes in reader.seen:
        assert set(attributes) <= {"href", "rel", "title", "start"}
        assert attributes.get("href", "https:").startswith(("http:", "https:", "mailto:"))


@given(st.text(max_size=200))
def test_whatever_markdown_says_only_allowed_tags_come_out(markdown: str) -> None:
    import nh3

    html = text.html(markdown)
    again = nh3.clean(
        html,
        tags=text._TAGS,
        attributes={**text._ATTRIBUTES, "a": {"href", "title", "rel"}},
        url_schemes=text._SCHEMES,
        link_rel=None,
    )
    assert again == html


def test_markdown_is_set_like_print() -> None:
    assert text.html('"Yes" -- he said...') == "<p>“Yes” – he said…</p>"
    assert text.html('"Ja"', "de") == "<p>„Ja“</p>"
    assert text.html('"Oui"', "fr") == "<p>«\u202fOui\u202f»</p>"
    assert text.html("# One\n\n## Two\n\n#### Four") == "<h2>One</h2>\n<h3>Two</h3>\n<h3>Four</h3>"


def test_links_leave_without_saying_where_from() -> None:
    html = text.html("[x](https://example.org)")
    assert 'rel="noopener noreferrer nofollow ugc"' in html


def test_quotes_are_set_paragraph_by_paragraph() -> None:
    heap = "'a\" " * (text.MOST_QUOTES // 2 + 1)
    html = text.html(f'{heap}\n\nShe said "no".')
    assert "She said “no”." in html
    assert "'a" in html  # a heap of them stays as it was typed, and costs nobody a minute


def test_the_hash_can_be_made_by_anybody() -> None:
    import hashlib

    expected = hashlib.sha256(b"Title\n\nTo: the makers\nFrom: the artists\n\nText.\n").hexdigest()
    exact = text.exact("Title", "the makers", "the artists", "Text.")
    assert text.sha256(exact) == expected


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Ann Lee", "Ann"),
        ("Prof. Dr. Ann Lee", "Ann"),
        ("Dr Ann Lee, PhD", "Ann"),
        ("Ann Lee, Ph.D.", "Ann"),
        ("Ann Lee, MD, PhD", "Ann"),
        ("Ann Lee, RN", "Ann"),
        ("Ann Lee, Professor of Physics", "Ann"),
        ("Lee, Ann", "Ann"),
        ("Lee, Prof. Ann Marie", "Ann"),
        ("LEE, ANN", "ANN"),
        ("van der Berg, Jan", "Jan"),
        ("García Márquez, Gabriel, PhD", "Gabriel"),
        ("J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("J.R.R. Tolkien", "J.R.R. Tolkien"),
        ("Prof. Dr. A. Lee", "Prof. Dr. A. Lee"),
        ("Lee, A.", "Lee, A."),
        ("Prof. Lee", "Prof. Lee"),
        ("ANN LEE", "ANN"),
        ("王 小明", "王 小明"),
        ("A. L.", "A. L."),
        ("王小明", "王小明"),
        ("نوال السعداوي", "نوال"),
        ("Jean-Luc Picard", "Jean-Luc"),
    ],
)
def test_whoever_signed_is_called_by_their_first_name(name: str, called: str) -> None:
    assert text.first_name(name) == called
