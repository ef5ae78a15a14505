"""What organizers say of other sites: where a letter can be signed, and which must not show it."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from petition import caching
from petition.actions.altering import altering, hold
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.database import insert, writing
from petition.exceptions import TooManySites
from petition.extensions import db
from petition.models import Framing as Framing  # views know it from here
from petition.models import Letter, Role, Site
from petition.models import SiteStanding as SiteStanding  # views know it from here

MOST = {SiteStanding.LISTED: 30, SiteStanding.BLOCKED: 200}
"""Sites of which something is said. Those that are listed go along with every form in a frame, in
a header that has its bounds."""
_ACTIONS = {SiteStanding.LISTED: Action.SITE_LISTED, SiteStanding.BLOCKED: Action.SITE_BLOCKED}


@dataclass(frozen=True)
class Said:
    """What is said of a site now, and what was before; None: nothing."""

    name: str
    standing: SiteStanding | None
    before: SiteStanding | None


def frame_on(letter: Letter, role: str, framing: Framing) -> Framing:
    """Say on which sites a letter can be signed; what was said before.

    Raises:
        Forbidden: this role may not.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        before, kept.framing = Framing(kept.framing), framing
        if before is not framing:
            record(Action.FRAMING, letter=kept, where=framing.value)
    _forget(letter)
    return before


def say(
    letter: Letter, role: str, organizer_id: int, names: list[str], standing: SiteStanding | None
) -> list[Said]:
    """Say something of sites, in place of what was said; or take it back. Of all, or of none.

    Args:
        names: as `sites.understood` gives them.
        standing: None: nothing more is said of them.

    Raises:
        Forbidden: this role may not.
        TooManySites: there is no room for all on that list.
    """
    must(role, Role.EDITOR)
    with writing(db.session):
        hold(letter.id)  # two who say something at once wait for each other
        said = [_say(letter, organizer_id, name, standing) for name in names]
    _forget(letter)
    return said


def _say(letter: Letter, organizer_id: int, name: str, standing: SiteStanding | None) -> Said:
    this = Site.letter_id == letter.id, Site.name == name
    found = db.session.scalar(select(Site.standing).where(*this))
    before = SiteStanding(found) if found else None
    if standing is not before:
        if standing is None:
            db.session.execute(delete(Site).where(*this))
            record(Action.SITE_ENDED, letter=letter, site=name)
        else:
            _must_have_room(letter, standing)
            _put(letter, organizer_id, name, standing)
            record(_ACTIONS[standing], letter=letter, site=name)
    return Said(name, standing, before)


def _must_have_room(letter: Letter, standing: SiteStanding) -> None:
    number = select(func.count()).where(Site.letter_id == letter.id, Site.standing == standing)
    if db.session.scalars(number).one() >= MOST[standing]:
        raise TooManySites


def _put(letter: Letter, organizer_id: int, name: str, standing: SiteStanding) -> None:
    statement = insert(db.engine.dialect.name, Site).values(
        letter_id=letter.id, name=name, standing=standing.value, organizer_id=organizer_id
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Site.letter_id, Site.name],
            set_={
                "standing": statement.excluded.standing,
                "organizer_id": statement.excluded.organizer_id,
                "created_at": statement.excluded.created_at,
            },
        )
    )


def _forget(letter: Letter) -> None:
    """Everybody is told at once; other processes know within seconds."""
    caching.guards.forget(letter.slug)
    caching.recent.forget(letter.slug)
