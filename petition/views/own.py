"""The signer's own page, by the link that was mailed to them."""

import json
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale, gettext, lazy_gettext

from petition import public, reasons
from petition.actions import appeals as appealing
from petition.actions import confirm as confirming
from petition.actions import erase as erasing
from petition.actions import manage, sign_again
from petition.exceptions import (
    AddressOfAnother,
    ChangedTooOften,
    DecisionConflict,
    LetterClosed,
    NoMoreAppeals,
    NotFound,
)
from petition.forms.appeal import AppealForm
from petition.forms.own_link import OwnLinkForm
from petition.forms.signature import WordsForm, correction_of
from petition.languages import closest
from petition.queries import appeals, holdings, teams
from petition.queries.signatures import SignatureInContext
from petition.tokens import Purpose
from petition.views import answers, mailed, signing
from petition.views.holdings import plain

bp = Blueprint("own", __name__)
mailed.register(bp)


@bp.get("/signature/<token>")
def show(token: str) -> Response:
    """The signer's own page."""
    return _own(mailed.behind(Purpose.SIGNATURE, token), token)


def _own(
    found: SignatureInContext,
    token: str,
    status: int = 200,
    problem: str = "",
    form: WordsForm | None = None,
    updates: OwnLinkForm | None = None,
    appeal: AppealForm | None = None,
) -> Response:
    letter = mailed.letter_of(found)
    with force_locale(closest(found.signature.language)):
        return answers.page(
            "own/show.html",
            status=status,
            letter=letter,
            signer=public.signer(found.signature, letter),
            form=form or correction_of(found.signature, found.letter),
            updates=updates or OwnLinkForm(formdata=None),
            unsaved=form if status == 409 else None,
            token=token,
            late=confirming.too_late(found.letter),
            problem=problem,
            # A form goes to the page's own address, which may tell of the press before.
            done=request.args.get("done") if status == 200 else None,
            appeal=appeal or AppealForm(formdata=None),
            **_rejected(found),
            **mailed.newer(found),
        )


def _rejected(found: SignatureInContext) -> dict[str, Any]:
    """Why a signature is rejected, and what its signer wrote about that."""
    signature = found.signature
    if signature.state != "rejected":
        return {}
    known, why = teams.reasons_of(found.letter.team_id), signature.removed_for
    mine = appeals.of(signature.id)
    return {
        "why": reasons.wording(why, known, signature.language) if why else "",
        "since": signature.removed_at,
        "appeals": mine,
        "may_appeal": appealing.may(mine),
        "appeals_left": appealing.MOST - len(mine),
    }


@bp.post("/signature/<token>")
def change(token: str) -> Response:
    """Do what the pressed button says."""
    found = mailed.behind(Purpose.SIGNATURE, token)
    match request.form.get("decision"):
        case "withdraw":
            return signing.leave(manage.withdraw, found, "signing.withdrawn")
        case "erase":
            return signing.leave(erasing.erase, found, "signing.erased")
        case "show" | "initials" | "hide" | "no-updates" | "pass-on" | "no-pass-on" as decision:
            return _switch(found, token, decision)
        case "updates":
            return _ask_updates(found, token)
        case "correct":
            return _correct(found, token)
        case "sign-new":
            return _sign_new(found, token)
        case "appeal":
            return _appeal(found, token)
    return _own(found, token, 400)


def _switch(found: SignatureInContext, token: str, decision: str) -> Response:
    signature_id, visitor = found.signature.id, request.remote_addr
    try:
        match decision:
            case "show" | "initials" | "hide":
                initials = decision == "initials"
                manage.show_name(signature_id, decision != "hide", visitor, initials=initials)
            case "pass-on" | "no-pass-on":
                manage.pass_on(signature_id, decision == "pass-on", visitor)
            case _:
                manage.send_no_updates(signature_id, visitor)
    except ChangedTooOften:
        return _changes_no_more(token)
    except NotFound:
        return _stands_no_more(token)
    return answers.see(url_for("own.show", token=token, done=decision))


def _stands_no_more(token: str, form: WordsForm | None = None) -> Response:
    """What was pressed does not fit how things stand any more; what was typed is still there."""
    found = mailed.behind(Purpose.SIGNATURE, token)
    problem = lazy_gettext("This cannot be done any more. Here is how things stand now.")
    return _own(found, token, 409, problem, form)


def _changes_no_more(token: str, form: WordsForm | None = None) -> Response:
    """Nothing new is agreed to; what was typed is still there."""
    found = mailed.behind(Purpose.SIGNATURE, token)
    problem = lazy_gettext(
        "You have changed this so often that it now stays as it is. "
        "You can still take back what you agreed to, withdraw, or erase everything."
    )
    return _own(found, token, 409, problem, form)


def _ask_updates(found: SignatureInContext, token: str) -> Response:
    """Where the address is not kept any more, it is asked for once more."""
    form = OwnLinkForm(request.form)
    kept = found.signature.email is not None
    with force_locale(closest(found.signature.language)):
        if not kept and not form.validate():
            return _own(found, token, 422, updates=form)
        typed = None if kept else form.address
        try:
            manage.send_updates(found.signature.id, request.remote_addr, typed)
        except AddressOfAnother:
            form.email.errors = [gettext("Write the very address that you signed with.")]
            return _own(found, token, 422, updates=form)
        except ChangedTooOften:
            return _changes_no_more(token)
        except NotFound:
            return _stands_no_more(token)
    return answers.see(url_for("own.show", token=token, done="updates"))


def _correct(found: SignatureInContext, token: str) -> Response:
    with force_locale(closest(found.signature.language)):
        form = correction_of(found.signature, found.letter, request.form)
        if not form.validate():
            return _own(found, token, 422, form=form)
    given = {question.key: field.data for question, field in form.own}
    try:
        manage.correct(found.signature.id, form.words, given, request.remote_addr)
    except ChangedTooOften:
        return _changes_no_more(token, form)
    except (NotFound, DecisionConflict):
        return _stands_no_more(token, form)
    return answers.see(url_for("own.show", token=token, done="corrected"))


def _sign_new(found: SignatureInContext, token: str) -> Response:
    try:
        sign_again.sign_new(found.signature.id, signing.number_shown(), request.remote_addr)
    except DecisionConflict:
        problem = lazy_gettext("The letter was changed once more. This is what was changed since.")
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 409, problem)
    except NotFound:
        return _stands_no_more(token)
    except LetterClosed:
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 410)
    return answers.see(url_for("own.show", token=token, done="signed"))


def _appeal(found: SignatureInContext, token: str) -> Response:
    form = AppealForm(request.form)
    with force_locale(closest(found.signature.language)):
        if not form.validate():
            return _own(found, token, 422, appeal=form)
    try:
        appealing.appeal(found.signature.id, form.appeal.data, request.remote_addr)
    except NoMoreAppeals:
        problem = lazy_gettext("You have written already. This was not sent.")
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 409, problem, appeal=form)
    except NotFound:
        problem = lazy_gettext("This cannot be done any more. Here is how things stand now.")
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 409, problem, appeal=form)
    return answers.see(url_for("own.show", token=token, done="appeal"))


@bp.get("/signature/<token>/data.json")
def download(token: str) -> Response:
    """Everything held about the signer, as a file."""
    found = mailed.behind(Purpose.SIGNATURE, token)
    letter = mailed.letter_of(found)
    with force_locale(closest(found.signature.language)):
        own = public.signer(found.signature, letter)
        held = plain(found, own, letter, holdings.of(found.signature, found.letter))
    response = answers.json(json.dumps(held, ensure_ascii=False, indent=2, default=str))
    name = f"signature-{letter.slug}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
