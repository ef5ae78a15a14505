"""What a mailed link leads to: a signature and its letter, or a page that says why not."""

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import force_locale

from petition import difference, public, tokens
from petition.exceptions import LinkBroken, LinkExpired, NotFound
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import revisions, signatures
from petition.queries.drafts import Text
from petition.queries.letters import LetterText
from petition.queries.signatures import SignatureInContext
from petition.tokens import Purpose
from petition.views import answers
from petition.views.letters import with_count


def register(bp: Blueprint) -> None:
    """Let links that lead nowhere be answered with pages of their own."""
    bp.register_error_handler(LinkBroken, broken)
    bp.register_error_handler(LinkExpired, expired)


def behind(purpose: Purpose, token: str) -> SignatureInContext:
    """The signature that a mailed link leads to.

    Raises:
        LinkBroken: it leads nowhere, or to what was deleted or made anonymous.
        LinkExpired: it is too old.
    """
    return look(tokens.read(purpose, token))


def look(signature_id: int) -> SignatureInContext:
    """A signature in its context. Raises `LinkBroken` where it was deleted or made anonymous."""
    try:
        found = signatures.in_context(signature_id)
    except NotFound:
        raise LinkBroken from None
    if found.letter.anonymous_at is not None:
        raise LinkBroken
    return found


def broken(_error: LinkBroken) -> Response:
    """A link that leads nowhere gets a page that says what may have happened."""
    with force_locale(readers_language()):
        return answers.page("signing/broken.html", status=404)


def readers_language() -> str:
    """What the reader's browser asks for: behind a link that leads nowhere no letter's is known."""
    return closest(*request.accept_languages.values())


def expired(error: LinkExpired) -> Response:
    """A link that is too old says how to get another."""
    try:
        found = signatures.in_context(error.subject)
    except NotFound:
        return broken(LinkBroken())
    with force_locale(closest(found.signature.language)):
        return answers.page("signing/expired.html", status=410, letter=letter_of(found))


def letter_of(found: SignatureInContext) -> PublicLetter:
    """The letter that a signature stands under, in the text that was signed."""
    return with_count(LetterText(found.letter, found.revision))


def newer(found: SignatureInContext) -> dict[str, Any]:
    """The text that took the place of the one somebody signed, where it says something else."""
    if found.revision.edition == found.letter.edition:
        return {"newer": None}
    newest = revisions.newer_edition(found.revision)
    if newest is None:
        return {"newer": None}
    before, after = Text.of(found.revision).readable, Text.of(newest).readable
    return {
        "newer": public.revision(newest),
        "changes": [public.revision(each) for each in revisions.changes_since(found.revision)],
        "differs": difference.between(before, after),
    }
