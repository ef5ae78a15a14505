"""Where signatures come from, without knowing where: digests whose key is lost after a day.

A school or an office can be allowed for a day, so that many may sign from there. Who signs from
an allowed network is counted as of that network for as long as that lasts, past midnight too.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_network

from flask import current_app
from sqlalchemy import delete, func, select

from petition import caching, config, limits
from petition.actions import quarantine
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import insert, writing
from petition.exceptions import NetworkInvalid, NotFound
from petition.extensions import db
from petition.models import AllowedNetwork, DailySalt, Letter, Role, Signature, State
from petition.models.guard import SALT_BYTES
from petition.queries.networks import digest as _digest
from petition.tokens import Purpose

SALTS_KEPT = timedelta(days=2)
"""After that nobody can tell any more which network a digest is of."""
ALLOWED_FOR = timedelta(hours=24)
"""How long a network is allowed; shorter than its digest can be told."""
WIDEST = {4: 24, 6: 48}
"""The shortest prefixes of what can be allowed: what one house gets from its provider."""


def digest(visitor: str | None) -> int | None:
    """Today's digest of the network that a network address belongs to: 64 bits, signed.

    None, where limits are switched off: nothing is to be remembered then. Whose address cannot be
    told has a network of their own each time: they are not set aside for each other, which a
    proxy that hides all addresses would do to all, and still count with what comes unsolved.
    """
    if not config.current().ratelimit_enabled:
        return None
    network = limits.network(visitor)
    if network == limits.UNKNOWN:
        network = secrets.token_hex()
    return _digest(network, _todays_salt())


def of_signer(letter: Letter, visitor: str | None) -> int | None:
    """The digest of the network that somebody signs a letter from, as `digest` has it.

    Where that network is allowed, or a wider one that it belongs to, it is the digest that
    stands with the allowance.
    """
    today = digest(visitor)
    allowed = _allowed_now(letter) if today is not None else frozenset[int]()
    if not allowed:
        return today
    return next((each for each in digests(visitor) if each in allowed), today)


def _allowed_now(letter: Letter) -> frozenset[int]:
    """The networks that are allowed, as they were a moment ago."""
    return caching.guards.get(letter.slug, "allowed networks", lambda: _in_force(letter.id))


def _in_force(letter_id: int) -> frozenset[int]:
    return frozenset(
        db.session.scalars(
            select(AllowedNetwork.network).where(
                AllowedNetwork.letter_id == letter_id, AllowedNetwork.until > now()
            )
        )
    )


def digests(visitor: str | None) -> Iterator[int]:
    """All digests under which the network of a visitor can be known, the narrowest first, of the
    days whose keys are kept."""
    today = now().date()
    for days in range(SALTS_KEPT.days + 1):
        salt = _salt(today - timedelta(days=days))
        if salt is not None:
            yield from (_digest(each, salt) for each in _networks(limits.network(visitor)))


def _networks(network: str) -> Iterator[str]:
    """A network and all wider ones that can be allowed, as `limits.network` writes them."""
    yield network
    try:
        narrow = ip_network(network)
    except ValueError:
        return
    for prefix in range(narrow.prefixlen - 1, WIDEST[narrow.version] - 1, -1):
        yield str(narrow.supernet(new_prefix=prefix))


@dataclass(frozen=True)
class Allowed:
    """That many may sign from a network, and what was brought back by that."""

    until: datetime
    published: int
    held: int


def allow(letter: Letter, role: str, organizer_id: int, network: int) -> Allowed:
    """Let many sign a letter from the network of one of its signatures, for a day.

    What was set aside because so many came from there is brought back.

    Args:
        network: as it stands with the signature.

    Raises:
        Forbidden: this role only looks.
        NotFound: no signature of this letter came from there of late.
    """
    must(role, Role.MODERATOR)
    latest = db.session.scalar(
        select(func.max(Signature.created_at)).where(
            Signature.network == network,
            Signature.letter_id == letter.id,
            Signature.confirmed_at.is_not(None),
        )
    )
    if latest is None or now().date() - latest.date() > timedelta(days=1):
        raise NotFound
    return _allow(letter, organizer_id, network)


def allow_address(letter: Letter, role: str, organizer_id: int, typed: str) -> Allowed:
    """Let many sign a letter from a network that somebody names, for a day.

    Args:
        typed: an address, or a network such as 192.0.2.0/24 or 2001:db8:1::/48.

    Raises:
        Forbidden: this role only looks.
        NetworkInvalid: that is no address and no network, or one too wide.
    """
    must(role, Role.MODERATOR)
    return _allow(letter, organizer_id, _digest(_written(typed), _todays_salt()))


def _written(typed: str) -> str:
    """A network as `limits.network` writes it: what counts as one visitor, or wider."""
    address, slash, prefix = typed.strip().partition("/")
    try:
        one = ip_network(limits.network(address))
        network = ip_network(f"{address}/{prefix}", strict=False) if slash else one
    except ValueError:
        raise NetworkInvalid from None
    if network.version != one.version or network.prefixlen < WIDEST[network.version]:
        raise NetworkInvalid
    return limits.network(address) if network.prefixlen >= one.prefixlen else str(network)


def _allow(letter: Letter, organizer_id: int, network: int) -> Allowed:
    until = now() + ALLOWED_FOR
    statement = insert(db.engine.dialect.name, AllowedNetwork)
    with writing(db.session):
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[AllowedNetwork.letter_id, AllowedNetwork.network],
                set_={"until": statement.excluded.until},
            ),
            {
                "letter_id": letter.id,
                "network": network,
                "organizer_id": organizer_id,
                "until": until,
            },
        )
        back = quarantine.bring_back(letter, network, organizer_id)
        record(Action.NETWORK_ALLOWED, organizer_id=organizer_id, letter=letter, back=len(back))
    caching.recent.forget(letter.slug)
    caching.guards.forget(letter.slug)
    return Allowed(until, back.count(State.PUBLISHED), back.count(State.HELD))


def disallow(letter: Letter, role: str, allowed_id: int) -> None:
    """End an allowance before its time. What was signed meanwhile stays as it is.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not one of this letter.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        allowed = db.session.get(AllowedNetwork, allowed_id)
        if allowed is None or allowed.letter_id != letter.id:
            raise NotFound
        allowed.until = min(allowed.until, now())
        record(Action.NETWORK_ENDED, letter=letter)
    caching.guards.forget(letter.slug)


def forget_allowed() -> bool:
    """Forget allowances under which nobody can confirm any more; there is never more at once."""
    long_past = now() - Purpose.CONFIRM.age
    with writing(db.session):
        db.session.execute(delete(AllowedNetwork).where(AllowedNetwork.until < long_past))
    return False


def _todays_salt() -> bytes:
    """The key of today, made by whoever asks first."""
    today = now().date()
    salt = _salt(today)
    if salt is None:
        _salts()[today] = salt = _made(today)
    return salt


def _salt(day: date) -> bytes | None:
    """The key of a day, if there is one; each process remembers it as long as it is kept."""
    known = _salts()
    if day not in known:
        salt = _kept(day)
        if salt is None:
            return None
        for former in [each for each in list(known) if day - each > SALTS_KEPT]:
            known.pop(former, None)
        known[day] = salt
    return known[day]


def _salts() -> dict[date, bytes]:
    salts: dict[date, bytes] = current_app.extensions.setdefault("salts", {})
    return salts


def _kept(day: date) -> bytes | None:
    return db.session.scalar(select(DailySalt.salt).where(DailySalt.day == day))


def _made(day: date) -> bytes:
    statement = insert(db.engine.dialect.name, DailySalt)
    with writing(db.session):
        db.session.execute(
            statement.on_conflict_do_nothing(),
            {"day": day, "salt": secrets.token_bytes(SALT_BYTES)},
        )
    kept = _kept(day)
    if kept is None:
        raise RuntimeError("a salt that was just written is gone")
    return kept


def forget_salts() -> bool:
    """Lose the keys of the days before yesterday; never is there more to lose at once."""
    with writing(db.session):
        db.session.execute(delete(DailySalt).where(DailySalt.day < now().date() - SALTS_KEPT))
    return False
