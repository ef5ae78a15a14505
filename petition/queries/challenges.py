"""What organizers were asked, to prove that it is them."""

from sqlalchemy import select

from petition import tokens
from petition.clock import now
from petition.exceptions import LinkUsed
from petition.extensions import db
from petition.models import SignIn


def asked_of(challenge: int, browser: str) -> bool:
    """Whether a challenge that is still open was asked of this browser, or of any.

    Raises:
        LinkUsed: it is not open any more.
    """
    found = db.session.execute(
        select(SignIn.browser).where(
            SignIn.id == challenge, SignIn.used_at.is_(None), SignIn.expires_at > now()
        )
    ).first()
    if found is None:
        raise LinkUsed
    return found.browser in {None, tokens.digest(browser)}
