"""A team writes its list of reasons to reject."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from petition import reasons
from petition.actions import teams
from petition.actions.record import Action, record
from petition.database import writing
from petition.exceptions import LastReason, NotFound, Overtaken
from petition.extensions import db
from petition.models import Letter, Role
from petition.queries import removals
from petition.queries import teams as known
from petition.reasons import MOST, TeamReason


def add(organizer_id: int, team_id: int, version: int, reason: TeamReason) -> None:
    """Put a reason at the end of the list; its code is given to it here.

    Args:
        version: of the list, as the organizer was shown it (`petition.reasons.version`).

    Raises:
        NotFound: there is no such team, or the organizer is not in it.
        Forbidden: their role does not write letters.
        Overtaken: a colleague has changed the list since, or it is as long as it may be.
    """
    with _changing(organizer_id, team_id, version) as listed:
        if len(listed) >= MOST:
            raise Overtaken
        listed.append(replace(reason, code=reasons.new_code()))


def reword(organizer_id: int, team_id: int, version: int, reason: TeamReason) -> None:
    """Call a reason otherwise, in the panel, in public or by mail; also for what was rejected.

    Raises:
        NotFound, Forbidden, Overtaken: as `add`; also, there is no such reason.
    """
    with _changing(organizer_id, team_id, version) as listed:
        place = _place(listed, reason.code)
        listed[place] = replace(reason, retired=listed[place].retired)


def retire(organizer_id: int, team_id: int, code: str) -> None:
    """Let a reason be chosen no more; what was rejected for it still says so.

    Raises:
        NotFound, Forbidden: as `add`; also, there is no such reason.
        LastReason: there is no other to choose.
    """
    with _changing(organizer_id, team_id) as listed:
        place = _place(listed, code)
        listed[place] = replace(listed[place], retired=True)
        if all(each.retired for each in listed):
            raise LastReason


def offer(organizer_id: int, team_id: int, code: str) -> None:
    """Let a reason be chosen again.

    Raises:
        NotFound, Forbidden: as `add`; also, there is no such reason.
    """
    with _changing(organizer_id, team_id) as listed:
        place = _place(listed, code)
        listed[place] = replace(listed[place], retired=False)


def move_up(organizer_id: int, team_id: int, code: str) -> None:
    """Put a reason before the one above it; the first stays.

    Raises:
        NotFound, Forbidden: as `add`; also, there is no such reason.
    """
    with _changing(organizer_id, team_id) as listed:
        place = _place(listed, code)
        listed.insert(max(0, place - 1), listed.pop(place))


def bring(letter: Letter, team_id: int) -> None:
    """Have another team say why signatures of a letter were rejected as its team says it now.

    Inside the transaction that hands the letter over. What is brought can be chosen by the other
    team as soon as it offers it.
    """
    mine = reasons.of(known.reasons_of(letter.team_id))
    team = teams.locked(team_id)
    theirs = reasons.of(team.reasons)
    codes = {each.code for each in theirs}
    used = removals.reasons(letter.id)
    brought = [each for each in mine if each.code in used - codes]
    if brought:
        team.reasons = reasons.kept([*theirs, *(replace(each, retired=True) for each in brought)])


@contextmanager
def _changing(
    organizer_id: int, team_id: int, version: int | None = None
) -> Iterator[list[TeamReason]]:
    """The list of a team to change, kept from everybody else until the change is written."""
    with writing(db.session):
        team = teams.held(organizer_id, team_id, Role.EDITOR)
        if version is not None and version != reasons.version(team.reasons):
            raise Overtaken
        listed = reasons.of(team.reasons)
        yield listed
        team.reasons = reasons.kept(listed)
        record(Action.REASONS, organizer_id=organizer_id, team_id=team_id)


def _place(listed: list[TeamReason], code: str) -> int:
    for place, reason in enumerate(listed):
        if reason.code == code:
            return place
    raise NotFound
