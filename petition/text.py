"""Text from people: names made clean, Markdown made safe HTML."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from itertools import dropwhile
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.smartquotes import process_inlines
from markdown_it.token import Token

MOST_MARKS = 4
"""Combining marks in a row before a name stops being writing (UTS #39 §5.4)."""

MOST_QUOTES = 400
"""Quotation marks of one paragraph that are set as pairs."""

_ZERO_WIDTH_JOINERS = "\u200c\u200d"
# Scripts whose spelling needs joiners between letters; elsewhere they only hide differences.
_JOINING = re.compile(
    r"(?<=[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufeff])"
    r"[\u200c\u200d]"
    r"(?=[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufeff])"
)
# What is drawn as a picture (Extended_Pictographic of UTS #51, by its blocks): a joiner makes one
# of two, a selector draws it in colour; elsewhere both are invisible.
_PICTURES = "\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
_STRAY_SELECTOR = re.compile(f"(?<![{_PICTURES}])\ufe0f")
_JOINING_PICTURES = re.compile(f"(?<=[{_PICTURES}\ufe0f])\u200d(?=[{_PICTURES}])")
# Letters that print nothing although Unicode calls them letters, and the blank Braille cell.
_BLANK = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"))

# Controls but the tab and the line feed, halves of characters, direction overrides and isolates,
# the byte order mark, tags and what is no character.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e007f]"
)

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What a browser takes for the dot of a host name (UTS #46), and NFKC does not make one.
_FULL_STOPS = str.maketrans("\u3002\uff61", "..")
_GENERIC = (
    "app|bid|biz|click|club|dev|icu|info|link|live|online|shop|site|space|store|top|vip|website"
    "|win|xyz"
)
_COUNTRIES = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs
    bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee
    eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm
    hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb
    lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz
    na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs
    ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl
    tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_COUNTRY = "|".join(_COUNTRIES.split())
# Initials and titles without a space behind (Mr.Me, A.B. Cee, Ph.D) are no host names, and
# neither are titles of women (Prof.in, Sig.na).
_WEB_ADDRESS = re.compile(
    rf"""://|\bwww\.
    |\w\.(?:com|net|org)(?!-?\w)
    |[\w-]{{2}}\.(?:{_GENERIC}|cn|gg|io|ly|ru|tk)(?!-?\w)
    |[\w-]{{3}}\.(?:{_COUNTRY})(?<!\bprof\.in)(?<!\bmag\.in)(?<!\bing\.in)(?<!\bsig\.na)(?!-?\w)
    |\w\.(?:{_GENERIC}|{_COUNTRY})/
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What is cut short before a name, often without a space behind: titles, first names.
_CUT_SHORT = """
    abb abd abg adj adm adv agr akad amb apl apt arch arq arş ass assoc asst atty avv bacc brig
    cand capt cav chas chr col comm conf cpt csc dipl disc dkfm doc dott doz doç drg drs drsc
    ecz eng engr exmo fam fco fhr frau frhr geb gen geo geom gesch gör hab habil herr hon hort
    hptm ing insp inż joh jos judr jun jur kfm lect lek lic lieut mag maj mba mddr med mga mgr mlle
    mme moh mohd mons mrs msc msgr mtra mtro mudr muh muhd mult mvdr müh nat oec oxon paed
    paeddr pharmdr phdr phil pol pres priv prof psych publ rag rer rev revd rndr rsdr seb sen sgt
    shri sig smt snr soc sra srta ste stud techn thdr theol thos troph univ ust uzm verh verw
    vet vis yrd öğr αναπλ αρχ επικ καθ акад арх архим доц инж канд маг митр прот проф свящ פרופ
"""
_ABBREVIATED = frozenset(_CUT_SHORT.split())
_TITLES = {
    "dr",
    "mr",
    "mrs",
    "ms",
    "mx",
    "sir",
    "dame",
    "prof",
    "professor",
    "professorin",
    "doctor",
}
_DEGREES = {"bsc", "dphil", "esq", "jr", "mphil", "msc", "phd", "sr"}
_DOTTED = re.compile(r"([\w-]{3,})\.(?=[^\W\d_]{2})")
_ADDRESS_OR_PATH = re.compile(r"@|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)|\w\.\w{2}\S*/\S")
_FORMULA = ("=", "+", "-", "@")
_FEEDS = ("\t", "\r", "\n", "\0")


def tidy(typed: str, *, lines: bool = False) -> str:
    """What was typed, as it should be stored and shown.

    Composed (NFC); controls, direction overrides, invisible, private and unassigned characters
    removed; white space folded to single spaces. With `lines`, line ends are kept (at most one
    empty line in a row). Tidying what is tidy changes nothing.
    """
    if lines:
        folded = (tidy(line) for line in typed.replace("\r\n", "\n").splitlines())
        return re.sub(r"\n{3,}", "\n\n", "\n".join(folded)).strip()
    if typed.isascii() and typed.isprintable():
        return " ".join(typed.split())  # as most names are, and nothing below would change it
    composed = unicodedata.normalize("NFC", typed)
    kept = "".join(_keep(c) for c in composed).translate(_BLANK)
    joined = _drop_stray_joiners(_STRAY_SELECTOR.sub("", kept))
    return unicodedata.normalize("NFC", " ".join(joined.split()))


def passage(typed: str) -> str:
    """A letter's Markdown as typed in a browser: every line kept, what no reader sees removed.

    Controls, and what makes text run in another direction than its letters do.
    """
    plain = typed.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", plain).strip("\n").rstrip()


def for_xml(document: str) -> str:
    """A document without the characters that no XML may have, escaped or not
    (https://www.w3.org/TR/xml/#charsets)."""
    return _NOT_IN_XML.sub("", document)


def _keep(character: str) -> str:
    if character.isspace():
        return " "
    if character in _ZERO_WIDTH_JOINERS:
        return character
    if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}:
        return ""
    # Variation selectors (a mark by category) draw nothing of their own; one is of use after a
    # picture.
    if "\ufe00" <= character < "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return ""
    return character


def _drop_stray_joiners(value: str) -> str:
    needed = {
        match.start()
        for pattern in (_JOINING, _JOINING_PICTURES)
        for match in pattern.finditer(value)
    }
    return "".join(c for i, c in enumerate(value) if c not in _ZERO_WIDTH_JOINERS or i in needed)


def piled_marks(value: str) -> bool:
    """Whether more combining marks than any writing needs stand on one letter."""
    run = 0
    for character in unicodedata.normalize("NFD", value):
        if character in _ZERO_WIDTH_JOINERS:
            continue
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        if run > MOST_MARKS:
            return True
    return False


def has_web_address(value: str) -> bool:
    """Whether a mail program would make a link of some part of it."""
    return _WEB_ADDRESS.search(_dotted(value)) is not None


def is_like_an_address(name: str) -> bool:
    """Whether some part of a name is written as an address is, of mail or of whatever domain.

    What is cut short before a name may stand close to it ("Dr.med. Ann", "Prof.Lee", "J.R.R.Lee").
    """
    plain = _dotted(name)
    if not plain.isascii():  # a mark is no letter to an expression
        plain = "".join(c for c in plain if unicodedata.category(c)[0] != "M")
    if _ADDRESS_OR_PATH.search(plain):
        return True
    return any(
        word.rpartition("-")[2].casefold() not in _ABBREVIATED for word in _DOTTED.findall(plain)
    )


def _dotted(value: str) -> str:
    return unicodedata.normalize("NFKC", value).translate(_FULL_STOPS)


def looks_like_formula(value: str) -> bool:
    """Whether a spreadsheet would calculate it, fullwidth forms included (CWE-1236)."""
    return unicodedata.normalize("NFKC", value).lstrip().startswith(_FORMULA)


def defused(value: str) -> str:
    """A cell that no spreadsheet calculates: what looks so gets a mark before it (CWE-1236)."""
    if not value or (value[0].isascii() and value[0].isalnum()):
        return value  # most of a million rows
    if looks_like_formula(value.lstrip("\"' \t\r\n\0")) or value.startswith(_FEEDS):
        return f"'{value}"
    return value


def has_letter(value: str) -> bool:
    """Whether there is anything in it that could be read as a name."""
    return any(unicodedata.category(c)[0] == "L" for c in value)


def initials(name: str) -> str:
    """The first letter of each word, with its marks: "A. L." for "Ann Lee", in any script."""
    found = (_first_letter(word) for word in name.split())
    return " ".join(f"{letter}." for letter in found if letter)


def first_name(name: str) -> str:
    """What somebody is called among many: "Ann" for "Dr. Ann Lee", "Ann Lee, PhD" or "Lee, Ann".

    The whole name, where no first name stands in it uncut ("A. Lee", "Dr. Lee").
    """
    before, _, after = name.partition(", ")
    shouted = before.isupper()
    given = _without_titles(after, shouted)
    if given and not given[0][0].islower():  # as "Professor of Physics" is, after a name
        return name if _is_initial(given[0]) else given[0].rstrip(",")
    words = _without_titles(before, shouted)
    titled = len(words) < len(before.split())
    if not words or _is_initial(words[0]) or (titled and len(words) == 1):
        return name
    return words[0]


def _without_titles(words: str, shouted: bool) -> list[str]:
    return list(dropwhile(lambda word: _is_title(word, shouted), words.split()))


def _is_title(word: str, shouted: bool) -> bool:
    """Whether it stands before or after a name; of capitals alone, where not the whole name is."""
    plain = word.rstrip(".,").casefold()
    if plain in _TITLES or plain in _DEGREES:
        return True
    if _is_initial(word):
        return False
    return word.endswith(".") or (word.isascii() and word.isupper() and not shouted)


def _is_initial(word: str) -> bool:
    """Whether it is one letter, or several with a full stop each."""
    return all(len(part) == 1 for part in word.rstrip(".,").split("."))


def _first_letter(word: str) -> str:
    composed = unicodedata.normalize("NFC", word)
    kinds = [unicodedata.category(c)[0] for c in composed]
    if "L" not in kinds:
        return ""
    begin = kinds.index("L")
    end = next((i for i in range(begin + 1, len(kinds)) if kinds[i] != "M"), len(kinds))
    return composed[begin:end]


# The tags and attributes that a letter may use; everything else is dropped. No images: one from
# elsewhere would tell its owner the address of every reader.
_TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "hr", "code"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

_QUOTES = {
    "de": "„“‚‘",
    "fr": ["«\u202f", "\u202f»", "‹\u202f", "\u202f›"],
    "es": "«»“”",
    "it": "«»“”",
    "ru": "«»„“",
    "pl": "„”‚’",
    "cs": "„“‚‘",
    "sv": "””’’",
    "fi": "””’’",
    "da": "»«›‹",
    "ar": "”“’‘",
}


@lru_cache(maxsize=32)
def _markdown(language: str) -> MarkdownIt:
    quotes: Any = _QUOTES.get(language.split("-")[0].lower(), "“”‘’")
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True, "quotes": quotes})
    parser.core.ruler.at("smartquotes", _set_quotes)
    return parser.enable(["replacements", "smartquotes"]).disable("image")


def _set_quotes(state: StateCore) -> None:
    """Typographic quotes, in every block that has no more of them than anybody writes.

    Each looks for its partner among all before it: a hundred thousand would take a minute.
    """
    for token in state.tokens:
        quotes = token.content.count('"') + token.content.count("'")
        if token.type == "inline" and 0 < quotes <= MOST_QUOTES:
            process_inlines(token.children or [], state)


def html(markdown: str, language: str = "en") -> str:
    """A letter's Markdown (CommonMark) as HTML that is safe to print into a page.

    Typographic quotes are those of the language. The highest headings are of the second
    level, because the letter's title is the first. Links leave without telling where they
    came from.
    """
    parser = _markdown(language)
    tokens = parser.parse(markdown)
    _lower_headings(tokens)
    return nh3.clean(
        str(parser.renderer.render(tokens, parser.options, {})),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer nofollow ugc",
    ).strip()


def _lower_headings(tokens: list[Token]) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((token.tag for token in headings), default="")
    for token in headings:
        token.tag = "h2" if token.tag == highest else "h3"


# What begins a line of its own in Markdown.
_BEGINS = re.compile(
    r"\n(?!\n|[ \t]*(?:[-*+>#]|[0-9]{1,9}[.)])|[-=]{2}|[ \t]{4})(?<!\n\n)(?<!  \n)"
)


def flowing(markdown: str) -> str:
    """Markdown with a paragraph, or an entry of a list, in each line, and empty lines between.

    Where a writer broke a line in the midst of a paragraph says nothing to a reader.
    """
    return re.sub(r"\n+", "\n\n", _BEGINS.sub(" ", markdown))


def exact(title: str, addressee: str, sender: str, markdown: str) -> str:
    """The whole of a revision as one text: what its hash is of, and what anybody can check."""
    return f"{title}\n\nTo: {addressee}\nFrom: {sender}\n\n{markdown}\n"


def sha256(exact_text: str) -> str:
    """The hash of a revision, of its exact text in UTF-8."""
    return hashlib.sha256(exact_text.encode()).hexdigest()
