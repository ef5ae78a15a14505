"""The texts that a letter was published with: all of them, and what was changed between two."""

from flask import Blueprint, Response
from flask_babel import force_locale

from petition import difference, public
from petition.caching import Answer, Policy
from petition.languages import closest
from petition.queries import revisions
from petition.queries.drafts import Text
from petition.views import answers
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("revisions", __name__)


@bp.get("/letters/<slug:slug>/revisions")
def index(slug: str) -> Response:
    """Every text of a letter, newest first."""
    language = wanted_language(slug)
    return answers.shared(
        slug, f"revisions.{language}", Policy.PAGE, lambda: _index(slug, language)
    )


def _index(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    all_of_them = revisions.of_letter(found.letter.id)
    with force_locale(closest(found.revision.language)):
        return answers.html(
            "revisions/index.html",
            letter=with_count(found),
            revisions=[public.revision(each) for each in all_of_them],
        )


@bp.get("/letters/<slug:slug>/revisions/<number:number>")
def show(slug: str, number: int) -> Response:
    """One text, and what was changed in it since the one before.

    It is not remembered: there are many, and few who ask.
    """
    found = in_force(slug, wanted_language(slug))
    succession = revisions.by_number(found.letter.id, number)
    said, before = Text.of(succession.revision), succession.before
    with force_locale(closest(found.revision.language)):
        return answers.once(
            Policy.PAGE,
            answers.html(
                "revisions/show.html",
                letter=with_count(found),
                revision=public.revision(succession.revision),
                before=public.revision(before) if before else None,
                html=succession.revision.html,
                differs=difference.between(Text.of(before).readable, said.readable)
                if before
                else None,
            ),
        )


@bp.get("/letters/<slug:slug>/revisions/<number:number>/text")
def text(slug: str, number: int) -> Response:
    """The exact text, as a file whose SHA-256 is the hash that stands under the letter."""
    found = in_force(slug)
    body = Text.of(revisions.by_number(found.letter.id, number).revision).exact.encode()
    return answers.once(Policy.PAGE, Answer(body, "text/plain", answers.tag(body)))
