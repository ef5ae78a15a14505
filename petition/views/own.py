"""The signer's own page, by the link that was mailed to them."""

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale, gettext

from petition import public
from petition.actions import confirm as confirming
from petition.actions import manage, sign_again
from petition.exceptions import DecisionConflict, LetterClosed, NotFound
from petition.forms.signature import WordsForm, correction_of
from petition.languages import closest
from petition.queries.signatures import SignatureInContext
from petition.tokens import Purpose
from petition.views import answers, mailed, signing

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
) -> Response:
    letter = mailed.letter_of(found)
    with force_locale(closest(found.signature.language)):
        return answers.page(
            "own/show.html",
            status=status,
            letter=letter,
            signer=public.signer(found.signature, letter),
            form=form or correction_of(found.signature, found.letter),
            token=token,
            late=confirming.too_late(found.letter),
            problem=problem,
            **mailed.newer(found),
        )


@bp.post("/signature/<token>")
def change(token: str) -> Response:
    """Do what the pressed button says."""
    found = mailed.behind(Purpose.SIGNATURE, token)
    match request.form.get("decision"):
        case "withdraw":
            return signing.leave(manage.withdraw, found, "signing.withdrawn")
        case "show" | "hide" as decision:
            manage.show_name(found.signature.id, decision == "show", request.remote_addr)
            return answers.see(url_for("own.show", token=token))
        case "updates" | "no-updates" as decision:
            manage.send_updates(found.signature.id, decision == "updates", request.remote_addr)
            return answers.see(url_for("own.show", token=token))
        case "correct":
            return _correct(found, token)
        case "sign-new":
            return _sign_new(found, token)
    return _own(found, token, 400)


def _correct(found: SignatureInContext, token: str) -> Response:
    with force_locale(closest(found.signature.language)):
        form = correction_of(found.signature, found.letter, request.form)
        if not form.validate():
            return _own(found, token, 422, form=form)
    given = {question.key: field.data for question, field in form.own}
    try:
        manage.correct(found.signature.id, form.words, given, request.remote_addr)
    except NotFound:
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 409)
    return answers.see(url_for("own.show", token=token, done="corrected"))


def _sign_new(found: SignatureInContext, token: str) -> Response:
    try:
        sign_again.sign_new(found.signature.id, signing.number_shown(), request.remote_addr)
    except DecisionConflict:
        problem = gettext("The letter was changed once more. This is what was changed since.")
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 409, problem)
    except NotFound:
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 409)
    except LetterClosed:
        return _own(mailed.behind(Purpose.SIGNATURE, token), token, 410)
    return answers.see(url_for("own.show", token=token, done="signed"))
