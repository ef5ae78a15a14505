"""The names under a letter, as everybody reads them."""

from flask import Blueprint, Response, request
from flask_babel import force_locale

from petition import public, tokens
from petition.caching import Answer, Policy
from petition.languages import closest
from petition.queries import names, signatures
from petition.views import answers
from petition.views.letters import (
    in_force,
    other_texts,
    picture_of,
    wanted_language,
    with_count,
)

bp = Blueprint("names", __name__, url_prefix="/letters/<slug:slug>")


@bp.get("/signatures")
def index(slug: str) -> Response:
    """The names, newest first, fifty a page."""
    language = wanted_language(slug)
    after = request.args.get("after")
    if after:
        # A page in the middle is not remembered: there are as many as there are cursors.
        return answers.once(Policy.PAGE, _list(slug, language, after))
    return answers.shared(
        slug, f"names.{language}", Policy.PAGE, lambda: _list(slug, language, None)
    )


def _list(slug: str, language: str | None, after: str | None) -> Answer:
    found = in_force(slug, language)
    leading = [] if after else signatures.leading(found.letter.id)
    names_page = signatures.page(found.letter.id, after)
    letter, others = with_count(found), other_texts(found)
    with force_locale(closest(found.revision.language)):
        return answers.html(
            "names/index.html",
            letter=letter,
            leading=public.names(leading, letter, others),
            names=public.names(names_page.signatures, letter, others),
            after=after,
            next_cursor=names_page.next_cursor,
        )


@bp.get("/names/<line:line>")
def line(slug: str, line: str) -> Response:
    """One public name, to be shared. There is none for who hides it, or is not published."""
    return answers.once(Policy.PAGE, _line(slug, wanted_language(slug), line))


def _line(slug: str, language: str | None, line: str) -> Answer:
    found = in_force(slug, language)
    signature = names.one(found.letter, tokens.read_line(line))
    letter, others = with_count(found), other_texts(found)
    with force_locale(closest(found.revision.language)):
        return answers.html(
            "names/line.html",
            letter=letter,
            name=public.name(signature, letter, others),
            signed_at=signature.published_at,
            picture=picture_of(found, letter),
        )
