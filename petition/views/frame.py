"""The count of a letter as a small page, for a frame on another site."""

from dataclasses import replace

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import force_locale

from petition import colours, public, sites, text
from petition.caching import Answer, Policy, recent
from petition.exceptions import Moved, NotFound, Withdrawn
from petition.languages import closest
from petition.queries import embedding, signatures
from petition.queries.embedding import Terms
from petition.views import answers, elsewhere, errors
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("frame", __name__, url_prefix="/embed")
elsewhere.register(bp)

NAMES = 6
"""The newest signers, by their first names."""
THEMES = ("light", "dark")


@bp.get("/<slug:slug>")
def show(slug: str) -> Response:
    """The numbers, the latest first names, and the way to the letter."""
    language, theme = wanted_language(slug), wanted_theme()
    terms = embedding.terms(in_force(slug).letter)
    if not terms.shows(sites.of(request.referrer)):
        return _only_the_way(slug, language)
    # Colours are many, and pages that are remembered are few: the line is put in afterwards.
    page = recent.get(slug, f"frame.{language}.{theme}", lambda: _frame(slug, language, theme))
    return answers.once(_policy(terms), with_lines(page, wanted_lines()))


def _policy(terms: Terms) -> Policy:
    """Where some sites are shown less, no cache in front may keep what the others are shown: it
    would give it to them as well, since one address stands for both."""
    return Policy.NOTHING if terms.blocked else Policy.COUNT


def wanted_theme() -> str:
    """Light or dark, where the address of a frame asks for it; otherwise the reader's browser
    does, and this is empty."""
    theme = request.args.get("theme", "")
    return theme if theme in THEMES else ""


def wanted_lines() -> str:
    """What the address of a frame adds to the head of the page: its colour, where that can be
    read, and what WordPress listens to, where an answer of `/oembed` has led here."""
    return render_template(
        "embed/lines.html",
        accent=colours.readable(request.args.get("accent", "")),
        oembed="oembed" in request.args,
    )


def _frame(slug: str, language: str | None, theme: str) -> Answer:
    found = in_force(slug, language)
    letter = with_count(found)
    latest = signatures.latest(found.letter.id, NAMES) if letter.names_shown else []
    names = [text.first_name(each.name) for each in public.names(latest, letter)]
    with force_locale(closest(found.revision.language)):
        return answers.html("embed/frame.html", letter=letter, names=names, theme=theme)


def _only_the_way(slug: str, language: str | None) -> Response:
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        return answers.page("embed/link.html", letter=with_count(found), theme=wanted_theme())


def with_lines(page: Answer, lines: str) -> Answer:
    """A page with these at the end of its head."""
    if not lines:
        return page
    body = page.body.replace(b"</head>", f"{lines}</head>".encode(), 1)
    return replace(page, body=body, etag=answers.tag(body))


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


@bp.errorhandler(NotFound)
def missing(error: NotFound) -> Response:
    """No letter, or none yet: said in a page that may stand where the letter would (404)."""
    if isinstance(error, Moved):
        return errors.of_moved(error)
    with force_locale(closest(request.args.get("lang", "en"))):
        return elsewhere.page_on(
            answers.page("embed/missing.html", status=404, theme=wanted_theme())
        )


@bp.errorhandler(Withdrawn)
def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so on other sites too (410)."""
    with force_locale(closest(error.language)):
        return answers.page("embed/gone.html", status=410, gone=error, theme=wanted_theme())
