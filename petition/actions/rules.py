"""Block and allow lists, of a letter or of all letters of a team.

What is blocked is set aside when it is confirmed, without a word to whoever sent it; what is
allowed stands whatever else was noticed, but for a well-known name. Each form is looked at when
it comes, and the address once more when it is confirmed: a rule also catches who waits. What
stands already is left to a decision of its own.

Where several rules are about one signature, the closest decides: one of its address before one
of its domain, before one of a domain above that, before one of its network; the narrower network
before the wider. Of two that are equally close, whether of the letter or of the team, that which
blocks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from sqlalchemy import ColumnElement, func, select, union_all

from petition import address, caching, domains, limits
from petition.actions import networks
from petition.actions.move import Locked
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import writing
from petition.exceptions import NotFound, RuleTooLong, TooManyRules
from petition.extensions import db
from petition.models import Effect as Effect  # views know it from here
from petition.models import Letter, Role, Signal
from petition.models import Rule as Rule
from petition.models import Subject as Subject  # views know it from here
from petition.queries.rules import Target, in_force

MOST = 1_000
"""Entries of a list that are in force at a time; each process remembers all of them."""
FINGERPRINT_KEPT = timedelta(days=1)
"""How long a rule may go by the fingerprint of a network: its key is lost soon after."""

_SIGNALS = {Effect.BLOCK: Signal.BLOCKED, Effect.ALLOW: Signal.ALLOWED}
RULED = Signal.BLOCKED | Signal.ALLOWED
"""What a rule said about a signature: one of them, or neither."""


@dataclass(frozen=True)
class Owner:
    """Whose list an entry is on."""

    team_id: int
    letter: Letter | None = None
    """None: it is about all letters of the team."""

    @property
    def least(self) -> Role:
        """Who may change the list."""
        return Role.EDITOR if self.letter is None else Role.MODERATOR

    @property
    def those(self) -> ColumnElement[bool]:
        """The entries of the list."""
        if self.letter is not None:
            return Rule.letter_id == self.letter.id
        return (Rule.team_id == self.team_id) & Rule.letter_id.is_(None)


@dataclass(frozen=True)
class Wanted:
    """An entry as an organizer wants it."""

    effect: Effect
    target: Target
    reason: str
    lasts: timedelta | None
    """None: until somebody ends it."""


def add(owner: Owner, role: str, organizer_id: int, wanted: Wanted) -> Rule:
    """Put an entry on a list. It holds from now on, in other processes within seconds.

    Raises:
        Forbidden: this role may not.
        RuleTooLong: what it goes by cannot be told for so long.
        TooManyRules: the list is full.
    """
    must(role, owner.least)
    must_be_tellable(wanted)
    target, at = wanted.target, now()
    with writing(db.session):
        _must_have_room(owner)
        rule = Rule(
            team_id=owner.team_id,
            letter_id=owner.letter.id if owner.letter else None,
            effect=wanted.effect,
            subject=target.subject,
            value=target.value,
            digest=target.digest,
            reason=wanted.reason,
            organizer_id=organizer_id,
            created_at=at,
            expires_at=at + wanted.lasts if wanted.lasts else None,
        )
        db.session.add(rule)
        db.session.flush()
        _note(Action.RULE, owner, organizer_id, rule)
    _forget(owner)
    return rule


def must_be_tellable(wanted: Wanted) -> None:
    """Raise `RuleTooLong` where an entry would hold for longer than what it goes by is told."""
    short = wanted.lasts is not None and wanted.lasts <= FINGERPRINT_KEPT
    if wanted.target.fingerprint is not None and not short:
        raise RuleTooLong


def end(owner: Owner, role: str, organizer_id: int, rule_id: int) -> Rule:
    """End an entry before its time. What it set aside or let stand stays where it is.

    Raises:
        Forbidden: this role may not.
        NotFound: there is no such entry on this list.
    """
    must(role, owner.least)
    with writing(db.session):
        rule = db.session.scalars(select(Rule).where(Rule.id == rule_id, owner.those)).first()
        if rule is None:
            raise NotFound
        if rule.ended_at is None:
            rule.ended_at, rule.ended_by = now(), organizer_id
            _note(Action.RULE_ENDED, owner, organizer_id, rule)
    _forget(owner)
    return rule


def hold_again(owner: Owner, role: str, organizer_id: int, rule_id: int) -> Rule:
    """Take back that an entry was ended; it holds for as long as it would have.

    Raises:
        Forbidden: this role may not.
        NotFound: there is no such entry on this list.
        TooManyRules: the list is full.
    """
    must(role, owner.least)
    with writing(db.session):
        rule = db.session.scalars(select(Rule).where(Rule.id == rule_id, owner.those)).first()
        if rule is None:
            raise NotFound
        if rule.ended_at is not None:
            _must_have_room(owner)
            rule.ended_at = rule.ended_by = None
            _note(Action.RULE, owner, organizer_id, rule)
    _forget(owner)
    return rule


def _must_have_room(owner: Owner) -> None:
    number = select(func.count()).select_from(Rule).where(owner.those, in_force())
    if db.session.scalars(number).one() >= MOST:
        raise TooManyRules


def _note(action: Action, owner: Owner, organizer_id: int, rule: Rule) -> None:
    about: dict[str, Any] = {"rule": rule.id, "effect": rule.effect, "subject": rule.subject}
    if rule.subject == Subject.DOMAIN:
        about |= {"value": rule.value}
    if rule.expires_at is not None:
        about |= {"days": (rule.expires_at - rule.created_at).days}
    record(action, organizer_id=organizer_id, letter=owner.letter, team_id=owner.team_id, **about)


def _forget(owner: Owner) -> None:
    if owner.letter is None:
        caching.guards.clear()
    else:
        caching.guards.forget(owner.letter.slug)


@dataclass
class _Lists:
    """The entries that are about a letter, by what they go by."""

    addresses: dict[bytes, Signal] = field(default_factory=dict)
    domains: dict[str, Signal] = field(default_factory=dict)
    """With `*.` before those that are about all below them."""
    networks: dict[IPv4Network | IPv6Network, Signal] = field(default_factory=dict)
    fingerprints: dict[int, Signal] = field(default_factory=dict)

    def of_address(self, digest: bytes, email: str | None) -> Signal | None:
        """What is said about an address."""
        if digest in self.addresses:
            return self.addresses[digest]
        known = _wider(domains.domain(email)) if email and self.domains else iter(())
        return next((self.domains[each] for each in known if each in self.domains), None)

    def of_visitor(self, visitor: str | None) -> Signal | None:
        """What is said about a network address."""
        if self.fingerprints:
            for each in networks.digests(visitor):
                if each in self.fingerprints:
                    return self.fingerprints[each]
        one = _network_of(visitor) if self.networks else None
        around = [each for each in self.networks if _holds(each, one)]
        return self.networks[max(around, key=lambda each: each.prefixlen)] if around else None


def _wider(host: str) -> Iterator[str]:
    """A domain as rules may name it, the closest first: itself, then all below what is above."""
    yield host
    labels = host.split(".")
    for at in range(1, len(labels)):
        yield f"*.{'.'.join(labels[at:])}"


def _network_of(visitor: str | None) -> IPv4Network | IPv6Network | None:
    network = limits.network(visitor)
    return None if network == limits.UNKNOWN else ip_network(network)


def _holds(wide: IPv4Network | IPv6Network, narrow: IPv4Network | IPv6Network | None) -> bool:
    if narrow is None or wide.version != narrow.version:
        return False
    first = ip_address(narrow.network_address)
    return wide.prefixlen <= narrow.prefixlen and first in wide


def of_form(letter: Letter, email: address.Address, digest: bytes, visitor: str | None) -> Signal:
    """What the rules say about a form that comes: that it is blocked, or allowed, or nothing."""
    lists = _of_letter(letter.slug, letter.id)
    said = lists.of_address(digest, email.delivery) or lists.of_visitor(visitor)
    return said or Signal(0)


def again(signature: Locked) -> Signal:
    """What was noticed about a signature that is about to stand, with what the rules say now.

    What they said about where its form came from is kept: nobody can tell that any more. Who is
    known to an organizer is not blocked.
    """
    noticed = Signal(signature.signals)
    said = _of_letter(signature.slug, signature.letter_id).of_address(
        signature.digest, signature.email
    )
    if said is not None:
        noticed = noticed & ~RULED | said
    if signature.verified_at is not None or signature.position is not None:
        noticed &= ~Signal.BLOCKED
    return noticed


def _of_letter(slug: str, letter_id: int) -> _Lists:
    """The entries about a letter, as they were a moment ago."""
    return caching.guards.get(slug, "rules", lambda: _read(letter_id))


def _read(letter_id: int) -> _Lists:
    # Each part by an index of its own: an OR of the two would read all entries of the site.
    team_id = select(Letter.team_id).where(Letter.id == letter_id).scalar_subquery()
    of_team = (Rule.team_id == team_id) & Rule.letter_id.is_(None)
    held = select(Rule.effect, Rule.subject, Rule.value, Rule.digest).where(in_force())
    both = union_all(held.where(Rule.letter_id == letter_id), held.where(of_team))
    # Those that block come last, and stay.
    rows = db.session.execute(both.order_by("effect"))
    lists = _Lists()
    for effect, subject, value, digest in rows:
        _put(lists, Target(Subject(subject), value, digest), _SIGNALS[Effect(effect)])
    return lists


def _put(lists: _Lists, target: Target, signal: Signal) -> None:
    if target.fingerprint is not None:
        lists.fingerprints[target.fingerprint] = signal
    elif target.subject is Subject.NETWORK:
        lists.networks[ip_network(target.value)] = signal
    elif target.subject is Subject.DOMAIN:
        lists.domains[target.value] = signal
    elif target.digest is not None:
        lists.addresses[target.digest] = signal
