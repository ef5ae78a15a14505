"""A letter opens, closes, says what came of it, and leaves the view; all of it can be undone."""

from datetime import datetime

from petition.actions import reasons
from petition.actions.altering import altering
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.exceptions import HasSignatures, OtherLife
from petition.models import Letter, Life, Role
from petition.models import Outcome as Outcome  # views know it from here
from petition.queries import tallies, teams


def plan(
    letter: Letter, role: str, version: int, opens: datetime | None, closes: datetime | None
) -> None:
    """Set when a letter opens and closes.

    What is open does not open another time, and what is closed is reopened rather than planned.

    Raises:
        Forbidden: this role does not write letters.
        Overtaken: a colleague has changed the letter since this version.
        OtherLife: the letter has opened or closed, or would by this very change.
    """
    with altering(letter, role, Role.EDITOR, version) as kept:
        life, at = kept.life(now()), now()
        if life is Life.CLOSED or (closes is not None and closes <= max(at, opens or at)):
            raise OtherLife
        if life is Life.SCHEDULED and (opens is None or opens <= at):
            raise OtherLife
        if life is not Life.OPEN:
            kept.opens_at = opens
        kept.closes_at = closes
        record(Action.DATES, letter=kept, opens=_written(opens), closes=_written(closes))


def open_now(letter: Letter, role: str) -> None:
    """Open a letter before its time.

    Raises:
        Forbidden: this role does not write letters.
        OtherLife: it is not waiting for its opening.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        _must_live(kept, Life.SCHEDULED)
        kept.opens_at = now()
        record(Action.OPENED, letter=kept)


def close(letter: Letter, role: str, outcome: Outcome | None, message: str) -> None:
    """Close a letter this moment.

    Args:
        outcome: what came of it, where that is known.
        message: what is said about that, above the letter.

    Raises:
        Forbidden: this role does not write letters.
        OtherLife: it is not open.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        _must_live(kept, Life.OPEN)
        kept.closes_at = now()
        _say(kept, outcome, message)
        record(Action.CLOSED, letter=kept, outcome=outcome)


def tell_outcome(
    letter: Letter, role: str, version: int, outcome: Outcome | None, message: str
) -> None:
    """Say what came of a closed letter, or say it otherwise.

    Raises:
        Forbidden: this role does not write letters.
        Overtaken: a colleague has changed the letter since this version.
        OtherLife: it is not closed, or its signatures were made anonymous.
    """
    with altering(letter, role, Role.EDITOR, version) as kept:
        _must_live(kept, Life.CLOSED)
        _say(kept, outcome, message)
        record(Action.OUTCOME, letter=kept, outcome=outcome)


def _say(letter: Letter, outcome: Outcome | None, message: str) -> None:
    """Say what came of a letter; the same once more is no news."""
    if (outcome, message) != (letter.outcome, letter.outcome_message):
        letter.outcome_at = now()
    letter.outcome, letter.outcome_message = outcome, message


def reopen(letter: Letter, role: str, closes: datetime | None = None) -> None:
    """Let a closed letter take signatures again. What came of it is kept for its next closing.

    Args:
        closes: when it closes again; what has passed meanwhile is no date for that.

    Raises:
        Forbidden: this role does not write letters.
        OtherLife: it is not closed, or its signatures were made anonymous.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        _must_live(kept, Life.CLOSED)
        if kept.anonymous_at is not None:
            raise OtherLife
        kept.closes_at = closes if closes is not None and closes > now() else None
        record(Action.REOPENED, letter=kept, closes=_written(kept.closes_at))


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="minutes") if moment else None


def _must_live(letter: Letter, life: Life) -> None:
    if letter.life(now()) is not life:
        raise OtherLife


def take_from_view(letter: Letter, role: str, reason: str) -> None:
    """Withdraw a published letter from view; its addresses say why.

    Raises:
        Forbidden: only an owner may.
        OtherLife: it is a draft, or withdrawn already.
    """
    with altering(letter, role, Role.OWNER) as kept:
        if not kept.in_view:
            raise OtherLife
        kept.withdrawn_at = now()
        kept.withdrawn_reason = reason
        record(Action.TAKEN_FROM_VIEW, letter=kept)


def bring_back(letter: Letter, role: str) -> None:
    """Show a letter again that was withdrawn from view.

    Raises:
        Forbidden: only an owner may.
        OtherLife: it is in view.
    """
    with altering(letter, role, Role.OWNER) as kept:
        if kept.withdrawn_at is None:
            raise OtherLife
        kept.withdrawn_at = None
        record(Action.BROUGHT_BACK, letter=kept)


def delete(letter: Letter, role: str) -> None:
    """Throw a draft away; it can be brought back.

    Raises:
        Forbidden: this role does not write letters.
        OtherLife: it is no draft.
        HasSignatures: somebody has signed it.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        _must_live(kept, Life.DRAFT)
        if tallies.of_letter(kept.id).anybody:
            raise HasSignatures
        kept.deleted_at = now()
        record(Action.DELETED, letter=kept)


def restore(letter: Letter, role: str) -> None:
    """Bring back a draft that was thrown away. Once more changes nothing.

    Raises:
        Forbidden: this role does not write letters.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        kept.deleted_at = None
        record(Action.RESTORED, letter=kept)


def move_to_team(letter: Letter, role: str, organizer_id: int, team_id: int) -> None:
    """Hand a letter over to another team, as a draft: that team publishes it, if it wants to.

    Its texts, signatures and decisions come along, and what its team says of why. Who waits to
    confirm can do so as soon as it is published again, while their link works.

    Raises:
        Forbidden: the organizer is not an owner of both teams.
        NotFound: they are not in the other team at all.
        OtherLife: it belongs to that team already.
    """
    with altering(letter, role, Role.OWNER) as kept:
        must(teams.own(organizer_id, team_id).role, Role.OWNER)
        if kept.team_id == team_id:
            raise OtherLife
        reasons.bring(kept, team_id)
        record(Action.MOVED, letter=kept, to=team_id)  # for the team that had it
        kept.team_id = team_id
        kept.published_at = None
        record(Action.MOVED, letter=kept, to=team_id)
