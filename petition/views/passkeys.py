"""An organizer's passkeys: made, named, removed."""

from flask import Blueprint, Response, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import passkeys
from petition.exceptions import PasskeyNeeded, PasskeyRefused
from petition.forms.account import NewPasskeyForm, PasskeyNameForm
from petition.views import answers, done, signed_in
from petition.views.devices import device
from petition.views.proof import proof_needed

bp = Blueprint("passkeys", __name__, url_prefix="/organize/passkeys")


@bp.get("/needed")
@login_required
def needed() -> Response:
    """A team asks for a passkey: make one, or use the one there is."""
    if not current_user.lacks_passkey:
        return answers.see(url_for("organize.home"))
    if current_user.has_passkey:
        return answers.page("passkeys/use.html")
    return _new(NewPasskeyForm(formdata=None, label=_label()))


@bp.get("/new")
@login_required
@proof_needed
def make() -> Response:
    """Make a passkey."""
    return _new(NewPasskeyForm(formdata=None, label=_label()))


def _label() -> str:
    return device(request.user_agent.string)


def _new(form: NewPasskeyForm, status: int = 200, problem: str = "") -> Response:
    return answers.page("passkeys/new.html", status=status, form=form, problem=problem)


@bp.post("/challenge")
@login_required
@proof_needed
def challenge() -> Response:
    """What a new passkey is to be made from, for the page's script."""
    session["challenge"], task = passkeys.ask_to_register(
        current_user.organizer_id,
        current_user.email,
        current_user.name,
        signed_in.browser(),
        request.remote_addr,
    )
    return answers.json(task)


@bp.post("")
@login_required
@proof_needed
def register() -> Response:
    """Keep a new passkey."""
    form = NewPasskeyForm()
    if not form.validate():
        return _new(form, 422)
    try:
        key = passkeys.register(
            current_user.organizer_id,
            current_user.session_id,
            session.pop("challenge", 0),
            signed_in.browser(),
            form.credential.data or "",
            form.label.data,
            signed_in.language(),
            request.remote_addr,
        )
    except PasskeyRefused:
        told = gettext("No passkey was made. Try again, perhaps with another device.")
        return _new(form, 422, told)
    signed_in.go_on(key)
    done.tell(gettext("The passkey is made. From now on you can sign in with it."))
    return _back()


@bp.post("/<number:passkey_id>/name")
@login_required
def rename(passkey_id: int) -> Response:
    """Call a passkey by another name."""
    form = PasskeyNameForm()
    if form.validate():
        passkeys.rename(current_user.organizer_id, passkey_id, form.label.data)
        done.tell(gettext("The passkey is called %(name)s now.", name=form.label.data))
    else:
        done.tell(str(form.problems[0][1]))
    return _back()


@bp.post("/<number:passkey_id>/remove")
@login_required
@proof_needed
def remove(passkey_id: int) -> Response:
    """Let a passkey open nothing any more."""
    try:
        passkeys.remove(current_user.organizer_id, passkey_id, signed_in.language())
    except PasskeyNeeded as needed:
        done.tell(
            gettext(
                "It is your only passkey, and %(team)s asks for one. Make another first.",
                team=needed.team,
            )
        )
    else:
        done.tell(gettext("The passkey is removed: it opens nothing here any more."))
    return _back()


def _back() -> Response:
    return answers.see(url_for("account.show", _anchor="passkeys"))
