"""What guards a letter for a while: turned on and off by one press, and seen at once."""

from petition import caching
from petition.actions.altering import hold
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Role
from petition.models import Switch as Switch  # views know it from here


def turn(
    letter: Letter, role: str, organizer_id: int, switch: Switch, *, on: bool, words: str = ""
) -> None:
    """Turn a switch of a letter on or off. Once more changes nothing but the words.

    Who changes the settings meanwhile is not disturbed: none of them is touched.

    Args:
        words: what everybody reads while it is paused; kept for the next time, when it goes on.

    Raises:
        Forbidden: this role only looks.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        kept = hold(letter.id)
        reworded = switch is Switch.PAUSE and on and kept.paused_at is not None
        match switch:
            case Switch.PAUSE:
                kept.paused_at = (kept.paused_at or now()) if on else None
                kept.paused_words = words if on else kept.paused_words
            case Switch.HOLD:
                kept.holds_all = on
            case Switch.PROOF:
                kept.demands_proof = on
            case Switch.HIDE:
                kept.list_hidden_at = (kept.list_hidden_at or now()) if on else None
        about = {"reworded": True} if reworded else {}
        record(
            Action.SWITCH,
            organizer_id=organizer_id,
            letter=kept,
            switch=switch.value,
            on=on,
            **about,
        )
    caching.recent.forget(letter.slug)
