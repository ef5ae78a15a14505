"""Signing, confirming, and what a signer does afterwards."""

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import force_locale, gettext

from petition import config, public, tokens
from petition.actions import confirm as confirming
from petition.actions import manage
from petition.actions import sign as signing
from petition.caching import Answer, Policy
from petition.exceptions import (
    AddressInvalid,
    CodeWrong,
    DecisionConflict,
    LinkBroken,
    LinkExpired,
    NotFound,
)
from petition.forms.signature import CodeForm, SignatureForm
from petition.languages import closest
from petition.queries import letters, signatures
from petition.queries.letters import LetterText
from petition.queries.signatures import SignatureInContext
from petition.tokens import Purpose
from petition.views import answers
from petition.views.letters import context as letter_context
from petition.views.letters import in_force, with_count

bp = Blueprint("signing", __name__)


@bp.post("/letters/<slug>/sign")
def sign(slug: str) -> Response:
    """Take a signature. Whatever the address has done before, the answer is the same."""
    found = in_force(slug)
    with force_locale(closest(found.revision.language)):
        form = SignatureForm()
        if not form.validate():
            return answers.page("letters/show.html", status=422, **letter_context(found, form))
    if not form.from_robot:
        signing.sign(found.letter, found.revision, _entry(form), request.remote_addr)
    return answers.see(url_for("signing.thanks", slug=slug))


def _entry(form: SignatureForm) -> signing.Entry:
    return signing.Entry(
        name=form.name.data,
        email=form.address,
        affiliation=form.affiliation.data,
        role=form.role.data,
        location=form.location.data,
        comment=form.comment.data,
        show_name=form.show_name.data,
        updates=form.updates.data,
    )


@bp.get("/letters/<slug>/thanks")
def thanks(slug: str) -> Response:
    """What happens next, and a field for the code; the same for everybody."""

    def make() -> Answer:
        found = letters.public_by_slug(slug)
        with force_locale(closest(found.revision.language)):
            return answers.html("signing/thanks.html", **_thanks(found, CodeForm(formdata=None)))

    return answers.shared(slug, "thanks", Policy.PAGE, make)


def _thanks(found: LetterText, form: CodeForm) -> dict[str, Any]:
    return {
        "letter": with_count(found),
        "form": form,
        "sender": config.current().sender,
        "days": Purpose.CONFIRM.age.days,
    }


@bp.post("/letters/<slug>/code")
def code(slug: str) -> Response:
    """Confirm by the code from the mail."""
    found = letters.public_by_slug(slug)
    with force_locale(closest(found.revision.language)):
        form = CodeForm()
        if form.validate():
            try:
                done = confirming.confirm_with_code(
                    found.letter, form.email.data, form.code.data, request.remote_addr
                )
                return _signed(done)
            except AddressInvalid:
                form.email.errors = [gettext("Write an address like name@example.org.")]
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
    try:
        found = signatures.in_context(tokens.read(Purpose.CONFIRM, token))
    except LinkExpired as expired:
        return _expired(expired)
    except (LinkBroken, NotFound):
        return answers.page("signing/broken.html", status=404)
    return _ask(found, token)


def _ask(found: SignatureInContext, token: str, status: int = 200, problem: str = "") -> Response:
    with force_locale(closest(found.signature.language)):
        return answers.page(
            "signing/confirm.html",
            status=status,
            letter=with_count(LetterText(found.letter, found.revision)),
            signer=public.signer(found.signature),
            shown=confirming.fingerprint(found.signature),
            token=token,
            manage=tokens.make(Purpose.SIGNATURE, found.signature.id),
            problem=problem,
        )


def _expired(expired: LinkExpired) -> Response:
    try:
        found = signatures.in_context(expired.subject)
    except NotFound:
        return answers.page("signing/broken.html", status=404)
    with force_locale(closest(found.signature.language)):
        letter = with_count(LetterText(found.letter, found.revision))
        return answers.page("signing/expired.html", status=410, letter=letter)


@bp.post("/confirm/<token>")
def decide(token: str) -> Response:
    """Do what the pressed button says; without a button, nothing."""
    try:
        return _decide(tokens.read(Purpose.CONFIRM, token), token)
    except LinkExpired as expired:
        return _expired(expired)
    except (LinkBroken, NotFound):
        return answers.page("signing/broken.html", status=404)


def _decide(signature_id: int, token: str) -> Response:
    match request.form.get("decision"):
        case "confirm":
            return _confirm(signature_id, token)
        case "not-me":
            slug = manage.disown(signature_id, request.remote_addr)
            return answers.see(url_for("signing.disowned", slug=slug))
    found = signatures.in_context(signature_id)
    return _ask(found, token, 400, gettext("Press one of the two buttons below."))


def _confirm(signature_id: int, token: str) -> Response:
    shown = request.form.get("shown")
    try:
        return _signed(confirming.confirm(signature_id, request.remote_addr, shown))
    except DecisionConflict:
        return _ask(
            signatures.in_context(signature_id),
            token,
            409,
            gettext("What you typed has been changed since. Read it once more before you confirm."),
        )


SIGNED_COOKIE = "signed"


def _signed(done: confirming.Confirmed) -> Response:
    """Go on at an address without a token; a short-lived cookie says who just signed."""
    response = answers.see(url_for("signing.signed", slug=done.slug))
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


@bp.get("/letters/<slug>/signed")
def signed(slug: str) -> Response:
    """The signer's own name, counted; without the cookie, the same in general words."""
    found = letters.public_by_slug(slug)
    signer = None
    try:
        token = request.cookies.get(SIGNED_COOKIE, "")
        own = signatures.in_context(tokens.read(Purpose.SIGNED, token))
        if own.letter.id == found.letter.id:
            signer = public.signer(own.signature)
    except (LinkBroken, LinkExpired, NotFound):
        pass
    with force_locale(closest(found.revision.language)):
        return answers.page("signing/signed.html", letter=with_count(found), signer=signer)


@bp.get("/letters/<slug>/disowned")
def disowned(slug: str) -> Response:
    """What was typed is deleted, and no more mail will come."""
    return _farewell(slug, "signing/disowned.html")


@bp.get("/letters/<slug>/withdrawn")
def withdrawn(slug: str) -> Response:
    """The signature is taken back."""
    return _farewell(slug, "signing/withdrawn.html")


def _farewell(slug: str, template: str) -> Response:
    def make() -> Answer:
        found = letters.public_by_slug(slug)
        with force_locale(closest(found.revision.language)):
            return answers.html(template, letter=with_count(found))

    return answers.shared(slug, template, Policy.PAGE, make)


@bp.get("/signature/<token>")
def signature(token: str) -> Response:
    """The signer's own page."""
    try:
        found = signatures.in_context(tokens.read(Purpose.SIGNATURE, token))
    except LinkExpired as expired:
        return _expired(expired)
    except (LinkBroken, NotFound):
        return answers.page("signing/broken.html", status=404)
    return _own(found, token)


def _own(found: SignatureInContext, token: str, status: int = 200) -> Response:
    with force_locale(closest(found.signature.language)):
        return answers.page(
            "signing/signature.html",
            status=status,
            letter=with_count(LetterText(found.letter, found.revision)),
            signer=public.signer(found.signature),
            token=token,
        )


@bp.post("/signature/<token>")
def change(token: str) -> Response:
    """Do what the pressed button says: show, hide, or withdraw."""
    try:
        signature_id = tokens.read(Purpose.SIGNATURE, token)
        found = signatures.in_context(signature_id)
    except LinkExpired as expired:
        return _expired(expired)
    except (LinkBroken, NotFound):
        return answers.page("signing/broken.html", status=404)
    decision = request.form.get("decision")
    if decision == "withdraw":
        slug = manage.withdraw(signature_id, request.remote_addr)
        return answers.see(url_for("signing.withdrawn", slug=slug))
    if decision not in {"show", "hide"}:
        return _own(found, token, 400)
    manage.show_name(signature_id, decision == "show", request.remote_addr)
    return answers.see(url_for("signing.signature", token=token))
