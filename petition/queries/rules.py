"""The entries of block and allow lists, and which signatures one of them would be about."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from petition import address, domains, numerals, slips, suffixes
from petition.clock import now
from petition.exceptions import AddressInvalid, NetworkInvalid, RuleInvalid, RuleTooWide
from petition.extensions import db
from petition.models import Letter, NameWord, Organizer, Rule, Signature, State, Subject
from petition.queries import filters, networks
from petition.queries.filters import Filter

ENDED = 50
"""Entries that hold no more and are listed still, the latest."""
MOST = 1_000
"""Signatures that an entry is tried against are counted up to here."""
LOOKED_AT = 5_000
"""The latest signatures of a letter, among which those of many domains at once are looked for."""
SHOWN_WHOLE = 20
"""So many are shown whole."""
SAMPLE = 10
"""Of more, the newest of them."""
LETTERS = 20
"""Letters of a team that an entry is tried against, the newest."""


@dataclass(frozen=True)
class Target:
    """What an entry goes by."""

    subject: Subject
    value: str
    """As it stands on the list: a domain, a network, or of an address a part."""
    digest: bytes | None = None
    """Of an address."""

    @property
    def fingerprint(self) -> int | None:
        """Of a network of which nothing else is known."""
        if self.subject is not Subject.NETWORK or not is_fingerprint(self.value):
            return None
        return numerals.unhexed(self.value)

    @property
    def everywhere_below(self) -> bool:
        """Whether it is about all domains below one."""
        return self.subject is Subject.DOMAIN and self.value.startswith("*.")

    @property
    def of_many(self) -> bool:
        """Whether it is a domain at which half the world has its addresses."""
        return self.subject is Subject.DOMAIN and self.value in slips.KNOWN

    @property
    def filter(self) -> Filter | None:
        """What finds those that it is about in the queue; nothing does for all below a domain."""
        if self.everywhere_below:
            return None
        if self.digest is not None:
            return Filter(who=self.digest.hex())
        if self.subject is Subject.DOMAIN:
            return Filter(domain=self.value)
        known = self.fingerprint
        return Filter(network=self.value) if known is None else Filter(from_network=known)


def is_fingerprint(typed: str) -> bool:
    """Whether this stands for a network of which nothing else is known."""
    return re.fullmatch("[0-9a-f]{16}", typed) is not None


def understood(typed: str) -> Target:
    """What somebody means by an address, a domain, a network, or by the fingerprint under which
    the queue leads to the signatures of one.

    Raises:
        RuleInvalid: it is none of them.
        RuleTooWide: it is a network too wide to be tried, or a domain of everybody.
    """
    typed = typed.strip()
    if is_fingerprint(typed):
        return Target(Subject.NETWORK, typed)
    if re.fullmatch("[0-9a-f]{64}", typed):
        return Target(Subject.ADDRESS, f"{typed[:16]}…", bytes.fromhex(typed))
    if networks.is_one(typed):
        try:
            return Target(Subject.NETWORK, networks.written(typed))
        except NetworkInvalid:
            raise RuleTooWide from None
    if "@" in typed[1:]:
        email = _parsed(typed)
        digest = address.digest(email.canonical)
        return Target(Subject.ADDRESS, address.masked(email.delivery), digest)
    return Target(Subject.DOMAIN, _domain(typed.removeprefix("@").lower()))


def _parsed(typed: str) -> address.Address:
    try:
        return address.parse(typed)
    except AddressInvalid:
        raise RuleInvalid from None


def _domain(typed: str) -> str:
    below = "*." if typed.startswith("*.") else ""
    # Its last label alone is a word; with it, the parser would say that it is no domain.
    if suffixes.is_icann_suffix(typed.removeprefix("*.")):
        raise RuleTooWide
    host = domains.domain(_parsed(f"anybody@{typed.removeprefix('*.')}").delivery)
    if suffixes.is_icann_suffix(host):
        raise RuleTooWide
    return below + host


def in_force() -> ColumnElement[bool]:
    """Whether an entry holds now."""
    lasting = or_(Rule.expires_at.is_(None), Rule.expires_at > now())
    return and_(Rule.ended_at.is_(None), lasting)


@dataclass(frozen=True)
class Entry:
    """An entry, who made it, and who ended it."""

    rule: Rule
    organizer: Organizer
    ended_by: Organizer | None


@dataclass(frozen=True)
class Entries:
    """A list: what holds, and what did, each the latest first."""

    holding: list[Entry]
    over: list[Entry]


def of_letter(letter_id: int) -> Entries:
    """The list of a letter alone."""
    return _entries(Rule.letter_id == letter_id)


def of_team(team_id: int) -> Entries:
    """The list for all letters of a team."""
    return _entries(and_(Rule.team_id == team_id, Rule.letter_id.is_(None)))


def _entries(those: ColumnElement[bool]) -> Entries:
    return Entries(_listed(those, in_force()), _listed(those, ~in_force(), limit=ENDED))


def _listed(*those: ColumnElement[bool], limit: int | None = None) -> list[Entry]:
    ended_by = aliased(Organizer)
    rows = db.session.execute(
        select(Rule, Organizer, ended_by)
        .join(Organizer, Organizer.id == Rule.organizer_id)
        .outerjoin(ended_by, ended_by.id == Rule.ended_by)
        .where(*those)
        .order_by(Rule.id.desc())
        .limit(limit)
    )
    return [Entry(*row) for row in rows]


def by_the_same(team_id: int, letter_id: int | None, target: Target) -> list[Entry]:
    """The entries that hold now and go by the same: of the team, and of a letter."""
    here = (Rule.team_id == team_id) & Rule.letter_id.is_(None)
    if letter_id is not None:
        here |= Rule.letter_id == letter_id
    same = Rule.value == target.value if target.digest is None else Rule.digest == target.digest
    return _listed(here, Rule.subject == target.subject.value, same, in_force())


@dataclass(frozen=True)
class Tried:
    """The signatures of a letter that an entry would be about, were they to come now."""

    letter: Letter
    numbers: dict[State, int]
    sample: list[Signature]
    """The newest of them, or all."""

    @property
    def number(self) -> int:
        """How many they are; more than `MOST` stands for: more than can be said."""
        return sum(self.numbers.values())


def tried(letter: Letter, target: Target) -> Tried:
    """Try an entry on the signatures that a letter has."""
    statement = _below(letter.id, target.value) if target.everywhere_below else _of(letter, target)
    found = db.session.execute(statement.limit(MOST + 1)).all()
    newest = sorted((row.id for row in found), reverse=True)
    newest = newest if len(newest) <= SHOWN_WHOLE else newest[:SAMPLE]
    numbers = Counter(State(row.state) for row in found)
    return Tried(letter, {state: numbers[state] for state in State if numbers[state]}, _all(newest))


def _all(ids: Iterable[int]) -> list[Signature]:
    statement = select(Signature).where(Signature.id.in_(list(ids))).order_by(Signature.id.desc())
    return list(db.session.scalars(statement))


def _of(letter: Letter, target: Target) -> Select[int, str]:
    found = select(Signature.id, Signature.state)
    if target.subject is Subject.DOMAIN:
        # From the index of words: SQLite would rather look at each signature of the letter.
        of_domain = select(NameWord.signature_id).where(
            NameWord.letter_id == letter.id, NameWord.word == filters.at(target.value)
        )
        return found.where(Signature.id.in_(of_domain.limit(MOST + 1)))
    return found.where(*filters.conditions(letter.id, target.filter or Filter()))


def _below(letter_id: int, domain: str) -> Select[int, str]:
    """Those below a domain among the latest of a letter whose address is kept."""
    latest = (
        select(Signature.id, Signature.state, Signature.email)
        .where(Signature.letter_id == letter_id)
        .order_by(Signature.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    ending = domain.removeprefix("*")
    return select(latest.c.id, latest.c.state).where(
        latest.c.email.iendswith(ending, autoescape=True)
    )


def letters_of(team_id: int) -> list[Letter]:
    """The newest letters of a team, to try an entry of its list on."""
    statement = (
        select(Letter)
        .where(Letter.team_id == team_id, Letter.deleted_at.is_(None))
        .order_by(Letter.id.desc())
        .limit(LETTERS)
    )
    return list(db.session.scalars(statement))
