"""The numbers of a letter, for other sites, and the script that shows them there."""

from typing import Any

from flask import Blueprint, abort, request
from flask_babel import force_locale

from petition import assets, public
from petition.caching import Answer, Policy
from petition.clock import now
from petition.exceptions import Withdrawn
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import embedding, tallies
from petition.views import answers
from petition.views.answers import Response
from petition.views.embed import elsewhere
from petition.views.letters import in_force, latest_first_names, with_count

bp = Blueprint("element", __name__, url_prefix="/embed")
elsewhere.open_to_all(bp)


@bp.get("/<slug:slug>/count.json")
def count(slug: str) -> Response:
    """The numbers."""
    told = answers.shared(slug, "count.json", Policy.COUNT, lambda: _count(slug))
    return elsewhere.frames_alike(told, alike=embedding.terms(in_force(slug).letter).everywhere)


def _count(slug: str) -> Answer:
    as_of, found = now(), in_force(slug)
    letter = with_count(found)
    numbers = public.count(letter, embedding.terms(found.letter).blocked, as_of)
    return answers.numbers(numbers, letter.changes_at)


@bp.get("/<slug:slug>/card.json")
def card(slug: str) -> Response:
    """The numbers, and the words around them in all the letter's languages."""
    return answers.shared(slug, "card.json", Policy.COUNT, lambda: _card(slug))


def _card(slug: str) -> Answer:
    as_of, found = now(), in_force(slug)
    counts = tallies.of_letter(found.letter.id)
    letter = public.letter(found.letter, found.revision, counts)
    others = (in_force(slug, each) for each in letter.languages[1:])
    translated = (public.letter(each.letter, each.revision, counts) for each in others)
    names = latest_first_names(found, letter)
    told = public.card(
        letter,
        embedding.terms(found.letter).blocked,
        {each.language: _text(each, names) for each in (letter, *translated)},
        names,
        as_of,
    )
    return answers.numbers(told, letter.changes_at)


def _text(letter: PublicLetter, names: list[str]) -> dict[str, Any]:
    spoken = closest(letter.language)
    with force_locale(spoken):
        return public.card_text(letter, names, spoken.replace("_", "-"))


@bp.get("/v1.js")
def script() -> Response:
    """The element `<open-letter>`, as it is now."""
    return _script(assets.RELEASES[-1], Policy.SCRIPT)


@bp.get("/v1.<int:release>.js")
def pinned(release: int) -> Response:
    """The same as it was released, for ever."""
    if release not in assets.RELEASES:
        abort(404)
    return _script(release, Policy.ASSET)


def _script(release: int, policy: Policy) -> Response:
    body = assets.content(assets.script(release))
    return answers.once(policy, Answer(body, "text/javascript", answers.tag(body)))


@bp.errorhandler(Withdrawn)
def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so to programs too (410)."""
    told = {
        "letter": (request.view_args or {})["slug"],
        "title": error.titles[error.language],
        "state": "withdrawn",
        "reason": error.reason,
    }
    answer = Response(answers.as_json(told), 410, mimetype="application/json")
    return elsewhere.frames_alike(answer, alike=True)
