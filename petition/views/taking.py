"""What comes in from those who sign, wherever the form stands: under its letter or in a frame.

What is refused, counted and said beside a field is the same for both; how it looks, they say.
"""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import force_locale

from petition import config, slips, sources
from petition.actions import confirm as confirming
from petition.actions import puzzles
from petition.actions import sign as signing
from petition.exceptions import (
    AddressInvalid,
    CodeWrong,
    LetterClosed,
    PuzzleMissing,
    PuzzleWrong,
    TooOften,
)
from petition.forms.signature import CodeForm, SignatureForm, form_for
from petition.languages import closest, locale
from petition.queries.letters import LetterText
from petition.tokens import Purpose
from petition.views import asked
from petition.views.answers import Response
from petition.views.letters import in_force, wanted_language, with_count


def signature(
    found: LetterText,
    taken: Callable[[SignatureForm], Response],
    again: Callable[[SignatureForm, int], Response],
    way: str | None = None,
) -> Response:
    """Take a signature. Whatever the address has done before, the answer is the same.

    Args:
        taken: answers a form that was taken.
        again: shows a form that was not, with what is wrong, under this status.
        way: what led to the letter, where nothing else says it.

    Raises:
        LetterClosed: the letter takes no signatures any more.
        NotOpenYet: it takes none yet.
        LetterPaused: it takes none at the moment.
    """
    signing.must_be_open(found.letter)
    with force_locale(locale(closest(found.revision.language))):
        form = typed(found)
        form.via.data = _source(form.via.data, way)
        try:
            if form.validate_against(found.revision.number) and _taken(found, form):
                return taken(form)
            signing.count_failure(request.remote_addr)
        except TooOften as problem:
            form.ask_to_wait()
            return later(again(form, 429), problem)
        return again(form, 422)


def typed(found: LetterText) -> SignatureForm:
    """The form with what was typed into it."""
    return form_for(found.letter, found.revision.language)(request.form)


def later(response: Response, problem: TooOften) -> Response:
    """Say from when on it may be tried again."""
    response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _taken(found: LetterText, form: SignatureForm) -> bool:
    """Whether a form that is right was taken, or comes from a robot, which is told the same."""
    if form.from_robot:
        return True
    try:
        solution = puzzles.understood(form.puzzle.data, found.letter)
        visitor, source = request.remote_addr, form.via.data
        signing.sign(found.letter, found.revision, _entry(form), visitor, solution, source)
    except PuzzleMissing:
        form.ask_for_scripts(found.letter.contact)
        return False
    except PuzzleWrong:
        form.ask_to_press_again()
        return False
    return True


def _source(by_script: str | None, way: str | None) -> str | None:
    """What led to the letter: as the address says from which the form was sent; or else the page's
    script, which knows from which site its reader came; or else the view."""
    return sources.read(asked.here().get(sources.PARAMETER), by_script, way)


def _entry(form: SignatureForm) -> signing.Entry:
    return signing.Entry(
        name=form.name.data,
        email=form.address,
        affiliation=form.said("affiliation"),
        role=form.said("role"),
        location=form.said("location"),
        comment=form.said("comment"),
        country=form.said("country"),
        show_name=form.shows_name,
        updates=form.updates.data,
        pass_on=form.passes_on,
        answers=form.answers,
    )


def confirmable(slug: str) -> LetterText:
    """The letter of an address. Raises `LetterClosed` where it is too late even to confirm."""
    found = in_force(slug, wanted_language(slug))
    if confirming.too_late(found.letter):
        raise LetterClosed
    return found


def to_confirm(found: LetterText, form: CodeForm, to: str | None) -> dict[str, Any]:
    """What is said after signing: what happens next, where the mail went, a field for the code.

    Args:
        to: the address that was typed, where it is known.
    """
    return {
        "letter": with_count(found),
        "form": form,
        "to": to,
        "meant": slips.meant(to or ""),
        "sender": config.current().sender,
        "days": Purpose.CONFIRM.age.days,
        "until": confirming.last_moment(found.letter),
    }


def confirmed(found: LetterText, form: CodeForm) -> confirming.Confirmed | None:
    """Confirm by the code from the mail; none, where the form says now what is wrong.

    Raises:
        WordsChanged: the code is right, and what waits is not what its mail was about.
        LetterClosed: too late.
        TooOften: this network has tried too many.
    """
    if not form.validate():
        return None
    try:
        return confirming.confirm_with_code(
            found.letter, form.email.data, form.code.data, request.remote_addr
        )
    except AddressInvalid:
        form.ask_for_plain_address()
    except CodeWrong:
        form.say_it_does_not_fit(may_sign_again=confirming.last_moment(found.letter) is None)
    return None
