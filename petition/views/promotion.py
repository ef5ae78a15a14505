"""What organizers make a letter known with, and hand it over with."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, request, stream_with_context, url_for
from flask_babel import force_locale
from flask_login import login_required

from petition import links, public
from petition.caching import Answer, Policy
from petition.clock import now
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import cards, revisions, signatures, tallies
from petition.queries.letters import OwnLetter
from petition.views import answers
from petition.views.letters import other_texts, with_changes
from petition.views.own_letter import own_letter
from petition.views.sharing import qr_code

bp = Blueprint("promotion", __name__, url_prefix="/organize")


@bp.get("/letters/<slug:slug>/share")
@login_required
def share(slug: str) -> Response:
    """The addresses, the picture, the poster, the copy, and what other sites put in."""
    own = own_letter(slug)
    letter = _public(own)
    return answers.page(
        "promotion/share.html",
        letter=letter,
        role=own.role,
        drawn=cards.drawn(own.letter.id),
        code=qr_code(letter.via("poster")),
        frame=links.absolute("embed.frame", slug=letter.slug),
        badge=links.absolute("embed.badge", slug=letter.slug),
        count=links.absolute("embed.count", slug=letter.slug),
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


@bp.get("/letters/<slug:slug>/copy")
@login_required
def copy(slug: str) -> Response:
    """The letter as it is handed over, with all the names that may be, however many."""
    own = _in_wanted_language(slug)
    letter = public.listed(with_changes(own))
    return Response(stream_with_context(_copy(own, letter)), mimetype="text/html")


def _copy(own: OwnLetter, letter: PublicLetter) -> Iterator[str]:
    """Where the names are handed to the addressee, those of whoever agreed to that; elsewhere,
    the names of the public list."""
    others = other_texts(own)
    if letter.hands_over:
        first = signatures.leading_handed(own.letter.id)
        leading = [public.handed(each, letter, others) for each in first]
        names = (
            public.handed(each, letter, others)
            for batch in signatures.handed_in_batches(own.letter.id)
            for each in batch
        )
    else:
        leading = public.names(signatures.leading(own.letter.id), letter, others)
        names = (
            name
            for batch in signatures.in_batches(own.letter.id)
            for name in public.names(batch, letter, others)
        )
    with force_locale(closest(letter.language)):
        yield from answers.streamed(
            "sharing/copy.html",
            letter=letter,
            leading=leading,
            names=names,
            handing=letter.hands_over,
            versions=bool(others),
            most=None,
            as_of=now(),
            back=url_for("promotion.share", slug=letter.slug),
        )
