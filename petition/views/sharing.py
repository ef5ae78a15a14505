"""What a letter is passed on with: its picture, a poster, a copy on paper."""

import segno
from flask import Blueprint, url_for
from flask_babel import force_locale

from petition import public
from petition.caching import Answer, Policy
from petition.clock import now
from petition.languages import closest
from petition.queries import cards, signatures
from petition.views import answers
from petition.views.answers import Response
from petition.views.embed import elsewhere
from petition.views.letters import (
    in_force,
    other_texts,
    wanted_language,
    with_changes,
    with_count,
)

bp = Blueprint("sharing", __name__)

NAMES_ON_PAPER = 2_000
"""Names of a copy that anybody may print; organizers print all."""


@bp.get("/letters/<slug:slug>/card-<tag:tag>.png")
def card(slug: str, tag: str) -> Response:
    """The picture beside a shared link. An address of an older picture leads to the newest."""
    language = wanted_language(slug)
    found = in_force(slug, language)
    newest = cards.newest(found.letter.id, found.revision.language)
    if newest.tag != tag:
        there = url_for("sharing.card", slug=slug, tag=newest.tag, lang=language)
        return answers.detour(there, Policy.PAGE)
    picture = Answer(newest.png, "image/png", newest.tag)
    return elsewhere.picture(answers.once(Policy.ASSET, picture))


@bp.get("/letters/<slug:slug>/poster")
def poster(slug: str) -> Response:
    """One page to print and put up: the title, and the way to the letter for a phone."""
    language = wanted_language(slug)
    return answers.shared(slug, f"poster.{language}", Policy.PAGE, lambda: _poster(slug, language))


def _poster(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    letter = with_count(found)
    code = qr_code(letter.via("poster"))
    with force_locale(closest(found.revision.language)):
        return answers.html("sharing/poster.html", letter=letter, code=code)


def qr_code(url: str) -> str:
    """An address as a picture that phones read (ISO/IEC 18004), as SVG in the page."""
    code = segno.make(url, error="m", micro=False)
    return code.svg_inline(border=0, omitsize=True, lineclass=None, svgclass="qr")


@bp.get("/letters/<slug:slug>/copy")
def copy(slug: str) -> Response:
    """The letter as it is handed over: text, count with its time and hash, names."""
    language = wanted_language(slug)
    return answers.shared(slug, f"copy.{language}", Policy.PAGE, lambda: _copy(slug, language))


def _copy(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    letter, others = with_changes(found), other_texts(found)
    leading = signatures.leading(found.letter.id)
    names = signatures.earliest(found.letter.id, NAMES_ON_PAPER)
    with force_locale(closest(found.revision.language)):
        return answers.html(
            "sharing/copy.html",
            letter=letter,
            leading=public.names(leading, letter, others),
            names=public.names(names, letter, others),
            versions=bool(others),
            most=NAMES_ON_PAPER,
            as_of=now().replace(second=0, microsecond=0),
        )
