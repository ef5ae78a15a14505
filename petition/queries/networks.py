"""Networks from which many may sign a letter for a while, and those that are looked for."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from sqlalchemy import func, literal_column, select

from petition import limits
from petition.clock import now
from petition.exceptions import NetworkInvalid
from petition.extensions import db
from petition.models import AllowedNetwork, DailySalt, Organizer, Signature

WIDEST_SOUGHT = {4: 24, 6: 56}
"""The shortest prefixes of what can be looked for: 256 visitors."""
_ONE = {4: 32, 6: 64}
"""The prefixes of one visitor, as `limits.network` has them."""


@dataclass(frozen=True)
class Allowed:
    """An allowance, and who gave it. Which network it is of nobody can tell from it."""

    network: AllowedNetwork
    organizer: Organizer


def allowed(letter_id: int) -> list[Allowed]:
    """The allowances of a letter that are in force, latest first."""
    rows = db.session.execute(
        select(AllowedNetwork, Organizer)
        .join(Organizer, Organizer.id == AllowedNetwork.organizer_id)
        .where(AllowedNetwork.letter_id == letter_id, AllowedNetwork.until > now())
        .order_by(AllowedNetwork.until.desc(), AllowedNetwork.id.desc())
    )
    return [Allowed(*row) for row in rows]


def set_aside(letter_id: int, networks: Iterable[int | None]) -> dict[int | None, int]:
    """How many of a letter's signatures are set aside that came from some networks."""
    rows = db.session.execute(
        select(Signature.network, func.count())
        .where(
            Signature.letter_id == letter_id,
            Signature.state == literal_column("'quarantined'"),
            Signature.network.in_({each for each in networks if each is not None}),
        )
        .group_by(Signature.network)
    )
    return {row[0]: row[1] for row in rows}


def is_one(typed: str) -> bool:
    """Whether somebody typed a network address, or a network such as 192.0.2.0/24."""
    return _parsed(typed) is not None


def _parsed(typed: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(typed.strip(), strict=False)
    except ValueError:
        return None


def written(typed: str) -> str:
    """A typed network, as it stands in addresses: a visitor alone, or a network.

    Raises:
        NetworkInvalid: it is none, or one too wide.
    """
    network = _parsed(typed)
    if network is None or network.prefixlen < WIDEST_SOUGHT[network.version]:
        raise NetworkInvalid
    alone = network.prefixlen >= _ONE[network.version]
    return limits.network(str(network.network_address)) if alone else str(network)


def known_digests(network: str) -> list[int]:
    """Under what the signatures of a network are kept, of the days whose keys are there still.

    Args:
        network: as `written` has it.
    """
    salts = db.session.scalars(select(DailySalt.salt)).all()
    inside = _inside(network)
    return [digest(each, salt) for salt in salts for each in inside]


def _inside(network: str) -> list[str]:
    """A network and all within it down to one visitor, as `limits.network` writes them.

    Those between are of what was allowed: who signs from there is counted as of that.
    """
    whole = ip_network(network)
    one = _ONE[whole.version]
    wider = range(whole.prefixlen, one)
    between = (each for length in wider for each in whole.subnets(new_prefix=length))
    visitors = (limits.network(str(each[0])) for each in whole.subnets(new_prefix=one))
    return [*(str(each) for each in between), *visitors]


def digest(network: str, salt: bytes) -> int:
    """What is kept of a network: 64 bits of a digest, signed.

    Args:
        salt: the key of the day.
    """
    whole = hmac.digest(salt, network.encode(), "sha256")
    return int.from_bytes(whole[:8], "big", signed=True)
