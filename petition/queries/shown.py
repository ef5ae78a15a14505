"""What an organizer was shown, kept with the form: nothing that came since is acted on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from petition import tokens
from petition.clock import now
from petition.exceptions import LinkBroken
from petition.extensions import db
from petition.models import Signature
from petition.tokens import Purpose


@dataclass(frozen=True)
class Shown:
    """Which signatures of a letter were looked for, up to which there were any, and when."""

    letter_id: int
    conditions: dict[str, str]
    """As they stand in the address of the queue (`Filter.address`)."""
    last_id: int
    at: datetime

    def token(self) -> str:
        """What the form sends back, so that nobody acts on other signatures than were shown."""
        words = {
            "letter": self.letter_id,
            "conditions": self.conditions,
            "last": self.last_id,
            "at": self.at.isoformat(),
        }
        return tokens.wrap(Purpose.SHOWN, words)


def look(letter_id: int, conditions: dict[str, str]) -> Shown:
    """What there is now. To be asked before the signatures themselves are read."""
    at = now()
    newest = select(func.max(Signature.id)).where(Signature.letter_id == letter_id)
    return Shown(letter_id, conditions, db.session.scalar(newest) or 0, at)


def read(letter_id: int, token: str) -> Shown:
    """What was shown of a letter, as its form sends it back.

    Raises:
        LinkBroken: it is not ours, of another letter, or too old.
    """
    words = tokens.unwrap(Purpose.SHOWN, token)
    if words["letter"] != letter_id:
        raise LinkBroken
    at = datetime.fromisoformat(words["at"])
    return Shown(letter_id, words["conditions"], words["last"], at)
