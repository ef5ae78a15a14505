"""The page of somebody who is asked to sign first, before the letter is public."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale, gettext

from petition import public, tokens
from petition.actions import launch
from petition.actions.launch import FirstEntry
from petition.exceptions import (
    DecisionConflict,
    LetterClosed,
    LinkBroken,
    LinkExpired,
    NotFound,
)
from petition.forms.first import FirstForm
from petition.languages import closest
from petition.queries import signatories
from petition.queries.letters import LetterText
from petition.queries.signatories import AskedFirstInContext
from petition.tokens import Purpose
from petition.views import answers, mailed
from petition.views.letters import other_texts, with_changes

bp = Blueprint("first", __name__)


@bp.get("/first/<token>")
def show(token: str) -> Response:
    """The letter, who has signed it so far, and the question. Nothing happens by looking."""
    found = _behind(token)
    return _shown(found, _prefilled(found))


def _behind(token: str) -> AskedFirstInContext:
    """The person that a personal link was mailed to.

    Raises:
        LinkBroken: it leads nowhere, or they are not asked any more.
        LinkExpired: it is too old.
    """
    try:
        return signatories.in_context(tokens.read(Purpose.FIRST, token), _wanted())
    except NotFound:
        raise LinkBroken from None


def _wanted() -> str | None:
    """The language of the letter in which they would rather read and sign."""
    return request.args.get("lang")


def _here(token: str) -> str:
    return url_for("first.show", token=token, lang=_wanted(), _anchor="sign")


def _prefilled(found: AskedFirstInContext) -> FirstForm:
    person = found.signatory
    return FirstForm(
        formdata=None,
        data={
            "name": person.name,
            "title": person.title,
            "affiliation": person.affiliation,
            "pass_on": found.signature is not None and found.signature.pass_on,
            "revision": found.revision.number,
        },
    )


def _shown(
    found: AskedFirstInContext, form: FirstForm, problem: str = "", status: int = 200
) -> Response:
    with force_locale(closest(found.revision.language)):
        return answers.page(
            "first/show.html",
            status=status,
            form=form,
            problem=problem,
            may_be_signed=launch.may_be_signed(found.letter),
            **_context(found),
        )


def _context(found: AskedFirstInContext) -> dict[str, Any]:
    text = LetterText(found.letter, found.revision)
    letter, others = public.embargoed(with_changes(text)), other_texts(text)
    signature = found.signature
    asked = signatories.of_letter(found.letter.id)
    return {
        "letter": letter,
        "tongues": found.letter.languages,
        "at": {"endpoint": "first.show"} | (request.view_args or {}),
        "opens_at": found.letter.opens_at,
        "declined": found.signatory.declined_at is not None,
        "signer": public.signer(signature, letter, others) if signature else None,
        "manage": tokens.make(Purpose.SIGNATURE, signature.id) if signature else None,
        "so_far": [
            public.name(each.signature, letter, others)
            for each in asked
            if each.signature and public.signer(each.signature, letter).standing
        ],
    }


@bp.post("/first/<token>")
def answer(token: str) -> Response:
    """Do what the pressed button says: sign, or decline."""
    found = _behind(token)
    match request.form.get("decision"):
        case "sign":
            return _sign(found, token)
        case "decline":
            launch.decline(found.signatory.id, request.remote_addr)
            return answers.see(_here(token))
    return _shown(found, _prefilled(found), status=400)


def _sign(found: AskedFirstInContext, token: str) -> Response:
    with force_locale(closest(found.revision.language)):
        form = FirstForm(request.form)
        if not form.validate_against(found.revision.number):
            form.revision.data = str(found.revision.number)
            return _shown(found, form, status=422)
    entry = FirstEntry(
        form.name.data, form.title.data, form.affiliation.data, pass_on=form.pass_on.data
    )
    try:
        launch.sign_first(found.signatory.id, found.revision.id, entry, request.remote_addr)
    except LetterClosed:
        return _shown(found, form, status=410)
    return answers.see(_here(token))


@bp.errorhandler(DecisionConflict)
def decided(_error: DecisionConflict) -> Response:
    """What was pressed does not fit how things stand any more."""
    found = _behind((request.view_args or {})["token"])
    with force_locale(closest(found.revision.language)):
        problem = gettext("This cannot be done any more. Here is how things stand now.")
    return _shown(found, _prefilled(found), problem, 409)


@bp.errorhandler(NotFound)
@bp.errorhandler(LinkBroken)
def broken(_error: Exception) -> Response:
    """A link that leads nowhere gets a page that says what may have happened."""
    with force_locale(mailed.readers_language()):
        return answers.page("first/broken.html", status=404)


@bp.errorhandler(LinkExpired)
def expired(error: LinkExpired) -> Response:
    """A link that is too old says so, in its reader's language."""
    language = signatories.language_of(error.subject)
    with force_locale(closest(language or "en")):
        return answers.page("first/broken.html", status=410)
