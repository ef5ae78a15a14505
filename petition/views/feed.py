"""What happens to a letter, for programs that follow it (Atom, RFC 4287)."""

from flask import Blueprint, Response
from flask_babel import force_locale

from petition import events, links
from petition.caching import Answer, Policy
from petition.languages import closest
from petition.queries import milestones, revisions
from petition.views import answers
from petition.views.embed import elsewhere
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("feed", __name__)
elsewhere.readable_by_programs(bp)

MOST = 50
"""Events that are told, the latest."""


@bp.get("/letters/<slug:slug>/feed.atom")
def show(slug: str) -> Response:
    """Its opening, its texts, its milestones, its end."""
    language = wanted_language(slug)
    return answers.shared(slug, f"feed.{language}", Policy.PAGE, lambda: _feed(slug, language))


def _feed(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    row, letter = found.letter, with_count(found)
    texts, reached = revisions.of_letter(row.id), milestones.latest(row.id, MOST)
    with force_locale(closest(letter.language)):
        return answers.xml(
            "feed/atom.xml",
            "application/atom+xml",
            letter=letter,
            events=events.of_letter(letter, row, texts, reached, MOST),
            id=links.tag_uri(row.created_at.date(), "letter", row.id, *filter(None, [letter.lang])),
            here=links.absolute("feed.show", slug=letter.slug, lang=letter.lang),
        )
