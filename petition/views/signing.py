"""Signing, confirming, and what a signer does afterwards."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, current_app, request, url_for
from flask_babel import force_locale, lazy_gettext

from petition import public, tokens
from petition.actions import confirm as confirming
from petition.actions import manage, puzzles
from petition.actions import sign as signing
from petition.actions.fingerprint import fingerprint
from petition.caching import Answer, Policy
from petition.exceptions import (
    DecisionConflict,
    LetterClosed,
    LetterPaused,
    LinkBroken,
    LinkExpired,
    NotFound,
    Withdrawn,
    WordsChanged,
)
from petition.forms.signature import CodeForm, SignatureForm
from petition.languages import closest
from petition.public import OwnSignature, PublicLetter
from petition.queries import letters
from petition.queries.letters import LetterText
from petition.queries.signatures import SignatureInContext
from petition.tokens import Purpose
from petition.views import answers, mailed, taking, written_to
from petition.views.answers import Response
from petition.views.letters import context as letter_context
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("signing", __name__)
mailed.register(bp)


@bp.post("/letters/<slug:slug>/sign")
def sign(slug: str) -> Response:
    """Take a signature. Whatever the address has done before, the answer is the same."""
    found = in_force(slug, wanted_language(slug))
    return taking.signature(found, partial(_thanked, slug), partial(_form_again, found))


def _thanked(slug: str, form: SignatureForm) -> Response:
    response = answers.see(url_for("signing.thanks", slug=slug, lang=wanted_language(slug)))
    written_to.remember(response, slug, form.email.data)
    return response


def _form_again(found: LetterText, form: SignatureForm, status: int) -> Response:
    return answers.page("letters/show.html", status=status, **letter_context(found, form))


@bp.get("/letters/<slug:slug>/puzzle")
def puzzle(slug: str) -> Response:
    """A proof of work for the page's script to do, while the letter can be signed."""
    found = in_force(slug)
    signing.must_be_open(found.letter)
    return answers.json(puzzles.make(found.letter, request.remote_addr))


@bp.get("/letters/<slug:slug>/sign")
def back_to_form(slug: str) -> Response:
    """Who reloads the page of their mistakes by its address comes back to the form."""
    return answers.see(
        url_for("letters.show", slug=slug, lang=request.args.get("lang"), _anchor="sign")
    )


@bp.get("/letters/<slug:slug>/thanks")
def thanks(slug: str) -> Response:
    """What happens next, where the mail went, and a field for the code."""
    found = taking.confirmable(slug)
    with force_locale(closest(found.revision.language)):
        form = CodeForm(formdata=None, email=written_to.address())
        return _thanks(found, form)


def _thanks(found: LetterText, form: CodeForm, status: int = 200) -> Response:
    context = taking.to_confirm(found, form, written_to.address())
    return answers.page("signing/thanks.html", status=status, **context)


@bp.get("/letters/<slug:slug>/code")
def back_to_code(slug: str) -> Response:
    """Who reloads the page of a wrong code by its address comes back to the field."""
    return answers.see(url_for("signing.thanks", slug=slug, lang=request.args.get("lang")))


@bp.post("/letters/<slug:slug>/code")
def code(slug: str) -> Response:
    """Confirm by the code from the mail."""
    found = taking.confirmable(slug)
    with force_locale(closest(found.revision.language)):
        form = CodeForm(request.form)
        try:
            done = taking.confirmed(found, form)
        except WordsChanged as changed:
            return _ask_again(changed.signature_id)
        return _signed(done) if done else _thanks(found, form, 422)


@bp.get("/confirm/<token>")
def confirm(token: str) -> Response:
    """Show what would be published. Whoever opens the link, nothing happens by it."""
    return _ask(mailed.behind(Purpose.CONFIRM, token))


@bp.errorhandler(LetterClosed)
def closed(_error: LetterClosed) -> Response:
    """Who came too late to sign can still read the letter, and copy what they typed (410)."""
    return _refusal("signing/closed.html", 410)


@bp.errorhandler(LetterPaused)
def paused(_error: LetterPaused) -> Response:
    """Who comes while nobody can sign reads why, and can still read the letter and copy what they
    typed (403)."""
    return _refusal("signing/paused.html", 403)


def _refusal(template: str, status: int) -> Response:
    """Why nothing was taken, with what was typed."""
    slug = (request.view_args or {})["slug"]
    found = in_force(slug, wanted_language(slug))
    with force_locale(closest(found.revision.language)):
        return answers.page(
            template, status=status, letter=with_count(found), unsent=taking.typed(found)
        )


def _ask(found: SignatureInContext, status: int = 200, problem: str = "") -> Response:
    signature, letter = found.signature, mailed.letter_of(found)
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
            **mailed.newer(found),
        )


def _ask_again(signature_id: int) -> Response:
    """What waits is not what was shown before: show it, and ask once more."""
    return _ask(
        mailed.look(signature_id),
        409,
        lazy_gettext(
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
        return _confirm(tokens.read(Purpose.CONFIRM, token), number_shown())
    found = mailed.behind(Purpose.CONFIRM, token)
    if decision == "not-me":
        return leave(manage.disown, found, "signing.disowned")
    return _ask(found, 400, lazy_gettext("Press one of the two buttons below."))


def number_shown() -> int:
    """The number of the newer text that was shown; one that no text has, where none was."""
    return request.form.get("number", -1, type=int)


def _confirm(signature_id: int, number: int | None = None) -> Response:
    shown = request.form.get("shown")
    try:
        return _signed(confirming.confirm(signature_id, request.remote_addr, shown, number))
    except DecisionConflict:
        return _ask_again(signature_id)
    except NotFound:
        return _ask(mailed.look(signature_id), 409)
    except LetterClosed:
        return _ask(mailed.look(signature_id), 410)


def leave(
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
    response = answers.see(url_for(farewell, slug=slug, lang=mailed.letter_of(found).lang))
    response.delete_cookie(SIGNED_COOKIE, path=url_for("signing.signed", slug=slug))
    written_to.forget(response, slug)
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
    written_to.forget(response, done.slug)
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
        own = mailed.behind(Purpose.SIGNED, request.cookies.get(SIGNED_COOKIE, ""))
    except (LinkBroken, LinkExpired):
        return None
    signer = public.signer(own.signature, letter)
    return signer if signer.standing and own.letter.id == found.letter.id else None


@bp.get("/letters/<slug:slug>/disowned")
def disowned(slug: str) -> Response:
    """What was typed is deleted, and no more mail will come."""
    return _farewell(slug, "signing/disowned.html")


@bp.get("/letters/<slug:slug>/erased")
def erased(slug: str) -> Response:
    """Nothing is left of who signed."""
    return _farewell(slug, "signing/erased.html")


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
