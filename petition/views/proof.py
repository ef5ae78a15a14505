"""Before something that cannot easily be taken back, its organizer proves that it is them.

A view asks for that with `@proof_needed`. Who proved it within the last minutes notices nothing.
Who did not is asked, and goes on where they were: what they had typed goes along from page to
page in hidden fields, and is sent on by the browser itself (307). A seal goes with it, which only
the press itself gets: a link from outside, with whatever it names, never leads to more than a page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, request, session, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user, login_required
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from petition import tokens
from petition.actions import passkeys, proof
from petition.exceptions import CodeWrong, PasskeyRefused
from petition.forms.account import MailedCodeForm, PasskeyForm
from petition.tokens import Purpose
from petition.views import answers, signed_in
from petition.views.sessions import leads_into_panel

bp = Blueprint("proof", __name__, url_prefix="/organize/proof")

P = ParamSpec("P")
OURS = "proof-"
"""What the names of this page's own fields begin with."""
PRESSED = "proof-pressed"


ERRANDS = {
    "account.ask_address": lazy_gettext("use another address"),
    "export.decisions": lazy_gettext("export the decisions"),
    "export.deliver": lazy_gettext("hand the names over"),
    "export.work": lazy_gettext("export the signatures"),
    "life.delete": lazy_gettext("delete the draft"),
    "life.move": lazy_gettext("hand the letter over to another team"),
    "life.withdraw": lazy_gettext("withdraw the letter from view"),
    "passkeys.challenge": lazy_gettext("make a passkey"),
    "passkeys.make": lazy_gettext("make a passkey"),
    "passkeys.register": lazy_gettext("make a passkey"),
    "passkeys.remove": lazy_gettext("remove a passkey"),
    "record.export_of_letter": lazy_gettext("export the record"),
    "record.export_of_team": lazy_gettext("export the record"),
    "teams.change_role": lazy_gettext("change a role"),
    "teams.invite": lazy_gettext("invite somebody"),
    "teams.leave": lazy_gettext("leave the team"),
    "teams.remove": lazy_gettext("take somebody out of the team"),
    "teams.require_passkeys": lazy_gettext("change who needs a passkey"),
    "teams.resend": lazy_gettext("invite somebody"),
}
"""What is done after the proof, in words."""
_BACK = {
    "account": "account.show",
    "export": "export.show",
    "life": "life.show",
    "passkeys": "account.show",
    "record.export_of_letter": "record.of_letter",
    "record.export_of_team": "record.of_team",
    "teams": "teams.show",
}
"""The page on which it was begun, by blueprint or by endpoint."""


class Way(NamedTuple):
    """Where this is to lead."""

    to: str
    pressed: bool
    """Whether what was typed is to be sent there, because its form was pressed in this session."""


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
        return _page(403, Way(here, pressed=True))

    return guarded


@bp.get("")
@login_required
def ask() -> Response:
    """Ask for a passkey or a mailed code."""
    return _page(200, _way())


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
    return _page(200, _way())


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
    return _page(422, _way(), form)


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
        return _page(422, _way(), problem=told)
    return _go_on(key)


def _way() -> Way:
    to = request.args.get("to", "")
    if tokens.is_sealed(Purpose.PRESSED, request.form.get(PRESSED, ""), *_press(to)):
        return Way(to, pressed=True)
    return Way(to if leads_into_panel(to, "GET") else url_for("organize.home"), pressed=False)


def _press(to: str) -> tuple[object, ...]:
    """What a seal is about: in which session which form was pressed, with what in it."""
    lines = [(name, "\n".join(value.splitlines())) for name, value in _carried()]
    return current_user.session_id, to, lines


def _go_on(key: str) -> Response:
    signed_in.go_on(key)
    session.pop("proof", None)
    way = _way()
    return cast(Response, redirect(way.to, 307 if way.pressed else 303))


def _page(status: int, way: Way, form: MailedCodeForm | None = None, problem: str = "") -> Response:
    carried = _carried() if way.pressed else []
    if way.pressed:
        carried.append((PRESSED, tokens.seal(Purpose.PRESSED, *_press(way.to))))
    return answers.page(
        "proof/ask.html",
        status=status,
        form=form or MailedCodeForm(formdata=None, prefix=OURS),
        problem=problem,
        sent="proof" in session,
        carried=carried,
        to=way.to,
        **_errand(way),
    )


def _errand(way: Way) -> dict[str, Any]:
    """What comes next, where there is a word for it, and where it was begun."""
    routes = current_app.create_url_adapter(request)
    try:
        endpoint, values = cast(MapAdapter, routes).match(
            urlsplit(way.to).path, "POST" if way.pressed else "GET"
        )
    except HTTPException:
        endpoint, values = "", {}
    if endpoint not in ERRANDS:
        return {"next": None, "back": url_for("organize.home")}
    begun = _BACK.get(endpoint) or _BACK.get(endpoint.partition(".")[0], "organize.home")
    place = {name: value for name, value in values.items() if name in {"slug", "team_id"}}
    return {"next": ERRANDS[endpoint], "back": url_for(begun, **place)}


def _carried() -> list[tuple[str, str]]:
    """What was typed for the page behind this one."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not name.startswith(OURS)
    ]
