"""E-mail addresses: which are valid, which are the same mailbox, and the digest that says so."""

import hmac
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from petition import config
from petition.exceptions import AddressInvalid

# Providers that deliver several spellings to one mailbox. Elsewhere dots tell people apart.
_ALIASES = {"googlemail.com": "gmail.com"}
_DOTS_MEAN_NOTHING = {"gmail.com"}
# Providers where what follows a plus means nothing. Elsewhere it may be somebody else's mailbox.
_PLUS_MEANS_NOTHING = {
    "fastmail.com",
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mailbox.org",
    "me.com",
    "outlook.com",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
}


@dataclass(frozen=True)
class Address:
    """One address in its two forms."""

    delivery: str
    """What mail is sent to: as typed, the domain in ASCII."""
    canonical: str
    """What decides whether two addresses are one person."""


def parse(typed: str) -> Address:
    """Understand a typed address, without asking the network.

    A part before the @ outside ASCII is refused: few servers take such mail (RFC 6531), and a
    mail that cannot leave is worse than an early word.

    Raises:
        AddressInvalid: mail cannot be sent there.
    """
    try:
        valid = validate_email(
            typed.strip(), check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError:
        raise AddressInvalid from None
    delivery = valid.ascii_email or valid.normalized
    return Address(delivery, canonical(valid.local_part, valid.ascii_domain))


def canonical(local: str, domain: str) -> str:
    """The form by which "one person, one signature" is decided.

    Case and what follows a plus are dropped everywhere; dots where the provider ignores them.
    """
    domain = domain.lower()
    domain = _ALIASES.get(domain, domain)
    plain = local.lower().split("+", 1)[0] or local.lower()
    if domain in _DOTS_MEAN_NOTHING:
        plain = plain.replace(".", "")
    return f"{plain}@{domain}"


def digest(canonical_address: str) -> bytes:
    """The keyed digest (HMAC-SHA-256, 32 bytes) kept instead of the canonical address."""
    return hmac.digest(config.current_digest_key(), canonical_address.encode(), "sha256")


MAILBOX_BYTES = 16


def mailbox(delivery: str) -> bytes:
    """The keyed digest (HMAC-SHA-256, its first 16 bytes) by which an erased address is known.

    It tells one mailbox from another, where the canonical form tells one person: a mail for one
    spelling of an address must not go to another that somebody else may own.

    Args:
        delivery: a valid address, as mail is sent to it.
    """
    local, _, domain = delivery.lower().rpartition("@")
    domain = _ALIASES.get(domain, domain)
    if domain in _PLUS_MEANS_NOTHING:
        local = local.split("+", 1)[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        local = local.replace(".", "")
    whole = f"mailbox {local}@{domain}".encode()
    return hmac.digest(config.current_digest_key(), whole, "sha256")[:MAILBOX_BYTES]
