"""What the world may see. No e-mail address exists beyond this module.

Rows go in, plain values come out; templates of public pages and embeds get nothing else.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from petition import links
from petition.clock import now
from petition.models import (
    Counts,
    Letter,
    Life,
    Listing,
    Moderation,
    Outcome,
    Revision,
    Signature,
    State,
)


@dataclass(frozen=True)
class PublicName:
    """A signer as they stand in a list."""

    name: str
    affiliation: str
    role: str
    location: str
    comment: str
    invented: bool


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
    edition: int
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
    paper: int
    """How many of the count are on paper."""
    listing: Listing
    responsible: str
    contact: str
    outcome: Outcome | None
    outcome_message: str

    @property
    def open(self) -> bool:
        return self.life is Life.OPEN

    @property
    def lang(self) -> str | None:
        """What stands in addresses of this text: nothing, where it is the letter's own."""
        return None if self.language == self.languages[0] else self.language

    @property
    def progress(self) -> float:
        """The way to the goal, from 0 to 1."""
        return min(1.0, self.count / self.goal) if self.goal else 0.0


def name(signature: Signature) -> PublicName:
    """A published signature, for everybody."""
    return PublicName(
        name=signature.name,
        affiliation=signature.affiliation,
        role=signature.role,
        location=signature.location,
        comment=signature.comment,
        invented=signature.invented,
    )


def letter(row: Letter, revision: Revision, counts: Counts) -> PublicLetter:
    """A letter with its text in force, in one of its languages, and its numbers."""
    count = counts.published + row.paper
    other = None if revision.language == row.language else revision.language
    return PublicLetter(
        slug=row.slug,
        url=links.absolute("letters.show", slug=row.slug, lang=other),
        title=revision.title,
        addressee=revision.addressee,
        sender=revision.sender,
        language=revision.language,
        languages=tuple(row.languages),
        html=revision.html,
        revision=revision.number,
        edition=revision.edition,
        sha256=revision.sha256,
        published_at=row.opens_at or row.published_at or revision.published_at,
        closes_at=row.closes_at,
        life=row.life(now()),
        held_first=row.moderation == Moderation.BEFORE,
        goal=row.goal(count),
        count=count,
        being_checked=counts.held,
        paper=row.paper,
        listing=Listing(row.listing),
        responsible=row.responsible or revision.sender,
        contact=row.contact,
        outcome=Outcome(row.outcome) if row.outcome else None,
        outcome_message=row.outcome_message,
    )


def count(letter: PublicLetter) -> dict[str, str | int | None]:
    """The numbers that other sites show. Fields are only ever added."""
    return {
        "letter": letter.slug,
        "title": letter.title,
        "url": letter.url,
        "count": letter.count,
        "goal": letter.goal,
        "state": letter.life.value,
        "being_checked": letter.being_checked,
        "paper": letter.paper,
        "as_of": now().isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


@dataclass(frozen=True)
class OwnSignature(PublicName):
    """A signature as its own signer sees it."""

    state: State
    show_name: bool
    confirmed_at: datetime | None

    @property
    def waiting(self) -> bool:
        """Not confirmed yet, and there is something to confirm."""
        return self.state in {State.PENDING, State.WITHDRAWN} and bool(self.name)

    @property
    def standing(self) -> bool:
        """Confirmed, and neither withdrawn nor rejected."""
        return self.state in {State.PUBLISHED, State.HELD}


def signer(signature: Signature) -> OwnSignature:
    """A signature, for its own signer."""
    return OwnSignature(
        **asdict(name(signature)),
        state=State(signature.state),
        show_name=signature.show_name,
        confirmed_at=signature.confirmed_at,
    )
