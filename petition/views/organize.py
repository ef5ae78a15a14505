"""The organizers' letters at a glance. Everything private is reached through their own team."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, url_for
from flask_login import current_user, login_required

from petition import public
from petition.actions import roles
from petition.actions.roles import Role
from petition.caching import Policy
from petition.clock import now
from petition.public import PublicLetter
from petition.queries import letters, notes, reports, tallies, teams
from petition.queries.letters import OwnLetter
from petition.queries.tallies import Lately
from petition.views import answers
from petition.views.own_letter import own_letter

bp = Blueprint("organize", __name__, url_prefix="/organize")

LAST_MONTH = timedelta(days=31)
"""For how long before their end the names of a letter are said to end."""


@dataclass(frozen=True)
class Line:
    """A letter with its numbers, and what its reader may do with it."""

    own: OwnLetter
    letter: PublicLetter
    lately: Lately
    aside: int
    """Signatures that are set aside."""
    reports: int
    """Signatures that are reported."""
    handed: int
    """Signatures that are in its reader's hands."""

    @property
    def anonymous_from(self) -> datetime | None:
        """When its signatures are made anonymous, in the month before that."""
        until = self.letter.kept.until
        if until is None or self.letter.anonymous_at or until - now() > LAST_MONTH:
            return None
        return until

    @property
    def state(self) -> str:
        """Where it stands, in a word."""
        return "out-of-view" if self.letter.withdrawn else self.letter.life.value


@bp.get("/")
@login_required
def home() -> Response:
    """The letters of my teams, with their numbers."""
    mine = teams.mine(current_user.organizer_id)
    lines = _lines(letters.of_organizer(current_user.organizer_id))
    return answers.page(
        "organize/home.html",
        open=[line for line in lines if line.state == "open"],
        to_come=[line for line in lines if line.state in {"draft", "scheduled"}],
        over=[line for line in lines if line.state == "closed"],
        gone=[line for line in lines if line.state == "out-of-view"],
        deleted=letters.deleted(current_user.organizer_id),
        may_write=any(roles.may(each.role, Role.EDITOR) for each in mine),
        several_teams=len(mine) > 1,
    )


@bp.get("/letters/<slug:slug>")
@login_required
def letter(slug: str) -> Response:
    """The place of a letter where there is most to do, for who types its address."""
    own = own_letter(slug)
    place = "moderation.queue" if own.letter.in_view else "writing.edit"
    return answers.detour(url_for(place, slug=slug), Policy.NOTHING)


def _lines(mine: list[OwnLetter]) -> list[Line]:
    ids = [each.letter.id for each in mine]
    counts, lately = tallies.of_letters(ids), tallies.lately(ids)
    reported = reports.how_many(ids)
    handed = notes.how_many_handed(ids, current_user.organizer_id)
    return [
        Line(
            each,
            public.letter(each.letter, each.revision, counts[each.letter.id]),
            lately[each.letter.id],
            0 if each.letter.anonymous_at else counts[each.letter.id].quarantined,
            0 if each.letter.anonymous_at else reported[each.letter.id],
            handed[each.letter.id],
        )
        for each in mine
    ]
