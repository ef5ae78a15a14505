"""First signatories, as organizers ask them: who, in which order, and what they answered."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user, login_required

from petition import public
from petition.actions import launch, roles
from petition.actions.launch import Invited, Person, TooMany
from petition.actions.roles import Role
from petition.clock import now
from petition.exceptions import DecisionConflict, LetterClosed
from petition.forms.signatory import LinesForm, SignatoryForm
from petition.queries import signatories, tallies
from petition.queries.letters import OwnLetter
from petition.views import answers
from petition.views.done import tell
from petition.views.own_letter import own_letter

bp = Blueprint("launch", __name__, url_prefix="/organize")


@bp.get("/letters/<slug:slug>/first")
@login_required
def people(slug: str) -> Response:
    """Who is asked to sign first, and what has come of it."""
    return _shown(own_letter(slug))


def _shown(
    own: OwnLetter,
    one: SignatoryForm | None = None,
    many: LinesForm | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    asked = signatories.of_letter(own.letter.id)
    languages = own.letter.languages or [own.letter.language]
    one, many = one or SignatoryForm(formdata=None), many or _lines(formdata=None)
    for form in (one, many):
        form.offer(languages)
    return answers.page(
        "launch/people.html",
        status=status,
        letter=public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id)),
        role=own.role,
        may_ask=roles.may(own.role, Role.EDITOR),
        may_be_signed=launch.may_be_signed(own.letter),
        opens_at=own.letter.opens_at,
        at=now(),
        asked=asked,
        due=[each.signatory.id for each in asked if launch.may_be_invited(each.signatory)],
        uninvited=[each for each in asked if _uninvited(each)],
        one=one,
        many=many,
        problem=problem,
    )


def _lines(**options: Any) -> LinesForm:
    """The form of several people, told apart from that of one on the same page."""
    return LinesForm(prefix="many-", **options)


def _uninvited(asked: signatories.AskedFirst) -> bool:
    return asked.signatory.invited_at is None and launch.may_be_invited(asked.signatory)


@bp.post("/letters/<slug:slug>/first")
@login_required
def add(slug: str) -> Response:
    """Ask one more person."""
    own = own_letter(slug, Role.EDITOR)
    form = SignatoryForm()
    form.offer(own.letter.languages or [own.letter.language])
    if form.validate():
        try:
            if launch.add(own.letter, own.role, [_person(form)]):
                return _back(slug)
            form.asked_already()
        except TooMany:
            return _shown(own, one=form, problem=_full(), status=422)
    return _shown(own, one=form, status=422)


def _person(form: SignatoryForm) -> Person:
    return Person(
        form.name.data, form.title.data, form.affiliation.data, form.address, form.language.data
    )


@bp.post("/letters/<slug:slug>/first/lines")
@login_required
def add_lines(slug: str) -> Response:
    """Ask several people, one a line."""
    own = own_letter(slug, Role.EDITOR)
    form = _lines()
    form.offer(own.letter.languages or [own.letter.language])
    if not form.validate():
        return _shown(own, many=form, status=422)
    people = [
        Person(words["name"], words["title"], words["affiliation"], email, form.language.data)
        for words, email in form.people
    ]
    try:
        added = launch.add(own.letter, own.role, people)
    except TooMany:
        return _shown(own, many=form, problem=_full(), status=422)
    _tell_added(added, len(people))
    return _back(slug)


def _tell_added(added: int, of: int) -> None:
    told = ngettext(
        "%(shown)s person was added.", "%(shown)s people were added.", added, shown=added
    )
    if added < of:
        told = f"{told} {gettext('Who stands here already stays where they are.')}"
    tell(told)


def _full() -> str:
    return str(gettext("A letter can have %(most)d first signatories at most.", most=launch.MOST))


@bp.post("/letters/<slug:slug>/first/invite")
@login_required
def invite_all(slug: str) -> Response:
    """Mail a personal link to all who have none yet."""
    return _invite(slug, None)


@bp.post("/letters/<slug:slug>/first/<number:signatory_id>/invite")
@login_required
def invite(slug: str, signatory_id: int) -> Response:
    """Mail a personal link to one person, perhaps once more."""
    return _invite(slug, signatory_id)


def _invite(slug: str, signatory_id: int | None) -> Response:
    own = own_letter(slug, Role.EDITOR)
    try:
        invited = launch.invite(
            own.letter, own.role, current_user.organizer_id, request.remote_addr, signatory_id
        )
    except LetterClosed:
        problem = gettext("Publish the letter with a future opening first: they sign that text.")
        return _shown(own, problem=problem, status=409)
    tell(" ".join(_told(invited)))
    return _back(slug)


def _told(invited: Invited) -> Iterator[str]:
    """What came of inviting, in sentences."""
    if invited.sent:
        yield ngettext(
            "%(shown)s invitation is on its way.",
            "%(shown)s invitations are on their way.",
            invited.sent,
            shown=invited.sent,
        )
    if invited.waiting:
        yield ngettext(
            "%(num)d person has to wait: no more invitations leave today. Invite them tomorrow.",
            "%(num)d people have to wait: no more invitations leave today. Invite them tomorrow.",
            invited.waiting,
        )
    if not invited.sent and not invited.waiting:
        yield gettext("No invitation was sent: each person gets one a day at most.")


@bp.get("/letters/<slug:slug>/first/<number:signatory_id>")
@login_required
def look(slug: str, signatory_id: int) -> Response:
    """One person, to be corrected."""
    own = own_letter(slug, Role.EDITOR)
    person = signatories.one(own.letter.id, signatory_id)
    return _person_shown(own, signatory_id, SignatoryForm(formdata=None, obj=person))


def _person_shown(
    own: OwnLetter, signatory_id: int, form: SignatoryForm, problem: str = "", status: int = 200
) -> Response:
    form.offer(own.letter.languages or [own.letter.language])
    person = signatories.one(own.letter.id, signatory_id)
    return answers.page(
        "launch/person.html",
        status=status,
        letter=public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id)),
        role=own.role,
        person=person,
        form=form,
        problem=problem,
    )


@bp.post("/letters/<slug:slug>/first/<number:signatory_id>")
@login_required
def correct(slug: str, signatory_id: int) -> Response:
    """Write one person anew."""
    own = own_letter(slug, Role.EDITOR)
    form = SignatoryForm()
    form.offer(own.letter.languages or [own.letter.language])
    if form.validate():
        try:
            launch.correct(own.letter, own.role, signatory_id, _person(form))
            return _back(slug)
        except launch.AskedAlready:
            form.asked_already()
        except DecisionConflict:
            problem = gettext("They have signed meanwhile, with their own words.")
            return _shown(own, problem=problem, status=409)
    return _person_shown(own, signatory_id, form, status=422)


@bp.post("/letters/<slug:slug>/first/<number:signatory_id>/move")
@login_required
def move(slug: str, signatory_id: int) -> Response:
    """Put somebody one place up or down."""
    own = own_letter(slug, Role.EDITOR)
    places = -1 if request.form.get("direction") == "up" else 1
    launch.shift(own.letter, own.role, signatory_id, places)
    return _back(slug, place=f"person-{signatory_id}")


@bp.post("/letters/<slug:slug>/first/<number:signatory_id>/remove")
@login_required
def remove(slug: str, signatory_id: int) -> Response:
    """Do not ask somebody any more."""
    own = own_letter(slug, Role.EDITOR)
    try:
        name = launch.remove(own.letter, own.role, signatory_id)
    except DecisionConflict:
        problem = gettext("They have signed meanwhile. Only they can withdraw that.")
        return _shown(own, problem=problem, status=409)
    tell(
        gettext("%(name)s is not asked any more. The personal link does not work now.", name=name),
        undo=url_for("launch.restore", slug=slug, signatory_id=signatory_id),
        label=gettext("Undo"),
    )
    return _back(slug)


@bp.post("/letters/<slug:slug>/first/<number:signatory_id>/restore")
@login_required
def restore(slug: str, signatory_id: int) -> Response:
    """Ask somebody after all who was removed."""
    own = own_letter(slug, Role.EDITOR)
    launch.restore(own.letter, own.role, signatory_id)
    return _back(slug, place=f"person-{signatory_id}")


def _back(slug: str, place: str | None = None) -> Response:
    return answers.see(url_for("launch.people", slug=slug, _anchor=place))
