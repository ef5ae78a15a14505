"""How the count of a letter is made: what is in it, what is not, and why."""

from flask import Blueprint, Response
from flask_babel import force_locale

from petition import public
from petition.caching import Answer, Policy
from petition.clock import now
from petition.languages import closest
from petition.public import Composition, PublicLetter
from petition.queries import composition, tallies
from petition.views import answers
from petition.views.letters import in_force, wanted_language

bp = Blueprint("composition", __name__, url_prefix="/letters/<slug:slug>")


@bp.get("/count")
def show(slug: str) -> Response:
    """The numbers, with what they mean."""
    language = wanted_language(slug)
    return answers.shared(
        slug, f"composition.{language}", Policy.PAGE, lambda: _page(slug, language)
    )


def _page(slug: str, language: str | None) -> Answer:
    letter, made_of = _composed(slug, language)
    with force_locale(closest(letter.language)):
        return answers.html(
            "composition/show.html",
            letter=letter,
            made_of=made_of,
            as_of=now().replace(second=0, microsecond=0),
        )


@bp.get("/count.json")
def numbers(slug: str) -> Response:
    """The same for a program."""
    language = wanted_language(slug)
    return answers.shared(
        slug, f"composition.json.{language}", Policy.COUNT, lambda: _numbers(slug, language)
    )


def _numbers(slug: str, language: str | None) -> Answer:
    letter, made_of = _composed(slug, language)
    told = public.composed(letter, made_of) | {"as_of": public.instant(now())}
    return answers.numbers(told, letter.changes_at)


def _composed(slug: str, language: str | None) -> tuple[PublicLetter, Composition]:
    found = in_force(slug, language)
    counts = tallies.of_letter(found.letter.id)
    parts = composition.of_letter(found.letter)
    made_of = public.composition(
        found.letter,
        counts,
        hidden=parts.hidden,
        most_hidden=composition.MOST_HIDDEN,
        invented=parts.invented,
        most_invented=composition.MOST_INVENTED,
        removed=parts.removed,
        invalidations=parts.invalidations,
        team_reasons=parts.reasons,
        language=found.revision.language,
    )
    return public.letter(found.letter, found.revision, counts), made_of
