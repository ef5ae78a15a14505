"""Who is signed in: from the cookie's key to the organizer of this request."""

from flask import Flask, Response, request, session, url_for
from flask_login import UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError

from petition.extensions import login
from petition.queries import sessions
from petition.queries.sessions import OpenSession
from petition.views import answers, errors


class SignedIn(UserMixin):
    """The organizer of this request."""

    def __init__(self, key: str, found: OpenSession) -> None:
        self.key = key
        self.session_id = found.session.id
        self.organizer_id = found.organizer.id
        self.email = found.organizer.email

    def get_id(self) -> str:
        """What the cookie carries."""
        return self.key


def register(app: Flask) -> None:
    """Let every request of the panel know whose it is."""
    login.user_loader(load)
    login.unauthorized_handler(stranger)
    app.register_error_handler(CSRFError, without_token)


def load(key: str) -> SignedIn | None:
    """The organizer that a cookie's key speaks for, while their session is open."""
    found = sessions.by_key(key)
    return SignedIn(key, found) if found else None


def stranger() -> Response:
    """Strangers are shown the way in; what they sent is not acted upon."""
    return answers.see(url_for("sign_in.ask"))


def begin(key: str) -> None:
    """Give this browser the key of a new session; nothing of an earlier one lives on."""
    session.clear()
    session.permanent = True
    login_user(load(key))


def end() -> None:
    """Let this browser forget its session."""
    logout_user()
    session.clear()


def without_token(error: CSRFError) -> Response:
    """A page that was left open until its session ended is told so."""
    if current_user.is_authenticated or request.blueprint == "sign_in":
        return errors.of_http(error)
    return answers.page("sign_in/signed_out.html", status=400)
