"""How a letter is signed and shown, and what its form asks."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext
from flask_login import login_required

from petition import languages, public
from petition.actions import roles, settings
from petition.actions.roles import Role
from petition.actions.settings import Settings
from petition.clock import now
from petition.exceptions import NotFound, Overtaken, PromiseBroken
from petition.forms import question as question_forms
from petition.forms import settings as settings_forms
from petition.forms.question import QuestionForm, question_form
from petition.forms.settings import Merged, SettingsForm, settings_form
from petition.queries import drafts, signatures, tallies
from petition.queries.letters import OwnLetter
from petition.views import answers, done
from petition.views.own_letter import own_letter

bp = Blueprint("settings", __name__, url_prefix="/organize/letters/<slug:slug>/settings")


@bp.get("")
@login_required
def edit(slug: str) -> Response:
    """The settings as they stand."""
    own = own_letter(slug)
    spoken = _languages(own)
    return _page(
        own,
        settings_form(spoken)(
            formdata=None,
            data=settings_forms.shown(own.letter, spoken),
        ),
    )


def _languages(own: OwnLetter) -> tuple[str, ...]:
    return tuple(tongue.language for tongue in drafts.tongues(own.letter))


def _page(
    own: OwnLetter,
    form: SettingsForm,
    status: int = 200,
    merged: Merged | None = None,
) -> Response:
    counts = tallies.of_letter(own.letter.id)
    return answers.page(
        "settings/edit.html",
        status=status,
        letter=public.letter(own.letter, own.revision, counts),
        role=own.role,
        may_write=roles.may(own.role, Role.EDITOR),
        form=form,
        names={language: languages.autonym(language) for language in form.languages},
        most=question_forms.MOST_QUESTIONS,
        merged=merged,
    )


@bp.post("")
@login_required
def save(slug: str) -> Response:
    """Take the settings. They hold at once."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = settings_form(_languages(own))()
    if not form.validate():
        return _page(own, form, 422)
    try:
        settings.change(own.letter, own.role, form.seen, Settings(**form.wanted))
    except Overtaken:
        return _overtaken(slug, form)
    except PromiseBroken as broken:
        _blame(form, broken)
        return _page(own_letter(slug), form, 422)
    _tell_saved(own)
    return answers.see(url_for("settings.edit", slug=slug))


def _tell_saved(own: OwnLetter) -> None:
    if _is_public(own):
        done.tell(gettext("Saved. It holds from now on."))
    else:
        done.tell(gettext("Saved. Everybody sees it when the letter opens."))


def _is_public(own: OwnLetter) -> bool:
    return own.letter.life(now()) in {"open", "closed"}


def _overtaken(slug: str, form: SettingsForm) -> Response:
    """Show what a colleague has set meanwhile beside what was typed here."""
    own = own_letter(slug)
    merged = form.merge(own.letter)
    now_shown = settings_forms.shown(own.letter, form.languages)
    form.version.data, form.base.data = now_shown["version"], now_shown["base"]
    return _page(own, form, 409, merged)


def _blame(form: SettingsForm, broken: PromiseBroken) -> None:
    for what in broken.what:
        field = form.listing if what == "listing" else form[f"{what}_shown"]
        field.errors = [
            gettext("People have signed on the promise that this is not shown. It stays so.")
        ]


@bp.get("/questions/new")
@login_required
def new_question(slug: str) -> Response:
    """An empty question."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = question_form(_languages(own))(formdata=None, data={"version": own.letter.version})
    return _question(own, form)


def _question(
    own: OwnLetter, form: QuestionForm, status: int = 200, key: str = "", problem: str = ""
) -> Response:
    return answers.page(
        "settings/question.html",
        status=status,
        letter=public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id)),
        role=own.role,
        form=form,
        key=key,
        names={language: languages.autonym(language) for language in form.languages},
        asked=own.letter.asking.question(key),
        answered=bool(key) and signatures.any_answer(own.letter.id, key),
        problem=problem,
    )


@bp.post("/questions/new")
@login_required
def ask(slug: str) -> Response:
    """Ask a question more."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = question_form(_languages(own))()
    if not form.validate():
        return _question(own, form, 422)
    try:
        settings.ask(own.letter, own.role, form.seen, form.wanted())
    except Overtaken:
        return _again(slug, form)
    if _is_public(own):
        done.tell(gettext("The question is asked from now on."))
    else:
        done.tell(gettext("The question is asked when the letter opens."))
    return _to_questions(slug)


def _again(slug: str, form: QuestionForm, key: str = "") -> Response:
    own = own_letter(slug)
    form.version.data = own.letter.version
    return _question(
        own,
        form,
        409,
        key,
        gettext(
            "The letter has been changed or answered since you opened this page. "
            "Look once more, then save again."
        ),
    )


@bp.get("/questions/<number:number>")
@login_required
def question(slug: str, number: int) -> Response:
    """A question as it is asked."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    found = own.letter.asking.question(str(number))
    if found is None:
        raise NotFound
    spoken = _languages(own)
    data = question_forms.kept(found, spoken) | {"version": own.letter.version}
    return _question(own, question_form(spoken)(formdata=None, data=data), key=str(number))


@bp.post("/questions/<number:number>")
@login_required
def reword(slug: str, number: int) -> Response:
    """Change a question."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = question_form(_languages(own))()
    if not form.validate():
        return _question(own, form, 422, str(number))
    try:
        settings.reword(own.letter, own.role, form.seen, form.wanted(str(number)))
    except Overtaken:
        return _again(slug, form, str(number))
    except PromiseBroken:
        form.shown.errors = [
            gettext("People have answered on the promise that this is not shown. It stays so.")
        ]
        return _question(own_letter(slug), form, 422, str(number))
    _tell_saved(own)
    return _to_questions(slug)


@bp.post("/questions/<number:number>/retire")
@login_required
def retire(slug: str, number: int) -> Response:
    """Stop asking a question."""
    own = own_letter(slug)
    settings.retire(own.letter, own.role, str(number))
    done.tell(
        gettext("The question is not asked any more. What was answered stays."),
        undo=url_for("settings.ask_again", slug=slug, number=number),
        label=gettext("Undo"),
    )
    return _to_questions(slug)


@bp.post("/questions/<number:number>/again")
@login_required
def ask_again(slug: str, number: int) -> Response:
    """Ask a question once more."""
    own = own_letter(slug)
    try:
        settings.ask_again(own.letter, own.role, str(number))
    except Overtaken:
        done.tell(gettext("Five questions are asked already. Retire one of them first."))
    else:
        done.tell(gettext("The question is asked again."))
    return _to_questions(slug)


def _to_questions(slug: str) -> Response:
    return answers.see(url_for("settings.edit", slug=slug, _anchor="questions"))
