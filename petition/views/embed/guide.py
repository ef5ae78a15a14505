"""What other sites can show of a letter, for their developers."""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from flask_babel import force_locale, gettext

from petition import assets, config, links, public, retention
from petition.badges import LABEL_LENGTH, WIDE_LENGTH, Look
from petition.caching import Answer, Policy
from petition.clock import now
from petition.exceptions import PetitionError
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import embedding, letters
from petition.queries.letters import LetterText
from petition.sources import Via
from petition.views import answers
from petition.views.embed import badge
from petition.views.letters import in_force, with_count

bp = Blueprint("guide", __name__, url_prefix="/embed")

LANGUAGE = "en"
"""Of the page: developers everywhere read it."""


@bp.get("/")
def show() -> Response:
    """Every way to show a letter, each with an example that works as it stands."""
    return answers.shared("", "guide", Policy.PAGE, _guide)


def _guide() -> Answer:
    as_of, found = now(), _sample()
    with force_locale(LANGUAGE):
        return answers.html(
            "embed/guide.html",
            site=links.site(),
            absolute=links.absolute,
            release=assets.RELEASES[-1],
            integrity=assets.integrity(assets.script(assets.RELEASES[-1])),
            label_length=LABEL_LENGTH,
            wide_length=WIDE_LENGTH,
            counts=Policy.COUNT,
            script=Policy.SCRIPT,
            kept_days=retention.SIGHTINGS.days,
            network_days=retention.NETWORKS.days,
            **(_told(found, as_of) if found else {}),
        )


def _sample() -> LetterText | None:
    """The letter that the examples are about: that of the site, or else the newest open one."""
    only = config.current().site_letter
    if not only:
        signable = (each for each in letters.open_letters() if each.letter.paused_at is None)
        return next(signable, None)
    try:
        return in_force(only)
    except PetitionError:
        return None


def _told(found: LetterText, as_of: datetime) -> dict[str, Any]:
    letter = with_count(found)
    blocked = embedding.terms(found.letter).blocked
    return {
        "letter": letter,
        "other": _elsewhere_spoken(letter),
        "numbers": _as_written(public.count(letter, blocked, as_of)),
        "shields": _as_written(badge.for_shields(letter, Look())),
    }


def _elsewhere_spoken(letter: PublicLetter) -> dict[str, str]:
    """The letter in the last of its languages, for examples on a page in that language."""
    language = letter.languages[-1]
    translated = with_count(in_force(letter.slug, language))
    title = translated.title
    with force_locale(closest(language)):
        sign = gettext("%(title)s: read and sign", title=title) if letter.signable else title
    return {"title": title, "sign": sign, "led": translated.via(Via.EMBED)}


def _as_written(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)
