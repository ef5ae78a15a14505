"""What the world may see. No e-mail address exists beyond this module.

Rows go in, plain values come out; templates of public pages and embeds get nothing else.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from petition import links
from petition.clock import now
from petition.models import Counts, Letter, Life, Moderation, Revision, Signature, State


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
    html: str
    revision: int
    sha256: str
    published_at: datetime
    closes_at: datetime | None
    life: Life
    held_first: bool
    """A moderator reads each signature before it is published."""
    goal: int | None
    count: int
    being_checked: int
    paper: int

    @property
    def open(self) -> bool:
        return self.life is Life.OPEN

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
    """A letter with its text in force and its numbers."""
    return PublicLetter(
        slug=row.slug,
        url=links.absolute("letters.show", slug=row.slug),
        title=revision.title,
        addressee=row.addressee,
        sender=row.sender,
        language=revision.language,
        html=revision.html,
        revision=revision.number,
        sha256=revision.sha256,
        published_at=row.opens_at or row.published_at or revision.published_at,
        closes_at=row.closes_at,
        life=row.life(now()),
        held_first=row.moderation == Moderation.BEFORE,
        goal=row.goal,
        count=counts.published,
        being_checked=counts.held,
        paper=0,
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
