"""What the pages that stand in frames have in common: the count's, and the form's."""

from dataclasses import replace

from flask import Blueprint, render_template, request
from flask_babel import force_locale

from petition.caching import Answer, Policy
from petition.exceptions import Moved, NotFound, Withdrawn
from petition.languages import closest
from petition.queries.letters import LetterText
from petition.views import answers, errors
from petition.views.answers import Response
from petition.views.embed import elsewhere, surroundings
from petition.views.embed.surroundings import Surroundings
from petition.views.letters import with_count


def register(bp: Blueprint) -> None:
    """Where there is no letter to show, say so in a page that may stand in its place."""
    bp.register_error_handler(Moved, errors.of_moved)
    bp.register_error_handler(NotFound, missing)
    bp.register_error_handler(Withdrawn, gone)


def with_lines(page: Answer, around: Surroundings) -> Answer:
    """A page that is remembered, with what its own address adds to its head.

    All other pages have it from `embed/layout.html`. But colours are many, and pages that are
    remembered are few: in these it is put afterwards.
    """
    lines = render_template("embed/lines.html", around=around)
    if not lines:
        return page
    body = page.body.replace(b"</head>", lines.encode() + b"</head>", 1)
    return replace(page, body=body, etag=answers.tag(body))


def policy() -> Policy:
    """Who may keep a page that is not the same on all sites: no cache, since it would give what
    one was shown to another, unless the address itself names the site."""
    return Policy.PAGE if surroundings.SITE in request.args else Policy.NOTHING


def way(found: LetterText, around: Surroundings, *, shown: bool) -> Response:
    """The way to a letter, for a site on which it may not stand.

    Args:
        shown: whether it may be shown there, and only not signed.
    """
    letter = with_count(found)
    with force_locale(closest(found.revision.language)):
        page = answers.html("embed/way.html", letter=letter, shown=shown, around=around)
    return elsewhere.page_on(answers.once(policy(), page))


def missing(_error: NotFound) -> Response:
    """No letter, or none yet: said in a page that may stand where the letter would (404)."""
    with force_locale(closest(request.args.get("lang", "en"))):
        around = surroundings.here()
        return elsewhere.page_on(answers.page("embed/missing.html", status=404, around=around))


def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so on other sites too (410)."""
    language, around = error.read_in(request.args.get("lang")), surroundings.here()
    with force_locale(closest(language)):
        page = answers.page(
            "embed/gone.html", status=410, gone=error, language=language, around=around
        )
    return elsewhere.page_on(page)
