"""Who is signed in: from the cookie's key to the organizer of this request."""

from flask import Flask, Response, request, session, url_for
from flask_babel import get_locale
from flask_login import UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError

from petition import tokens
from petition.actions import record
from petition.actions import sessions as keeping
from petition.extensions import login
from petition.queries import sessions
from petition.queries.sessions import OpenSession
from petition.views import answers, errors, familiar, kept
from petition.views.sessions import in_panel

_TO_MAKE_A_PASSKEY = {"passkeys.needed", "passkeys.challenge", "passkeys.register"}
_TO_USE_A_PASSKEY = {"passkeys.needed", "proof.challenge", "proof.passkey"}
_TO_PROVE = {"proof.ask", "proof.send", "proof.code"}
_OPEN = {"sign_in", "invitations"}
"""Blueprints for those who are not in yet."""


class SignedIn(UserMixin):
    """The organizer of this request."""

    def __init__(self, key: str, found: OpenSession) -> None:
        self.key = key
        self.session_id = found.session.id
        self.organizer_id = found.organizer.id
        self.email = found.organizer.email
        self.name = found.organizer.name
        self.has_passkey = found.has_passkey
        self.lacks_passkey = found.lacks_passkey
        self.proved = found.proved

    def get_id(self) -> str:
        """What the cookie carries."""
        return self.key


def register(app: Flask) -> None:
    """Let every request of the panel know whose it is."""
    login.user_loader(load)
    login.unauthorized_handler(stranger)
    app.before_request(lead_to_passkey)
    app.teardown_request(lambda _: record.acting(None))
    app.register_error_handler(CSRFError, without_token)


def load(key: str) -> SignedIn | None:
    """The organizer that a cookie's key speaks for, while their session is open.

    That it was used is noted every few minutes, whatever the method: it is what ends a session
    that nobody uses. Nothing that anybody reads changes by that.
    """
    found = sessions.by_key(key)
    if found is None:
        return None
    if found.unnoted:
        keeping.seen(found.session.id)
    record.acting(found.organizer.id)
    return SignedIn(key, found)


def stranger() -> Response:
    """Strangers are shown the way in; what they sent is not acted upon, and not lost."""
    return kept.hand_back(401) or answers.see(url_for("sign_in.ask"))


def lead_to_passkey() -> Response | None:
    """Who is in a team that requires passkeys gets nowhere before one was used."""
    if not in_panel(request.path) or request.blueprint in _OPEN:
        return None
    if not current_user.is_authenticated or not current_user.lacks_passkey:
        return None
    way = _TO_USE_A_PASSKEY if current_user.has_passkey else _TO_MAKE_A_PASSKEY | _TO_PROVE
    if request.endpoint in way:
        return None
    return kept.hand_back(403) or answers.see(url_for("passkeys.needed"))


def begin(key: str) -> None:
    """Give this browser the key of a new session; nothing of an earlier one lives on."""
    if current_user.is_authenticated:
        keeping.end_key(current_user.key)
    session.clear()
    session.permanent = True
    login_user(load(key))
    familiar.remember(current_user.organizer_id)


def go_on(key: str) -> None:
    """Give this browser the new key of the session it has."""
    login_user(load(key))


def end() -> None:
    """Let this browser forget its session."""
    logout_user()
    session.clear()


def browser() -> str:
    """What this browser was given to be known by, when it answers a challenge."""
    return str(session.setdefault("browser", tokens.fresh()))


def language() -> str:
    """The language this visitor reads, as a tag."""
    return str(get_locale() or "en").replace("_", "-")


def without_token(error: CSRFError) -> Response:
    """A page that was left open until its session ended is told so, and loses no words."""
    if request.blueprint in _OPEN:
        return errors.of_http(error)
    if current_user.is_authenticated:
        return kept.hand_back(400) or errors.of_http(error)
    return kept.hand_back(401) or answers.page("sign_in/signed_out.html", status=400)
