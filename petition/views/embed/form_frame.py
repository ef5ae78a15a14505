"""Signing in a frame on another site: the form, what comes after it, and the code.

Nothing is kept in the browser. What was typed may stand in no address either, so each answer to a
form is the next page itself; what the address of a frame says goes on in the addresses it sends to.
Where scripts run, the form stays until there is such an answer (`frame.js`).
"""

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import force_locale

from petition import public
from petition.actions.confirm import Confirmed
from petition.caching import Answer, Policy, recent
from petition.exceptions import LetterClosed, LetterPaused, NotFramedHere, TooOften, WordsChanged
from petition.forms.signature import CodeForm, SignatureForm, form_for
from petition.languages import closest
from petition.queries import embedding, letters
from petition.queries.letters import LetterText
from petition.sources import Via
from petition.views import answers, mailed, taking
from petition.views.answers import Response
from petition.views.embed import elsewhere, frames, surroundings
from petition.views.embed.surroundings import Surroundings
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("form_frame", __name__, url_prefix="/embed")
elsewhere.notice_sites(bp)
frames.register(bp)


@bp.get("/<slug:slug>/form")
def show(slug: str) -> Response:
    """The form, with the text that is signed; where it may not stand in a frame, the way to it."""
    found, around = in_force(slug, wanted_language(slug)), surroundings.here()
    ancestors = _ancestors(found, around)
    if ancestors is None:
        return frames.way(found, around, shown=_shown(found, around))
    if ancestors != "*":
        return elsewhere.form_on(answers.once(frames.policy(), _form(found, around)), ancestors)
    view = f"form.{found.revision.language}.{around.theme}"
    page = recent.get(slug, view, partial(_form, found, around.anywhere))
    page = frames.with_lines(page, around)
    return elsewhere.form_on(answers.once(Policy.PAGE, page), ancestors)


def _ancestors(found: LetterText, around: Surroundings) -> str | None:
    return elsewhere.ancestors_of_form(embedding.terms(found.letter), around.site)


def _form(found: LetterText, around: Surroundings) -> Answer:
    with force_locale(closest(found.revision.language)):
        form = form_for(found.letter, found.revision.language)(formdata=None, via=around.via)
        return answers.html("embed/form.html", **_context(found, form, around))


def _context(found: LetterText, form: SignatureForm, around: Surroundings) -> dict[str, Any]:
    letter = with_count(found)
    action = url_for("form_frame.sign", slug=letter.slug, lang=letter.lang, **around.handed_on)
    return {"letter": letter, "form": form, "around": around, "action": action}


def _shown(found: LetterText, around: Surroundings) -> bool:
    """Whether the letter may be shown there, though not signed: the site is not blocked."""
    return embedding.terms(found.letter).shows(around.site)


@bp.post("/<slug:slug>/sign")
def sign(slug: str) -> Response:
    """Take a signature, and say what comes next. Whatever the address has done before, the answer
    is the same."""
    found = in_force(slug, wanted_language(slug))
    around, ancestors = _where_it_stands(found)
    answer = taking.signature(
        found, partial(_thanked, found, around), partial(_form_again, found, around), Via.EMBED
    )
    return elsewhere.form_on(answer, ancestors)


def _where_it_stands(found: LetterText) -> tuple[Surroundings, str]:
    """What is around the frame that a form was sent from, and who may frame the answer.

    Raises:
        NotFramedHere: nobody for certain.
    """
    around = surroundings.here()
    ancestors = _ancestors(found, around)
    if ancestors is None:
        raise NotFramedHere
    return around, ancestors


def _form_again(
    found: LetterText, around: Surroundings, form: SignatureForm, status: int
) -> Response:
    return answers.page("embed/form.html", status=status, **_context(found, form, around))


def _thanked(found: LetterText, around: Surroundings, form: SignatureForm) -> Response:
    to: str = form.email.data
    return _to_confirm(found, around, CodeForm(formdata=None, email=to), to)


def _to_confirm(
    found: LetterText, around: Surroundings, form: CodeForm, to: str | None, status: int = 200
) -> Response:
    slug = found.letter.slug
    at: dict[str, Any] = {"slug": slug, "lang": wanted_language(slug), **around.handed_on}
    return answers.page(
        "embed/thanks.html",
        status=status,
        around=around,
        action=url_for("form_frame.code", **at),
        again=url_for("form_frame.show", **at),
        **taking.to_confirm(found, form, to),
    )


@bp.post("/<slug:slug>/code")
def code(slug: str) -> Response:
    """Confirm by the code from the mail."""
    found = taking.confirmable(slug)
    around, ancestors = _where_it_stands(found)
    with force_locale(closest(found.revision.language)):
        return elsewhere.form_on(_code(found, around), ancestors)


def _code(found: LetterText, around: Surroundings) -> Response:
    form = CodeForm(request.form)
    again = partial(_to_confirm, found, around, form, form.email.data)
    try:
        done = taking.confirmed(found, form)
    except TooOften as problem:
        form.ask_to_wait()
        return taking.later(again(429), problem)
    except WordsChanged:
        form.ask_to_open_the_link()
        return again(409)
    return _signed(done, around) if done else again(422)


def _signed(done: Confirmed, around: Surroundings) -> Response:
    found = letters.public_by_slug(done.slug, done.lang)
    letter = with_count(found)
    with force_locale(closest(found.revision.language)):
        signer = public.signer(mailed.look(done.signature_id).signature, letter)
        return answers.page("embed/signed.html", letter=letter, signer=signer, around=around)


@bp.get("/<slug:slug>/sign")
@bp.get("/<slug:slug>/code")
def back(slug: str) -> Response:
    """Who reloads a page by its address comes back to the form."""
    at = {"lang": request.args.get("lang"), **surroundings.here().handed_on}
    return answers.see(url_for("form_frame.show", slug=slug, **at))


@bp.errorhandler(NotFramedHere)
def refused(_error: NotFramedHere) -> Response:
    """Who typed into a frame that may not stand there reads why, and can copy it (403)."""
    return _refusal("embed/refused.html", 403)


@bp.errorhandler(LetterClosed)
def closed(_error: LetterClosed) -> Response:
    """Who came too late to sign can still read the letter, and copy what they typed (410)."""
    return _refusal("embed/closed.html", 410)


@bp.errorhandler(LetterPaused)
def paused(_error: LetterPaused) -> Response:
    """Who comes while nobody can sign reads why, and can copy what they typed (403)."""
    return _refusal("embed/paused.html", 403)


def _refusal(template: str, status: int) -> Response:
    """Why nothing was taken, with what was typed, in a page that stands wherever the form stood."""
    slug, around = (request.view_args or {})["slug"], surroundings.here()
    found = in_force(slug, wanted_language(slug))
    with force_locale(closest(found.revision.language)):
        page = answers.page(
            template,
            status=status,
            letter=with_count(found),
            unsent=taking.typed(found),
            around=around,
            shown=_shown(found, around),
        )
    return elsewhere.page_on(page)
