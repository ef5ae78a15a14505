"""How often is too often.

Limits of a network address are counted by the `limits` library, in memory or in a store that
the web processes share. Limits of a mailbox stand in the database, beside what they protect.
"""

import ipaddress
import math
import time
from datetime import timedelta
from functools import cache

import structlog
from flask import Flask, current_app
from limits import (
    RateLimitItem,
    RateLimitItemPerDay,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
)
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from petition import config
from petition.exceptions import TooOften

log = structlog.get_logger()

SIGN = (RateLimitItemPerMinute(120), RateLimitItemPerHour(1000))
"""Signatures that one network may send: more than a school does. What comes in a crowd is looked
at when it is confirmed (`actions/quarantine.py`); this only keeps a flood out."""
PUZZLE = (RateLimitItemPerMinute(240), RateLimitItemPerHour(3000))
"""Proofs of work that one network may ask for."""
FORM = (RateLimitItemPerMinute(120),)
"""Forms that one network may send with something wrong in them."""
CONFIRM = (RateLimitItemPerMinute(300),)
"""Buttons behind mailed links that one network may press."""
CODE = (RateLimitItemPerMinute(10), RateLimitItemPerHour(60))
"""Codes of organizers that one network may try."""
SIGNER_CODE = (RateLimitItemPerMinute(60), RateLimitItemPerHour(300))
"""Codes of signers that one network may try: a class may sit behind it."""
OWN_LINK = (RateLimitItemPerMinute(30), RateLimitItemPerHour(200))
"""Times that one network may ask for the link to a signature."""
SIGN_IN = (RateLimitItemPerHour(20),)
"""Sign-in links that one network may follow."""
SIGN_IN_MAIL = (RateLimitItemPerHour(20),)
"""Mails to sign in by that one network may ask for."""
PASSKEY = (RateLimitItemPerMinute(20),)
"""Passkeys that one network may try."""
SEARCH = (RateLimitItemPerMinute(30),)
"""Searches for letters that one network may begin."""
SEARCH_NAMES = (RateLimitItemPerMinute(120), RateLimitItemPerHour(1000))
"""Searches for names that one network may begin: a class that has signed looks for itself."""
REPORT = (RateLimitItemPerHour(20),)
"""Signatures that one network may report."""
INVITE = (RateLimitItemPerHour(60),)
"""Invitations that one network may send."""
INVITE_FIRST = (RateLimitItemPerHour(120),)
"""Times that one network may press to invite first signatories, each alone or all at once."""
MAKE_TEAM = (RateLimitItemPerDay(20),)
"""Teams that one network may make."""

PREVIEW = (RateLimitItemPerMinute(120),)
"""Previews of a letter that one network may ask for."""

MAILS_A_SIGNATURE = 5
"""Mails that one signature may cause, as long as mails are remembered (`retention.MAILS`): for
ever, until it is confirmed. What its owner may ask for is counted by the day instead."""
OWNER_MAILS_A_DAY = 3
"""Mails of each kind that lead the owner of a confirmed signature to it, in a day. Anybody may ask
for them: were they counted for longer, strangers could use them up."""
MAIL_PAUSE = timedelta(minutes=10)
"""Between two mails of one signature."""
MAILS_A_DAY = 10
"""Mails that one mailbox may get in a day, over all letters; and of each other kind."""
FIRST_INVITATIONS_A_DAY = 300
"""Strangers that one team, or one organizer in all teams, may invite in a day to sign first."""
CODES_AN_HOUR = 5
"""Codes for organizers that one mailbox may get in an hour, for one errand."""
CODE_TRIES = 5
"""Wrong codes that one mail's code survives."""

UNKNOWN = "unknown"
"""Whoever comes from an address that is none: together they count as one visitor."""


def register(app: Flask) -> None:
    """Open the store of this application's tries.

    Raises:
        limits.errors.ConfigurationError: there is no such store.
    """
    settings: config.Config = app.config["PETITION"]
    store = storage_from_string(settings.ratelimit_storage)
    app.extensions["tries"] = MovingWindowRateLimiter(store)


def _tries() -> MovingWindowRateLimiter:
    tries: MovingWindowRateLimiter = current_app.extensions["tries"]
    return tries


def forget() -> None:
    """Begin to count anew."""
    _tries().storage.reset()


def network(address: str | None) -> str:
    """The network that counts as one visitor: an IPv4 address, or an IPv6 /64 (RFC 6177).

    All whose address cannot be told are `UNKNOWN`.
    """
    try:
        ip = ipaddress.ip_address(_without_port(address or "").split("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _without_port(address: str) -> str:
    """An address as it is; some proxies write the port behind it, IPv6 in brackets then."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, _, _ = address.partition(":")
    return host if "." in host else address


@cache
def _warn_of_unknown() -> None:
    """Say once in a process that visitors cannot be told apart, and nothing about any of them."""
    log.error("limits.unknown_addresses", see="PETITION_PROXY_HOPS")


def check(what: str, items: tuple[RateLimitItem, ...], address: str | None) -> None:
    """Count one try of a network address.

    Raises:
        TooOften: it has used up one of the windows.
    """
    if not config.current().ratelimit_enabled:
        return
    key = (what, network(address))
    if UNKNOWN in key:
        _warn_of_unknown()
    for item in items:
        wait = _wait(item, key)
        if wait:
            raise TooOften(wait)


def _wait(item: RateLimitItem, key: tuple[str, str]) -> int:
    """Whole seconds until another try is let through; 0 lets this one through.

    A store that does not answer lets everybody through: what protects mailboxes is counted in
    the database, and a letter that cannot be signed is worse than one signed too often.
    """
    try:
        if _tries().hit(item, *key):
            return 0
        reset = _tries().get_window_stats(item, *key).reset_time
    except Exception as error:
        # Each store raises errors of its own, and its package may not be here to name them.
        log.error("limits.away", error=type(error).__name__)
        return 0
    return max(1, math.ceil(reset - time.time()))
