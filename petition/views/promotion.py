"""What organizers make a letter known with."""

from dataclasses import replace

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale
from flask_login import login_required

from petition import links, public
from petition.caching import Answer, Policy
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import cards, revisions, tallies
from petition.queries.letters import OwnLetter
from petition.views import answers
from petition.views.own_letter import own_letter
from petition.views.sharing import qr_code

bp = Blueprint("promotion", __name__, url_prefix="/organize")


@bp.get("/letters/<slug:slug>/share")
@login_required
def share(slug: str) -> Response:
    """The addresses, the picture and the poster."""
    own = own_letter(slug)
    letter = _public(own)
    return answers.page(
        "promotion/share.html",
        letter=letter,
        role=own.role,
        drawn=cards.drawn(own.letter.id),
        code=qr_code(letter.via("poster")),
        feed=links.absolute("feed.show", slug=slug),
    )


def _in_wanted_language(slug: str) -> OwnLetter:
    """The letter with its text in the language that the address asks for, or in its own."""
    own, language = own_letter(slug), request.args.get("lang", "")
    text = revisions.newest(own.letter.id, language)
    return replace(own, revision=text) if text else own


def _public(own: OwnLetter) -> PublicLetter:
    return public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id))


@bp.get("/letters/<slug:slug>/card.png")
@login_required
def card(slug: str) -> Response:
    """The picture beside a shared link, before the letter is public too."""
    own = _in_wanted_language(slug)
    newest = cards.newest(own.letter.id, own.revision.language)
    return answers.once(Policy.NOTHING, Answer(newest.png, "image/png", newest.tag))


@bp.get("/letters/<slug:slug>/poster")
@login_required
def poster(slug: str) -> Response:
    """The poster, to be printed before the letter is public too."""
    letter = public.opened(_public(_in_wanted_language(slug)))
    with force_locale(closest(letter.language)):
        return answers.page(
            "sharing/poster.html",
            letter=letter,
            code=qr_code(letter.via("poster")),
            back=url_for("promotion.share", slug=slug),
        )
