"""Before something that cannot easily be taken back, its organizer proves that it is them.

A view asks for that with `@proof_needed`. Who proved it within the last minutes notices nothing.
Who did not is asked, and goes on where they were: what they had typed goes along from page to
page in hidden fields, and is sent on by the browser itself (307).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import passkeys, proof
from petition.exceptions import CodeWrong, PasskeyRefused
from petition.forms.account import MailedCodeForm, PasskeyForm
from petition.views import answers, signed_in

bp = Blueprint("proof", __name__, url_prefix="/organize/proof")

P = ParamSpec("P")
OURS = "proof-"
"""What the names of this page's own fields begin with."""


def proof_needed(view: Callable[P, Response]) -> Callable[P, Response]:
    """Let a view be reached only by who proved just now that it is them.

    It stands below `@login_required`. The view's form must be one of words, not of files.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if current_user.proved:
            return view(*args, **kwargs)
        here = request.full_path.rstrip("?")
        if request.method in {"GET", "HEAD"}:
            return answers.see(url_for("proof.ask", to=here))
        return _page(403, to=here, again=1)

    return guarded


@bp.get("")
@login_required
def ask() -> Response:
    """Ask for a passkey or a mailed code."""
    return _page(200, **_way())


@bp.post("/send")
@login_required
def send() -> Response:
    """Mail a code."""
    session["proof"] = proof.send(
        current_user.organizer_id,
        current_user.email,
        signed_in.browser(),
        signed_in.language(),
        request.remote_addr,
    )
    return _page(200, **_way())


@bp.post("/code")
@login_required
def code() -> Response:
    """Take the code, and go on."""
    form = MailedCodeForm(prefix=OURS)
    if form.validate():
        try:
            return _go_on(
                proof.by_code(
                    current_user.organizer_id,
                    current_user.session_id,
                    session.get("proof", 0),
                    signed_in.browser(),
                    form.code.data,
                    request.remote_addr,
                )
            )
        except CodeWrong:
            form.code.errors = [
                gettext("This code does not fit. Look for the newest mail, or ask for another.")
            ]
    return _page(422, form, **_way())


@bp.post("/challenge")
@login_required
def challenge() -> Response:
    """What a passkey has to sign, for the page's script."""
    session["challenge"], task = passkeys.ask(
        signed_in.browser(), request.remote_addr, current_user.organizer_id
    )
    return answers.json(task)


@bp.post("/passkey")
@login_required
def passkey() -> Response:
    """Take a passkey, and go on."""
    try:
        key = passkeys.prove(
            current_user.organizer_id,
            current_user.session_id,
            session.pop("challenge", 0),
            signed_in.browser(),
            PasskeyForm(prefix=OURS).credential.data or "",
            request.remote_addr,
        )
    except PasskeyRefused:
        told = gettext("This passkey is not one of yours. Use another, or a code.")
        return _page(422, problem=told, **_way())
    return _go_on(key)


def _way() -> dict[str, Any]:
    """Where this is to lead, and whether something is to be sent there."""
    to = request.args.get("to", "")
    ours = to.startswith("/organize/") and "\\" not in to and not urlsplit(to).netloc
    return {
        "to": to if ours else url_for("organize.home"),
        "again": 1 if ours and request.args.get("again") else None,
    }


def _go_on(key: str) -> Response:
    signed_in.go_on(key)
    session.pop("proof", None)
    way = _way()
    return cast(Response, redirect(way["to"], 307 if way["again"] else 303))


def _page(
    status: int, form: MailedCodeForm | None = None, problem: str = "", **way: Any
) -> Response:
    return answers.page(
        "proof/ask.html",
        status=status,
        form=form or MailedCodeForm(formdata=None, prefix=OURS),
        problem=problem,
        sent="proof" in session,
        carried=_carried(),
        way=way,
    )


def _carried() -> list[tuple[str, str]]:
    """What was typed for the page behind this one."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not name.startswith(OURS)
    ]
