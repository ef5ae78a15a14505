"""Coming in, and going."""

from typing import Any

from flask import Blueprint, Response, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition import tokens
from petition.actions import passkeys, sessions
from petition.actions import sign_in as signing_in
from petition.exceptions import (
    CodeWrong,
    LinkBroken,
    LinkExpired,
    LinkUsed,
    OtherBrowser,
    PasskeyRefused,
)
from petition.forms.account import AddressForm, MailedCodeForm, PasskeyForm
from petition.queries import challenges
from petition.tokens import Purpose
from petition.views import answers, familiar, signed_in
from petition.views.devices import device

bp = Blueprint("sign_in", __name__, url_prefix="/organize")


@bp.get("/sign-in")
def ask() -> Response:
    """The way in; who is in goes to their letters."""
    if current_user.is_authenticated:
        return answers.see(url_for("organize.home"))
    return _door(AddressForm(formdata=None))


def _door(form: AddressForm, status: int = 200, **told: Any) -> Response:
    return answers.page("sign_in/ask.html", status=status, form=form, **told)


@bp.post("/sign-in")
def send() -> Response:
    """Mail a link and a code. The answer is the same, whoever the address belongs to."""
    form = AddressForm()
    if not form.validate():
        return _door(form, 422)
    session["mailed-challenge"] = signing_in.send(
        form.address,
        signed_in.browser(),
        _device(),
        signed_in.language(),
        request.remote_addr,
        familiar.organizer(),
    )
    session["address"] = form.address.delivery
    return answers.see(url_for("sign_in.code"))


def _device() -> str:
    return device(request.user_agent.string)


@bp.get("/sign-in/code")
def code() -> Response:
    """What happens next, and a field for the code; the same for every address."""
    if "mailed-challenge" not in session:
        return answers.see(url_for("sign_in.ask"))
    return _sent(MailedCodeForm(formdata=None))


def _sent(form: MailedCodeForm, status: int = 200) -> Response:
    minutes = signing_in.LASTS.seconds // 60
    return answers.page(
        "sign_in/code.html",
        status=status,
        form=form,
        address=session["address"],
        minutes=minutes,
    )


@bp.post("/sign-in/code")
def enter_code() -> Response:
    """Spend the code and begin a new session."""
    if "mailed-challenge" not in session:
        return answers.see(url_for("sign_in.ask"))
    form = MailedCodeForm()
    if form.validate():
        try:
            return _welcome(
                signing_in.by_code(
                    session["mailed-challenge"],
                    signed_in.browser(),
                    form.code.data,
                    _device(),
                    request.remote_addr,
                )
            )
        except CodeWrong:
            form.code.errors = [
                gettext("This code does not fit. Look for the newest mail, or ask for another.")
            ]
    return _sent(form, 422)


def _welcome(key: str) -> Response:
    signed_in.begin(key)
    return answers.see(url_for("organize.home"))


@bp.get("/sign-in/<token>")
def link(token: str) -> Response:
    """A one-time link shows a button; opening it spends nothing."""
    try:
        theirs = challenges.asked_of(tokens.read(Purpose.SIGN_IN, token), signed_in.browser())
    except (LinkBroken, LinkExpired, LinkUsed):
        return _spent()
    if not theirs:
        return answers.page("sign_in/elsewhere.html", status=409)
    return answers.page("sign_in/link.html", token=token)


def _spent() -> Response:
    told = gettext("This link has been used or is too old. Here you get another.")
    return _door(AddressForm(formdata=None), 410, problem=told)


@bp.post("/sign-in/<token>")
def enter(token: str) -> Response:
    """Spend the link and begin a new session."""
    try:
        return _welcome(
            signing_in.by_link(token, signed_in.browser(), _device(), request.remote_addr)
        )
    except (LinkBroken, LinkExpired, LinkUsed):
        return _spent()
    except OtherBrowser:
        return answers.page("sign_in/elsewhere.html", status=409)


@bp.post("/sign-in/passkey/challenge")
def challenge() -> Response:
    """What a passkey has to sign, for the page's script."""
    session["challenge"], task = passkeys.ask(signed_in.browser(), request.remote_addr)
    return answers.json(task)


@bp.post("/sign-in/passkey")
def passkey() -> Response:
    """Let in whoever holds a passkey."""
    form = PasskeyForm()
    try:
        return _welcome(
            passkeys.sign_in(
                session.pop("challenge", 0),
                signed_in.browser(),
                form.credential.data or "",
                _device(),
                request.remote_addr,
            )
        )
    except PasskeyRefused:
        told = gettext("This passkey opens nothing here. Sign in by mail instead.")
        return _door(AddressForm(formdata=None), 422, problem=told)


@bp.post("/sign-out")
@login_required
def out() -> Response:
    """End this session."""
    sessions.end(current_user.organizer_id, current_user.session_id)
    signed_in.end()
    return answers.see(url_for("sign_in.ask"))


@bp.post("/sign-out/everywhere")
@login_required
def out_everywhere() -> Response:
    """End every session of this organizer."""
    sessions.end_all(current_user.organizer_id)
    signed_in.end()
    return answers.see(url_for("sign_in.ask"))
