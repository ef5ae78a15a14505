"""Sessions exist on the organizers' side and nowhere else.

Whatever an extension may look up, a public page is the same for everybody: no cookie is read for
it, none is set, and no `Vary: Cookie` keeps a shared cache from it.
"""

from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class PanelSessions(SecureCookieSessionInterface):
    """Flask's signed cookies, for `/organize` alone."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the panel; elsewhere, an empty one that leads nowhere."""
        if in_panel(request.path):
            return super().open_session(app, request)
        return SecureCookieSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie, from the panel."""
        if in_panel(request.path):
            super().save_session(app, session, response)


def in_panel(path: str) -> bool:
    """Whether an address belongs to the organizers' side."""
    return path == "/organize" or path.startswith("/organize/")


def leads_into_panel(address: str, method: str) -> bool:
    """Whether an address that somebody gave is one of the panel's, for this method."""
    parts, routes = urlsplit(address), current_app.create_url_adapter(request)
    if routes is None or parts.scheme or parts.netloc or not in_panel(parts.path):
        return False
    return routes.test(parts.path, method)
