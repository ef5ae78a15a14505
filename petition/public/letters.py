"""A letter as the world reads it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from petition import config, links, retention, sources
from petition.clock import now
from petition.models import (
    Asking,
    Change,
    Counts,
    Grouping,
    Letter,
    Life,
    Listing,
    Moderation,
    Outcome,
    Revision,
)


@dataclass(frozen=True)
class PublicRevision:
    """One of the texts that a letter was published with."""

    number: int
    language: str
    change: Change
    note: str
    title: str
    addressee: str
    sender: str
    sha256: str
    published_at: datetime


@dataclass(frozen=True)
class Kept:
    """How long what a signer gives is kept."""

    unconfirmed: int
    """Days, where it is never confirmed."""
    address: int
    """Days after confirming, where no updates are wanted."""
    network: int
    """Days, of the fingerprint of where it came from."""
    months: int
    """After the letter's closing; then everything is made anonymous."""
    until: datetime | None
    """When that is, as far as it is known."""


def kept(row: Letter) -> Kept:
    """How long what the signers of a letter give is kept."""
    ended = row.closes_at or row.withdrawn_at
    settings = config.current()
    return Kept(
        unconfirmed=retention.UNCONFIRMED.days,
        address=settings.keep_addresses_days,
        network=retention.NETWORKS.days,
        months=settings.keep_names_months,
        until=retention.anonymous_from(ended) if ended else None,
    )


@dataclass(frozen=True)
class PublicLetter:
    """A letter as the world reads it."""

    slug: str
    url: str
    title: str
    addressee: str
    sender: str
    language: str
    """The language of this text."""
    languages: tuple[str, ...]
    """All it can be read in, its own first."""
    html: str
    revision: int
    rewritten: bool
    """This text took the place of an earlier one in its language."""
    behind: bool
    """The letter has been changed in substance in another language, and not yet in this one."""
    changes: tuple[PublicRevision, ...]
    """What was changed since the world first read it: the last change of substance, and the
    correction after it."""
    sha256: str
    published_at: datetime
    closes_at: datetime | None
    life: Life
    held_first: bool
    """A moderator reads each signature before it is published."""
    goal: int | None
    count: int
    """Confirmed and published, and on paper."""
    being_checked: int
    """Confirmed, and waiting for a moderator; none, once nobody can decide any more."""
    paper: int
    """How many of the count are on paper."""
    listing: Listing
    hands_over: bool
    """The names are handed to the addressee."""
    asking: Asking
    responsible: str
    contact: str
    description: str
    """What stands beside a shared link, in the organizer's words; empty, where they have none."""
    data_use: str
    """What happens to the signers' data, as the organizer adds to it."""
    opens_at: datetime | None
    withdrawn: bool
    """Taken from view; only its team and its signers see it."""
    outcome: Outcome | None
    outcome_message: str
    kept: Kept
    anonymous_at: datetime | None
    """When its signatures were made anonymous: no name is there any more."""
    indexed: bool = False
    """Search engines may keep the pages of names."""
    paused: bool = False
    """It takes no signatures for a while, though it is open."""
    paused_words: str = ""
    """Why, in the organizers' words; empty, where they say nothing."""
    demands_proof: bool = False
    """It takes no form from a browser without scripts at the moment."""
    list_hidden: bool = False
    """No name is shown at the moment."""

    @property
    def open(self) -> bool:
        return self.life is Life.OPEN

    @property
    def signable(self) -> bool:
        """Whether it takes signatures now."""
        return self.open and not self.paused

    @property
    def names_shown(self) -> bool:
        """Whether any name is shown now, or would be."""
        return self.listing is not Listing.NOT and not self.list_hidden

    @property
    def lang(self) -> str | None:
        """What stands in addresses of this text: nothing, where it is the letter's own."""
        return None if self.language == self.languages[0] else self.language

    def address_in(self, language: str) -> str:
        """Where it can be read in one of its languages."""
        other = None if language == self.languages[0] else language
        return links.absolute("letters.show", slug=self.slug, lang=other)

    def via(self, source: str) -> str:
        """Its address as it is given out somewhere, with the source as which that is counted."""
        told = {sources.PARAMETER: source}
        return links.absolute("letters.show", slug=self.slug, lang=self.lang, **told)

    def oembed(self, written: str) -> str:
        """Where other sites learn how to show it (https://oembed.com), as `json` or `xml`."""
        return links.absolute("oembed.show", format=written, url=self.url)

    @property
    def modified_at(self) -> datetime:
        """When its text was last changed, as far as the world can know."""
        return self.changes[-1].published_at if self.changes else self.published_at

    @property
    def changes_at(self) -> datetime | None:
        """When the clock alone makes this a different letter: at its closing."""
        return self.closes_at if self.life is Life.OPEN else None

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """By what its names can be grouped: what everybody is asked for and shown with."""
        if not self.names_shown:
            return ()
        return tuple(by for by in Grouping if self._shows(by))

    @property
    def shows_comments(self) -> bool:
        return self.names_shown and self._shows("comment")

    def _shows(self, field: str) -> bool:
        asked = self.asking.of(field)
        return asked.asked and asked.shown

    @property
    def progress(self) -> float:
        """The way to the goal, from 0 to 1."""
        return min(1.0, self.count / self.goal) if self.goal else 0.0


def letter(
    row: Letter, revision: Revision, counts: Counts, substance: Revision | None = None
) -> PublicLetter:
    """A letter with its text in force, in one of its languages, and its numbers.

    Args:
        substance: the change of substance that the text corrects, for who reads the text.
    """
    count = counts.published + row.paper
    other = None if revision.language == row.language else revision.language
    public_since = row.opens_at or row.published_at or revision.published_at
    wording = row.wording.get(revision.language, {})
    life = row.life(now())
    return PublicLetter(
        slug=row.slug,
        url=links.absolute("letters.show", slug=row.slug, lang=other),
        title=revision.title,
        addressee=revision.addressee,
        sender=revision.sender,
        language=revision.language,
        languages=tuple(row.languages) or (row.language,),
        html=revision.html,
        revision=revision.number,
        rewritten=revision.change in _REPLACING,
        behind=revision.edition < row.edition,
        changes=_changes((substance, revision), public_since),
        sha256=revision.sha256,
        published_at=public_since,
        closes_at=row.closes_at,
        life=life,
        held_first=row.moderated == Moderation.BEFORE,
        goal=row.goal(count),
        count=count,
        being_checked=counts.held if row.anonymous_at is None else 0,
        paper=row.paper,
        listing=Listing(row.listing),
        hands_over=row.hands_over,
        asking=row.asking,
        responsible=row.responsible or revision.sender,
        contact=row.contact,
        description=wording.get("description", ""),
        data_use=wording.get("data", ""),
        opens_at=row.opens_at,
        withdrawn=row.withdrawn_at is not None,
        outcome=Outcome(row.outcome) if row.outcome and life is Life.CLOSED else None,
        outcome_message=row.outcome_message if life is Life.CLOSED else "",
        kept=kept(row),
        anonymous_at=row.anonymous_at,
        indexed=row.indexed,
        paused=row.paused_at is not None and life is Life.OPEN,
        paused_words=row.paused_words,
        demands_proof=row.demands_proof,
        list_hidden=row.list_hidden_at is not None,
    )


def revision(row: Revision) -> PublicRevision:
    """A text, for everybody."""
    return PublicRevision(
        number=row.number,
        language=row.language,
        change=Change(row.change),
        note=row.note,
        title=row.title,
        addressee=row.addressee,
        sender=row.sender,
        sha256=row.sha256,
        published_at=row.published_at,
    )


_REPLACING = {Change.CORRECTION, Change.SUBSTANCE}


def _changes(texts: Iterable[Revision | None], since: datetime) -> tuple[PublicRevision, ...]:
    """Those of these texts that took the place of another which the world had read."""
    return tuple(
        revision(text)
        for text in texts
        if text is not None and text.change in _REPLACING and text.published_at > since
    )


def opened(letter: PublicLetter) -> PublicLetter:
    """A letter that is not public yet, as it will be read once it is open."""
    if letter.life in {Life.DRAFT, Life.SCHEDULED}:
        return replace(letter, life=Life.OPEN)
    return letter


def listed(letter: PublicLetter) -> PublicLetter:
    """A letter for its own team, who see the names whether they are shown now or not."""
    return replace(letter, list_hidden=False)


def embargoed(letter: PublicLetter) -> PublicLetter:
    """A letter for who reads it before everybody: it leads nowhere that is not public yet."""
    if letter.life is not Life.SCHEDULED:
        return letter
    return replace(letter, languages=(letter.language,), behind=False, changes=())


def structured(letter: PublicLetter, picture: str | None) -> dict[str, Any]:
    """A letter for machines, in the words of schema.org."""
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "url": letter.url,
        "headline": letter.title,
        "inLanguage": letter.language,
        "datePublished": letter.published_at.isoformat(timespec="seconds"),
        "dateModified": letter.modified_at.isoformat(timespec="seconds"),
        "author": {"@type": "Organization", "name": letter.sender},
        "audience": {"@type": "Audience", "name": letter.addressee},
        "identifier": f"sha256:{letter.sha256}",
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/AgreeAction",
            "userInteractionCount": letter.count,
        },
    }
    if letter.signable:
        about["potentialAction"] = {
            "@type": "AgreeAction",
            "target": f"{letter.url}#sign",
        }
    return about | ({"image": picture} if picture else {})
