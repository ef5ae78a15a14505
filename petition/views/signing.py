"""Signing, confirming, and what a signer does afterwards."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import force_locale, gettext

from petition import config, difference, public, tokens
from petition.actions import confirm as confirming
from petition.actions import manage, sign_again
from petition.actions import sign as signing
from petition.actions.fingerprint import fingerprint
from petition.caching import Answer, Policy
from petition.exceptions import (
    AddressInvalid,
    CodeWrong,
    DecisionConflict,
    LetterClosed,
    LinkBroken,
    LinkExpired,
    NotFound,
    Withdrawn,
    WordsChanged,
)
from petition.forms.signature import CodeForm, SignatureForm, WordsForm, correction_of, form_for
from petition.languages import closest
from petition.public import OwnSignature, PublicLetter
from petition.queries import letters, revisions, signatures
from petition.queries.drafts import Text
from petition.queries.letters import LetterText
from petition.queries.signatures import SignatureInContext
from petition.tokens import Purpose
from petition.views import answers
from petition.views.letters import context as letter_context
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("signing", __name__)


@bp.post("/letters/<slug:slug>/sign")
def sign(slug: str) -> Response:
    """Take a signature. Whatever the address has done before, the answer is the same."""
    found = in_force(slug, wanted_language(slug))
    signing.must_be_open(found.letter)
    with force_locale(closest(found.revision.language)):
        form = form_for(found.letter, found.revision.language)(request.form)
        if not form.validate_against(found.revision.number):
            signing.count_failure(request.remote_addr)
            return answers.page("letters/show.html", status=422, **letter_context(found, form))
    if not form.from_robot:
        signing.sign(found.letter, found.revision, _entry(form), request.remote_addr)
    return answers.see(url_for("signing.thanks", slug=slug, lang=wanted_language(slug)))


def _entry(form: SignatureForm) -> signing.Entry:
    return signing.Entry(
        name=form.name.data,
        email=form.address,
        affiliation=form.said("affiliation"),
        role=form.said("role"),
        location=form.said("location"),
        comment=form.said("comment"),
        show_name=form.shows_name,
        updates=form.updates.data,
        answers=form.answers,
    )


@bp.get("/letters/<slug:slug>/sign")
def back_to_form(slug: str) -> Response:
    """Who reloads the page of their mistakes by its address comes back to the form."""
    return answers.see(
        url_for("letters.show", slug=slug, lang=request.args.get("lang"), _anchor="sign")
    )


@bp.get("/letters/<slug:slug>/thanks")
def thanks(slug: str) -> Response:
    """What happens next, and a field for the code; the same for everybody."""

    language = wanted_language(slug)

    def make() -> Answer:
        found = in_force(slug, language)
        with force_locale(closest(found.revision.language)):
            return answers.html("signing/thanks.html", **_thanks(found, CodeForm(formdata=None)))

    return answers.shared(slug, f"thanks.{language}", Policy.PAGE, make)


def _thanks(found: LetterText, form: CodeForm) -> dict[str, Any]:
    return {
        "letter": with_count(found),
        "form": form,
        "sender": config.current().sender,
        "days": Purpose.CONFIRM.age.days,
    }


@bp.get("/letters/<slug:slug>/code")
def back_to_code(slug: str) -> Response:
    """Who reloads the page of a wrong code by its address comes back to the field."""
    return answers.see(url_for("signing.thanks", slug=slug, lang=request.args.get("lang")))


@bp.post("/letters/<slug:slug>/code")
def code(slug: str) -> Response:
    """Confirm by the code from the mail."""
    found = in_force(slug, wanted_language(slug))
    with force_locale(closest(found.revision.language)):
        form = CodeForm(request.form)
        if form.validate():
            try:
                done = confirming.confirm_with_code(
                    found.letter, form.email.data, form.code.data, request.remote_addr
                )
                return _signed(done)
            except WordsChanged as changed:
                return _ask_again(changed.signature_id)
            except AddressInvalid:
                form.email.errors = [gettext("Write only the address, like name@example.org.")]
            except CodeWrong:
                form.code.errors = [
                    gettext(
                        "This code does not fit this address. Look for the newest mail from us, "
                        "or sign again to get another."
                    )
                ]
        return answers.page("signing/thanks.html", status=422, **_thanks(found, form))


@bp.get("/confirm/<token>")
def confirm(token: str) -> Response:
    """Show what would be published. Whoever opens the link, nothing happens by it."""
    return _ask(_behind(Purpose.CONFIRM, token))


def _behind(purpose: Purpose, token: str) -> SignatureInContext:
    """The signature that a mailed link leads to.

    Raises:
        LinkBroken: it leads nowhere, or to what was deleted.
        LinkExpired: it is too old.
    """
    return _look(tokens.read(purpose, token))


def _look(signature_id: int) -> SignatureInContext:
    try:
        return signatures.in_context(signature_id)
    except NotFound:
        raise LinkBroken from None


@bp.errorhandler(LinkBroken)
def broken(_error: LinkBroken) -> Response:
    """A link that leads nowhere gets a page that says what may have happened."""
    return answers.page("signing/broken.html", status=404)


@bp.errorhandler(LinkExpired)
def expired(error: LinkExpired) -> Response:
    """A link that is too old says how to get another."""
    try:
        found = signatures.in_context(error.subject)
    except NotFound:
        return answers.page("signing/broken.html", status=404)
    with force_locale(closest(found.signature.language)):
        return answers.page("signing/expired.html", status=410, letter=_letter(found))


@bp.errorhandler(LetterClosed)
def closed(_error: LetterClosed) -> Response:
    """Who came too late to sign can still read the letter."""
    given = request.view_args or {}
    found = in_force(given["slug"], wanted_language(given["slug"]))
    with force_locale(closest(found.revision.language)):
        return answers.page("signing/closed.html", status=410, letter=with_count(found))


def _letter(found: SignatureInContext) -> PublicLetter:
    return with_count(LetterText(found.letter, found.revision))


def _newer(found: SignatureInContext) -> dict[str, Any]:
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


def _ask(found: SignatureInContext, status: int = 200, problem: str = "") -> Response:
    signature, letter = found.signature, _letter(found)
    token = tokens.make(Purpose.CONFIRM, signature.id)
    with force_locale(closest(signature.language)):
        return answers.page(
            "signing/confirm.html",
            status=status,
            letter=letter,
            signer=public.signer(signature, letter),
            shown=fingerprint(signature, signature.revision_id),
            action=url_for("signing.confirm", token=token),
            manage=tokens.make(Purpose.SIGNATURE, signature.id),
            too_late=confirming.too_late(found.letter),
            kept=found.letter,
            days=Purpose.CONFIRM.age.days,
            until=confirming.last_moment(found.letter),
            problem=problem,
            **_newer(found),
        )


def _ask_again(signature_id: int) -> Response:
    """What waits is not what was shown before: show it, and ask once more."""
    return _ask(
        _look(signature_id),
        409,
        gettext(
            "Somebody, perhaps you in another window, has typed something else since. "
            "This is what would be published."
        ),
    )


@bp.post("/confirm/<token>")
def decide(token: str) -> Response:
    """Do what the pressed button says; without a button, nothing."""
    decision = request.form.get("decision")
    if decision == "confirm":
        # Thousands press it at once: what stands there is looked at once, by the action.
        return _confirm(tokens.read(Purpose.CONFIRM, token))
    if decision == "confirm-new":
        return _confirm(tokens.read(Purpose.CONFIRM, token), _number())
    found = _behind(Purpose.CONFIRM, token)
    if decision == "not-me":
        return _leave(manage.disown, found, "signing.disowned")
    return _ask(found, 400, gettext("Press one of the two buttons below."))


def _number() -> int:
    """The number of the newer text that was shown; one that no text has, where none was."""
    return request.form.get("number", -1, type=int)


def _confirm(signature_id: int, number: int | None = None) -> Response:
    shown = request.form.get("shown")
    try:
        return _signed(confirming.confirm(signature_id, request.remote_addr, shown, number))
    except DecisionConflict:
        return _ask_again(signature_id)
    except NotFound:
        return _ask(_look(signature_id), 409)
    except LetterClosed:
        return _ask(_look(signature_id), 410)


def _leave(
    action: Callable[[int, str | None], None], found: SignatureInContext, farewell: str
) -> Response:
    """Do what ends a signature, and forget in this browser that it was made."""
    slug = found.letter.slug
    try:
        action(found.signature.id, request.remote_addr)
    except NotFound:
        raise LinkBroken from None
    try:
        in_force(slug)
    except (NotFound, Withdrawn):
        # Nobody else may look at this letter now, so the words have no address of their own.
        with force_locale(closest(found.signature.language)):
            return answers.page(farewell.replace(".", "/") + ".html", letter=None)
    response = answers.see(url_for(farewell, slug=slug, lang=_letter(found).lang))
    response.delete_cookie(SIGNED_COOKIE, path=url_for("signing.signed", slug=slug))
    return response


SIGNED_COOKIE = "signed"


def _signed(done: confirming.Confirmed) -> Response:
    """Go on at an address without a token; a short-lived cookie says who just signed."""
    response = answers.see(url_for("signing.signed", slug=done.slug, lang=done.lang))
    response.set_cookie(
        SIGNED_COOKIE,
        tokens.make(Purpose.SIGNED, done.signature_id),
        max_age=int(Purpose.SIGNED.age.total_seconds()),
        path=url_for("signing.signed", slug=done.slug),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.get("/letters/<slug:slug>/signed")
def signed(slug: str) -> Response:
    """The signer's own name, counted; without the cookie, the same in general words."""
    found = letters.public_by_slug(slug, wanted_language(slug))
    letter = with_count(found)
    with force_locale(closest(found.revision.language)):
        signer = _who_just_signed(found, letter)
        return answers.page("signing/signed.html", letter=letter, signer=signer)


def _who_just_signed(found: LetterText, letter: PublicLetter) -> OwnSignature | None:
    try:
        own = _behind(Purpose.SIGNED, request.cookies.get(SIGNED_COOKIE, ""))
    except (LinkBroken, LinkExpired):
        return None
    signer = public.signer(own.signature, letter)
    return signer if signer.standing and own.letter.id == found.letter.id else None


@bp.get("/letters/<slug:slug>/disowned")
def disowned(slug: str) -> Response:
    """What was typed is deleted, and no more mail will come."""
    return _farewell(slug, "signing/disowned.html")


@bp.get("/letters/<slug:slug>/withdrawn")
def withdrawn(slug: str) -> Response:
    """The signature is taken back."""
    return _farewell(slug, "signing/withdrawn.html")


def _farewell(slug: str, template: str) -> Response:
    language = wanted_language(slug)

    def make() -> Answer:
        found = in_force(slug, language)
        with force_locale(closest(found.revision.language)):
            return answers.html(template, letter=with_count(found))

    return answers.shared(slug, f"{template}.{language}", Policy.PAGE, make)


@bp.get("/signature/<token>")
def signature(token: str) -> Response:
    """The signer's own page."""
    return _own(_behind(Purpose.SIGNATURE, token), token)


def _own(
    found: SignatureInContext,
    token: str,
    status: int = 200,
    problem: str = "",
    form: WordsForm | None = None,
) -> Response:
    letter = _letter(found)
    with force_locale(closest(found.signature.language)):
        return answers.page(
            "signing/signature.html",
            status=status,
            letter=letter,
            signer=public.signer(found.signature, letter),
            form=form or correction_of(found.signature, found.letter),
            token=token,
            late=confirming.too_late(found.letter),
            problem=problem,
            **_newer(found),
        )


@bp.post("/signature/<token>")
def change(token: str) -> Response:
    """Do what the pressed button says."""
    found = _behind(Purpose.SIGNATURE, token)
    match request.form.get("decision"):
        case "withdraw":
            return _leave(manage.withdraw, found, "signing.withdrawn")
        case "show" | "hide" as decision:
            manage.show_name(found.signature.id, decision == "show", request.remote_addr)
            return answers.see(url_for("signing.signature", token=token))
        case "updates" | "no-updates" as decision:
            manage.send_updates(found.signature.id, decision == "updates", request.remote_addr)
            return answers.see(url_for("signing.signature", token=token))
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
        return _own(_behind(Purpose.SIGNATURE, token), token, 409)
    return answers.see(url_for("signing.signature", token=token, done="corrected"))


def _sign_new(found: SignatureInContext, token: str) -> Response:
    try:
        sign_again.sign_new(found.signature.id, _number(), request.remote_addr)
    except DecisionConflict:
        problem = gettext("The letter was changed once more. This is what was changed since.")
        return _own(_behind(Purpose.SIGNATURE, token), token, 409, problem)
    except NotFound:
        return _own(_behind(Purpose.SIGNATURE, token), token, 409)
    except LetterClosed:
        return _own(_behind(Purpose.SIGNATURE, token), token, 410)
    return answers.see(url_for("signing.signature", token=token, done="signed"))
