"""What organizers have said of other sites that show a letter, and which do."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from petition import caching, sites, sources
from petition.extensions import db
from petition.models import Framing, Letter, Measure, Sighting, Site, SiteStanding
from petition.queries.numbers import LEAST_TOLD_APART, sums_of

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
        """Where only listed sites may frame the form: those that are not blocked, in whole or in
        part. Empty, where all may that are not blocked."""
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
    of = {
        standing: tuple(r.name for r in rows if r.standing == standing) for standing in SiteStanding
    }
    return Terms(Framing(rows[0].framing), of[SiteStanding.LISTED], of[SiteStanding.BLOCKED])


def said(letter_id: int) -> list[Site]:
    """What organizers have said of sites, by name."""
    return list(
        db.session.scalars(select(Site).where(Site.letter_id == letter_id).order_by(Site.name))
    )


def sightings(letter_id: int) -> list[Sighting]:
    """The sites that show a letter, the latest first."""
    mine = select(Sighting).where(Sighting.letter_id == letter_id)
    latest = mine.order_by(Sighting.last_at.desc(), Sighting.name)
    return list(db.session.scalars(latest.limit(MOST_SEEN)))


@dataclass(frozen=True)
class Known:
    """What is known of another site."""

    name: str
    standing: SiteStanding | None
    """What is said of it, or of a site that it belongs to."""
    said_of: str
    """The site of which that is said; empty, where nothing is."""
    own: SiteStanding | None
    """What is said of it by its own name."""
    first_at: datetime | None
    """Since when it shows the letter; None, where it was not seen to."""
    last_at: datetime | None
    number: int
    """Signatures that came from its host, as far as they are counted. No port is kept of them, so
    that names which differ by theirs alone have one number."""

    @property
    def told(self) -> int:
        """The same, where so many came that nobody is told apart; else 0."""
        return self.number if self.number >= LEAST_TOLD_APART else 0


def known(letter_id: int) -> list[Known]:
    """The sites that show a letter, then those of which anything else is known; in both, those from
    which most signatures came before others, and the latest before those seen earlier.

    A site is left out of which it is only known that few came from there.
    """
    own, seen, came = said(letter_id), sightings(letter_id), _came_from(letter_id)
    names = dict.fromkeys(each.name for each in seen)
    names |= dict.fromkeys(each.name for each in own)
    names |= dict.fromkeys(
        host for host, number in came.most_common() if number >= LEAST_TOLD_APART
    )
    seen_at = {each.name: (each.first_at, each.last_at) for each in seen}
    by_name = {each.name: SiteStanding(each.standing) for each in own}
    ranked = _ranked(own)
    told = []
    for name in names:
        holds = next((each for each in ranked if sites.covers(each.name, name)), None)
        first_at, last_at = seen_at.get(name, (None, None))
        told.append(
            Known(
                name,
                standing=SiteStanding(holds.standing) if holds else None,
                said_of=holds.name if holds else "",
                own=by_name.get(name),
                first_at=first_at,
                last_at=last_at,
                number=came[sites.host_of(name)],
            )
        )
    return sorted(told, key=lambda each: (each.first_at is None, -each.told))


def came_from_all(told: Iterable[Known]) -> int:
    """Signatures from all these sites; names that differ by their port alone have one number."""
    return sum({sites.host_of(each.name): each.told for each in told}.values())


def _ranked(own: Iterable[Site]) -> list[Site]:
    """The first of these that covers a site holds for it: one that blocks it, before all else; then
    what is closest."""
    return sorted(own, key=lambda each: (each.standing != SiteStanding.BLOCKED, -len(each.name)))


def _came_from(letter_id: int) -> Counter[str]:
    """How many signatures came from each site, whatever it shows or links to."""
    found = Counter[str]()
    for source, number in sums_of(letter_id, [Measure.SOURCE])[Measure.SOURCE].items():
        host = sources.parts(source)[1] if source else ""
        if host:
            found[host] += number
    return found
