"""The count of a letter as a small page, for a frame on another site."""

from functools import partial

from flask import Blueprint, Response, abort
from flask_babel import force_locale

from petition import colours
from petition.caching import Answer, Policy, recent
from petition.languages import closest
from petition.queries import embedding
from petition.views import answers
from petition.views.embed import elsewhere, frames, surroundings
from petition.views.embed.surroundings import Surroundings
from petition.views.letters import in_force, latest_first_names, wanted_language, with_count

bp = Blueprint("count_frame", __name__, url_prefix="/embed")
elsewhere.open_to_all(bp)
frames.register(bp)


@bp.get("/<slug:slug>")
def show(slug: str) -> Response:
    """The numbers, the latest first names, and the way to the letter."""
    language, around = wanted_language(slug), surroundings.here()
    terms = embedding.terms(in_force(slug).letter)
    if not terms.shows(surroundings.asking()):
        return frames.way(in_force(slug, language), around, shown=False)
    view = f"frame.{language}.{around.theme}"
    page = recent.get(slug, view, partial(_frame, slug, language, around.anywhere))
    policy = frames.policy() if terms.blocked else Policy.COUNT
    return answers.once(policy, frames.with_lines(page, around))


def _frame(slug: str, language: str | None, around: Surroundings) -> Answer:
    found = in_force(slug, language)
    letter = with_count(found)
    names = latest_first_names(found, letter)
    with force_locale(closest(found.revision.language)):
        return answers.html("embed/count.html", letter=letter, names=names, around=around)


@bp.get("/accent/<colour:accent>.css")
def colour(accent: str) -> Response:
    """A site's own colour, for the grounds on which it can be read; on the other stands ours.

    A style sheet, since no style may stand in the page itself.
    """
    grounds = colours.grounds(accent)
    if not grounds:
        abort(404)
    names = {colours.LIGHT: "--accent-on-light", colours.DARK: "--accent-on-dark"}
    body = "".join(f":root{{{names[each]}:#{accent}}}\n" for each in grounds).encode()
    return answers.once(Policy.STILL, Answer(body, "text/css", answers.tag(body)))
