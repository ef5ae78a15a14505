"""Signing in a frame on another site: the form, what comes after it, and the code.

Nothing is kept in the browser. What was typed may stand in no address either, so each answer to a
form is the next page itself; what the address of a frame says goes on in the addresses it sends to.
"""

from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import force_locale, gettext

from petition import public
from petition.actions.confirm import Confirmed
from petition.caching import Answer, Policy, recent
from petition.exceptions import (
    LetterClosed,
    LetterPaused,
    NotFound,
    TooOften,
    Withdrawn,
    WordsChanged,
)
from petition.forms.signature import CodeForm, SignatureForm, form_for
from petition.languages import closest
from petition.queries import embedding, letters
from petition.queries.letters import LetterText
from petition.sources import Via
from petition.views import answers, elsewhere, frame, mailed, taking
from petition.views.letters import in_force, wanted_language, with_count
from petition.views.stages import Stage, stage

bp = Blueprint("frame_form", __name__, url_prefix="/embed")
elsewhere.seen(bp)
bp.register_error_handler(NotFound, frame.missing)


@bp.get("/<slug:slug>/form")
def show(slug: str) -> Response:
    """The form, with the text that is signed; where it may not stand in a frame, the way to it."""
    found, on = in_force(slug, wanted_language(slug)), stage()
    ancestors = _ancestors(found, on)
    if ancestors is None:
        return _only_the_way(found, on)
    if ancestors != "*":
        return elsewhere.form_on(answers.once(Policy.NOTHING, _form(found, on)), ancestors)
    view = f"form.{found.revision.language}.{on.theme}"
    page = recent.get(slug, view, partial(_form, found, on.anywhere))
    # Colours are many, and pages that are remembered are few: the line is put in afterwards.
    coloured = frame.with_lines(page, render_template("embed/lines.html", accent=on.accent))
    return elsewhere.form_on(answers.once(Policy.PAGE, coloured), ancestors)


def _ancestors(found: LetterText, on: Stage) -> str | None:
    return elsewhere.ancestors_of_form(embedding.terms(found.letter), on.site)


def _form(found: LetterText, on: Stage) -> Answer:
    with force_locale(closest(found.revision.language)):
        form = form_for(found.letter, found.revision.language)(formdata=None, via=on.via)
        return answers.html("embed/form.html", **_context(found, form, on))


def _context(found: LetterText, form: SignatureForm, on: Stage) -> dict[str, Any]:
    letter = with_count(found)
    action = url_for("frame_form.sign", slug=letter.slug, lang=letter.lang, **on.said)
    return {"letter": letter, "form": form, "stage": on, "action": action}


def _only_the_way(found: LetterText, on: Stage, status: int = 200) -> Response:
    letter = with_count(found)
    signs = letter.signable and embedding.terms(found.letter).shows(on.site)
    template = "embed/elsewhere.html" if signs else "embed/link.html"
    with force_locale(closest(found.revision.language)):
        page = answers.page(template, status=status, letter=letter, theme=on.theme)
    return elsewhere.page_on(page)


@bp.post("/<slug:slug>/sign")
def sign(slug: str) -> Response:
    """Take a signature, and say what comes next. Whatever the address has done before, the answer
    is the same."""
    found, on = in_force(slug, wanted_language(slug)), stage()
    ancestors = _ancestors(found, on)
    if ancestors is None:
        return _only_the_way(found, on, 403)
    answer = taking.signature(
        found, partial(_thanked, found, on), partial(_form_again, found, on), Via.EMBED
    )
    return elsewhere.form_on(answer, ancestors)


def _form_again(found: LetterText, on: Stage, form: SignatureForm, status: int) -> Response:
    return answers.page("embed/form.html", status=status, **_context(found, form, on))


def _thanked(found: LetterText, on: Stage, form: SignatureForm) -> Response:
    to: str = form.email.data
    return _to_confirm(found, on, CodeForm(formdata=None, email=to), to)


def _to_confirm(
    found: LetterText, on: Stage, form: CodeForm, to: str | None, status: int = 200
) -> Response:
    slug = found.letter.slug
    at: dict[str, Any] = {"slug": slug, "lang": wanted_language(slug), **on.said}
    return answers.page(
        "embed/thanks.html",
        status=status,
        stage=on,
        action=url_for("frame_form.code", **at),
        again=url_for("frame_form.show", **at),
        **taking.to_confirm(found, form, to),
    )


@bp.post("/<slug:slug>/code")
def code(slug: str) -> Response:
    """Confirm by the code from the mail."""
    found, on = taking.confirmable(slug), stage()
    ancestors = _ancestors(found, on)
    if ancestors is None:
        return _only_the_way(found, on, 403)
    with force_locale(closest(found.revision.language)):
        return elsewhere.form_on(_code(found, on), ancestors)


def _code(found: LetterText, on: Stage) -> Response:
    form = CodeForm(request.form)
    again = partial(_to_confirm, found, on, form, None)
    try:
        done = taking.confirmed(found, form)
    except TooOften as problem:
        form.code.errors = [
            gettext(
                "Too many tries from your network. Wait a few minutes, or open the mail's link."
            )
        ]
        return taking.later(again(429), problem)
    except WordsChanged:
        form.code.errors = [
            gettext(
                "Somebody, perhaps you in another window, has typed something else since. Open the "
                "link in the mail: it shows what would be published."
            )
        ]
        return again(409)
    return _signed(done, on) if done else again(422)


def _signed(done: Confirmed, on: Stage) -> Response:
    found = letters.public_by_slug(done.slug, done.lang)
    letter = with_count(found)
    with force_locale(closest(found.revision.language)):
        signer = public.signer(mailed.look(done.signature_id).signature, letter)
        return answers.page("embed/signed.html", letter=letter, signer=signer, stage=on)


@bp.get("/<slug:slug>/sign")
@bp.get("/<slug:slug>/code")
def back(slug: str) -> Response:
    """Who reloads a page by its address comes back to the form."""
    return answers.see(
        url_for("frame_form.show", slug=slug, lang=request.args.get("lang"), **stage().said)
    )


@bp.errorhandler(LetterClosed)
def closed(_error: LetterClosed) -> Response:
    """Who came too late to sign can still read the letter (410)."""
    return _said("embed/closed.html", 410)


@bp.errorhandler(LetterPaused)
def paused(_error: LetterPaused) -> Response:
    """Who comes while nobody can sign reads why, and can copy what they typed (403)."""
    return _said("embed/paused.html", 403)


def _said(template: str, status: int) -> Response:
    slug = (request.view_args or {})["slug"]
    found = in_force(slug, wanted_language(slug))
    with force_locale(closest(found.revision.language)):
        page = answers.page(
            template,
            status=status,
            letter=with_count(found),
            unsent=taking.typed(found),
            stage=stage(),
        )
    return elsewhere.page_on(page)


@bp.errorhandler(Withdrawn)
def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so in a frame too (410)."""
    return elsewhere.page_on(frame.gone(error))
