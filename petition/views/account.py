"""An organizer's own account: name, address, sessions. Passkeys have a file of their own."""

from typing import Any

from flask import Blueprint, Response, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import account, sessions
from petition.exceptions import AddressTaken, CodeWrong
from petition.forms.account import AddressForm, MailedCodeForm, OwnNameForm
from petition.queries import passkeys
from petition.queries import sessions as known
from petition.views import answers, done, signed_in
from petition.views.proof import proof_needed

bp = Blueprint("account", __name__, url_prefix="/organize/account")


@bp.get("")
@login_required
def show() -> Response:
    """Who I am here, and where I am signed in."""
    return _shown()


def _shown(status: int = 200, **forms: Any) -> Response:
    return answers.page(
        "account/show.html",
        status=status,
        name=forms.get("name") or OwnNameForm(formdata=None, name=current_user.name),
        address=forms.get("address") or AddressForm(formdata=None),
        passkeys=passkeys.of_organizer(current_user.organizer_id),
        sessions=known.of_organizer(current_user.organizer_id),
    )


@bp.post("/name")
@login_required
def rename() -> Response:
    """Change how I am called."""
    form = OwnNameForm()
    if not form.validate():
        return _shown(422, name=form)
    account.rename(current_user.organizer_id, form.name.data)
    done.tell(gettext("Your name is changed."))
    return _back()


@bp.post("/address")
@login_required
@proof_needed
def ask_address() -> Response:
    """Mail a code to the address I want to have from now on."""
    form = AddressForm()
    if not form.validate():
        return _shown(422, address=form)
    session["new-address"] = {
        "challenge": account.ask_new_address(
            current_user.organizer_id,
            form.address,
            signed_in.browser(),
            signed_in.language(),
            request.remote_addr,
        ),
        "address": form.address.delivery,
    }
    return answers.see(url_for("account.address"))


@bp.get("/address")
@login_required
def address() -> Response:
    """The field for the code that went to the new address."""
    if "new-address" not in session:
        return _back()
    return _address(MailedCodeForm(formdata=None))


def _address(form: MailedCodeForm, status: int = 200) -> Response:
    return answers.page(
        "account/address.html",
        status=status,
        form=form,
        address=session["new-address"]["address"],
    )


@bp.post("/address/code")
@login_required
def change_address() -> Response:
    """Take the code: the new address is mine."""
    if "new-address" not in session:
        return _back()
    form = MailedCodeForm()
    if form.validate():
        try:
            new = account.change_address(
                current_user.organizer_id,
                current_user.session_id,
                session["new-address"]["challenge"],
                signed_in.browser(),
                form.code.data,
                signed_in.language(),
                request.remote_addr,
            )
        except (CodeWrong, AddressTaken):
            form.code.errors = [gettext("This code does not fit. Look for the newest mail.")]
        else:
            session.pop("new-address")
            done.tell(gettext("Your address is now %(address)s.", address=new))
            return _back()
    return _address(form, 422)


@bp.post("/sessions/<number:session_id>/end")
@login_required
def end(session_id: int) -> Response:
    """Sign me out in one other browser."""
    sessions.end(current_user.organizer_id, session_id)
    done.tell(gettext("Signed out there."))
    return _back("sessions")


def _back(place: str | None = None) -> Response:
    return answers.see(url_for("account.show", _anchor=place))
