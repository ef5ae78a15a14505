"""In which browsers an organizer has signed in before. It opens nothing.

Who asks for a mail there is not kept waiting by strangers who ask for mails to the same address.
"""

from flask import Response, after_this_request, current_app, request

from petition import tokens
from petition.exceptions import LinkBroken, LinkExpired
from petition.tokens import Purpose


def remember(organizer_id: int) -> None:
    """Let this browser know who has signed in in it; the panel alone looks."""

    @after_this_request
    def tell(response: Response) -> Response:
        response.set_cookie(
            _name(),
            tokens.make(Purpose.FAMILIAR, organizer_id),
            max_age=Purpose.FAMILIAR.age,
            secure=_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response


def organizer() -> int | None:
    """The number of the organizer who signed in last in this browser, if anybody did."""
    try:
        return tokens.read(Purpose.FAMILIAR, request.cookies.get(_name(), ""))
    except (LinkBroken, LinkExpired):
        return None


def _name() -> str:
    return "__Host-familiar" if _secure() else "familiar"


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
