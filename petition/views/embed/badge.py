"""The count of a letter as a small picture, and as shields.io draws one from."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import force_locale, gettext

from petition import badges
from petition.badges import Look
from petition.caching import Answer, Policy, recent
from petition.exceptions import Withdrawn
from petition.languages import closest
from petition.public import PublicLetter
from petition.views import answers, spelled
from petition.views.embed import elsewhere
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("badge", __name__, url_prefix="/embed")
elsewhere.open_to_all(bp)

KEPT = 300
"""Seconds for which shields.io may show a number, and the least that it knows."""


@bp.get("/<slug:slug>/badge.svg")
def picture(slug: str) -> Response:
    """The number as a picture."""
    look = wanted_look()
    view = f"badge.{look.style}.{look.size}"
    return _answered(slug, view, look, lambda letter: _picture(letter, look))


@bp.get("/<slug:slug>/shields.json")
def shields(slug: str) -> Response:
    """The number for https://shields.io/badges/endpoint-badge."""
    look = wanted_look()
    return _answered(slug, "shields.json", look, lambda letter: _shields(letter, look))


def wanted_look() -> Look:
    """How the address asks a badge to look."""
    asked = request.args
    return badges.look(
        style=asked.get("style", ""),
        size=asked.get("size", ""),
        colour=asked.get("color", ""),
        label_colour=asked.get("label_color", ""),
        label=asked.get("label"),
    )


def _answered(slug: str, view: str, look: Look, make: Callable[[PublicLetter], Answer]) -> Response:
    language = wanted_language(slug)

    def numbers() -> PublicLetter:
        return with_count(in_force(slug, language))

    def made(letter: PublicLetter) -> Answer:
        with force_locale(closest(letter.language)):
            return make(letter)

    # There is no end of labels and colours: who wants other ones has them made each time, from
    # numbers that are remembered, and nobody else's answer is forgotten for them.
    if not look.usual:
        return answers.once(Policy.COUNT, made(recent.get(slug, f"badge.{language}", numbers)))
    # What is remembered is made from nothing that is: it would be as old as both together.
    return answers.shared(slug, f"{view}.{language}", Policy.COUNT, lambda: made(numbers()))


def _picture(letter: PublicLetter, look: Look) -> Answer:
    # A label goes as the letter does, and a word of ours as the language that it is in.
    language = closest(letter.language) if look.label is None else letter.language
    badge = badges.drawn(spelled.number(letter.count), _labelled(look), language)
    return answers.xml(
        "embed/badge.svg", "image/svg+xml", badge=badge, title=letter.title, letter=letter
    )


def _labelled(look: Look) -> Look:
    if look.label is not None:
        return look
    # Translators: stands beside a number on a small badge.
    return replace(look, label=gettext("signed"))


def _shields(letter: PublicLetter, look: Look) -> Answer:
    body = answers.as_json(for_shields(letter, look))
    return Answer(body, "application/json", answers.tag(body), changes_at=letter.changes_at)


def for_shields(letter: PublicLetter, look: Look) -> dict[str, Any]:
    """What shields.io is told, in the language that is spoken now; it takes no other fields."""
    return {
        "schemaVersion": 1,
        "label": _labelled(look).label,
        "message": spelled.number(letter.count),
        "color": f"#{look.colour}",
        "labelColor": f"#{look.label_colour}",
        "cacheSeconds": KEPT,
    }


@bp.errorhandler(Withdrawn)
def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so on badges too (410)."""
    read_in = error.read_in(request.args.get("lang"))
    language, title = closest(read_in), error.titles[read_in]
    with force_locale(language):
        # Translators: stands alone on a small badge, of a letter.
        word = gettext("withdrawn")
        if request.endpoint == "badge.shields":
            told = {"schemaVersion": 1, "label": "", "message": word, "isError": True}
            return Response(answers.as_json(told), 410, mimetype="application/json")
        badge = badges.drawn(word, wanted_look().alone(), language)
        picture = answers.xml("embed/badge.svg", "image/svg+xml", badge=badge, title=title)
        return Response(picture.body, 410, mimetype=picture.mimetype)
