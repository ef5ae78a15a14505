"""What organizers have said of other sites that show a letter, and which do."""

from dataclasses import dataclass

from sqlalchemy import select

from petition import caching, sites
from petition.extensions import db
from petition.models import Framing, Letter, Sighting, Site, Standing

MOST_SEEN = 200
"""Sites that are listed as showing a letter, the latest."""


@dataclass(frozen=True)
class Terms:
    """Which other sites may show what of a letter."""

    framing: Framing
    listed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether it can be signed on each site, known or not."""
        return self.framing == Framing.ANYWHERE and not self.blocked

    @property
    def certain(self) -> tuple[str, ...]:
        """The sites on which, and on all below them, it can be signed, and on no other."""
        if self.framing == Framing.ANYWHERE:
            return ()
        return tuple(
            each
            for each in self.listed
            if not any(
                sites.covers(each, other) or sites.covers(other, each) for other in self.blocked
            )
        )

    def shows(self, site: str) -> bool:
        """Whether a site may show the letter at all; one that is not known may."""
        return not any(sites.covers(each, site) for each in self.blocked)

    def signs(self, site: str) -> bool:
        """Whether the letter can be signed on a site."""
        if not self.shows(site):
            return False
        listed = any(sites.covers(each, site) for each in self.listed)
        return self.framing == Framing.ANYWHERE or listed


def terms(letter: Letter) -> Terms:
    """What holds for a letter, remembered for a moment (`caching.guards`)."""
    return caching.guards.get(letter.slug, "embedding", lambda: _terms(letter))


def _terms(letter: Letter) -> Terms:
    rows = db.session.execute(
        select(Site.name, Site.standing, Letter.framing)
        .select_from(Letter)
        .outerjoin(Site, Site.letter_id == Letter.id)
        .where(Letter.id == letter.id)
        .order_by(Site.name)
    ).all()
    of = {standing: tuple(r.name for r in rows if r.standing == standing) for standing in Standing}
    return Terms(Framing(rows[0].framing), of[Standing.LISTED], of[Standing.BLOCKED])


def said(letter_id: int) -> list[Site]:
    """What organizers have said of sites, by name."""
    return list(
        db.session.scalars(select(Site).where(Site.letter_id == letter_id).order_by(Site.name))
    )


def sightings(letter_id: int) -> list[Sighting]:
    """The sites that show a letter, the latest first."""
    latest = select(Sighting).where(Sighting.letter_id == letter_id)
    return list(db.session.scalars(latest.order_by(Sighting.last_at.desc()).limit(MOST_SEEN)))
