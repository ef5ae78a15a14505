"""Letters, as everybody reads them."""

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import force_locale

from petition import config, links, public, text
from petition.actions import search
from petition.caching import Answer, Policy, recent
from petition.forms.signature import SignatureForm, form_for
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import cards, letters, revisions, signatures, tallies
from petition.queries.letters import LetterText
from petition.views import answers

bp = Blueprint("letters", __name__)

FIRST_NAMES = 6
"""The earliest signers, set apart under the letter where nobody was asked to stand first."""
MANY = 8
"""Letters that are found by looking; among more, one can search."""
LONGEST_SEARCH = 100
"""Characters of a search that are looked at."""
LATEST_FIRST_NAMES = 6
"""The newest signers on other sites."""
LATEST_NAMES = 30
"""The newest signers under the letter; the rest has a page of its own."""


@bp.get("/")
def index() -> Response:
    """The open letters, or the one letter of this site."""
    only = config.current().site_letter
    if only:
        return show(only)
    words = text.tidy(request.args.get("q", "")[:LONGEST_SEARCH])
    if words:
        search.count_for_letters(request.remote_addr)
        # What is searched for is remembered nowhere: there is no end of it, and it is nobody's.
        return answers.once(Policy.NOTHING, _index(words))
    return answers.shared("", "index", Policy.PAGE, _index)


def _index(words: str = "") -> Answer:
    running, ended = letters.open_letters(words), letters.closed_letters(words)
    counts = tallies.of_letters(each.letter.id for each in (*running, *ended))
    seen = [
        [public.letter(t.letter, t.revision, counts[t.letter.id]) for t in found]
        for found in (running, ended)
    ]
    return answers.html(
        "letters/index.html",
        letters=seen[0],
        closed=seen[1],
        words=words,
        home=links.absolute("letters.index"),
        searchable=bool(words) or len(running) + len(ended) > MANY,
        changes_at=letters.next_opening(),
    )


@bp.get("/letters/<slug:slug>")
def show(slug: str) -> Response:
    """One letter, with the form and the names."""
    language = wanted_language(slug)
    return answers.shared(slug, f"letter.{language}", Policy.PAGE, lambda: _letter(slug, language))


def _letter(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        form = form_for(found.letter, found.revision.language)(formdata=None)
        return answers.html("letters/show.html", **context(found, form))


def wanted_language(slug: str) -> str | None:
    """The language that the address asks for, if the letter can be read in it.

    None stands for the letter's own. Only the address decides, so that a page is the same for
    everybody, and there are no more pages than languages.
    """
    return spoken(slug, request.args.get("lang"))


def spoken(slug: str, wanted: str | None) -> str | None:
    """A language that is asked for, if the letter can be read in it and has another of its own."""
    if wanted is None:
        return None
    letter = in_force(slug).letter
    others = (each for each in letter.languages if each != letter.language)
    return next((each for each in others if each.lower() == wanted.lower()), None)


def context(found: LetterText, form: SignatureForm) -> dict[str, Any]:
    """What the letter's page is made from; the form brings what was typed, and what is wrong."""
    asked = signatures.leading(found.letter.id)
    first = asked or signatures.earliest(found.letter.id, FIRST_NAMES)
    latest = signatures.latest(found.letter.id, LATEST_NAMES)
    set_apart = {each.id for each in first}
    letter, others = with_changes(found), other_texts(found)
    picture = picture_of(found, letter)
    return {
        "letter": letter,
        "form": form,
        "picture": picture,
        "structured": public.structured(letter, picture),
        "first": public.names(first, letter, others),
        "asked": bool(asked),
        "latest": public.names(
            (each for each in latest if each.id not in set_apart), letter, others
        ),
        "last_signed": max(
            (each.published_at for each in (*asked, *latest) if each.published_at), default=None
        ),
    }


def picture_of(found: LetterText, letter: PublicLetter) -> str | None:
    """The address of the picture beside a shared link, once there is one."""
    tag = cards.tag(found.letter.id, letter.language)
    return (
        links.absolute("sharing.card", slug=letter.slug, tag=tag, lang=letter.lang) if tag else None
    )


def other_texts(found: LetterText) -> dict[int, int]:
    """The texts that say something else than the one shown, whose signers are marked so."""
    return revisions.saying_otherwise(found.revision) if found.letter.edition > 1 else {}


def with_count(found: LetterText) -> PublicLetter:
    """A letter as the world sees it, with its numbers."""
    return public.letter(found.letter, found.revision, tallies.of_letter(found.letter.id))


def latest_first_names(found: LetterText, letter: PublicLetter) -> list[str]:
    """Who signed last, as other sites call them; nobody, where no names are shown."""
    if not letter.names_shown:
        return []
    latest = signatures.latest(found.letter.id, LATEST_FIRST_NAMES)
    return [text.first_name(each.name) for each in public.names(latest, letter)]


def with_changes(found: LetterText) -> PublicLetter:
    """A letter as its readers see it, with its numbers and what was changed in its text."""
    counts = tallies.of_letter(found.letter.id)
    substance = revisions.of_substance(found.revision)
    return public.letter(found.letter, found.revision, counts, substance)


def in_force(slug: str, language: str | None = None) -> LetterText:
    """A letter as it stood a second ago at most, shared by all who ask: to read, not to change."""
    return recent.get(
        slug, f"text.{language}", lambda: letters.apart(letters.public_by_slug(slug, language))
    )
