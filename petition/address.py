"""E-mail addresses: which are valid, which are the same mailbox, and the digest that says so."""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from petition import config
from petition.exceptions import AddressInvalid

# What providers document of the spellings that they deliver to one mailbox. Elsewhere another
# spelling may be somebody else's mailbox.
_ALIASES = {
    "googlemail.com": "gmail.com",
    # Who has the name at an older domain of Apple has it at iCloud too (support.apple.com/118230).
    "mac.com": "icloud.com",
    "me.com": "icloud.com",
    # A user's names at Proton's domains (proton.me/support/addresses-and-aliases).
    "pm.me": "proton.me",
    "protonmail.ch": "proton.me",
    "protonmail.com": "proton.me",
    # A login is linked to its addresses at all domains of Yandex, which are listed under another
    # question (yandex.com/support/passport: authorization/email, troubleshooting/forgot-password).
    "ya.ru": "yandex.ru",
    "yandex.by": "yandex.ru",
    "yandex.com": "yandex.ru",
    "yandex.com.tr": "yandex.ru",
    "yandex.kz": "yandex.ru",
    "yandex.ua": "yandex.ru",
    "yandex.uz": "yandex.ru",
}
_SIGNS: dict[str, Mapping[int, int | None]] = {
    # Dots do not matter (support.google.com/mail/answer/7436150).
    "gmail.com": str.maketrans("", "", "."),
    # These are transparent (proton.me/support/change-username).
    "proton.me": str.maketrans("", "", "._-"),
    # Yandex takes a dot in a login for a hyphen.
    "yandex.ru": str.maketrans(".", "-"),
}
"""By provider, the signs before the @ that tell nobody apart."""
# anything@bob.fastmail.com is delivered to bob@fastmail.com (fastmail.help, 360060591053).
_NAME_IN_DOMAIN = re.compile(r"([^.]+)\.(fastmail\.(?:com|fm))")
_PLUS_MEANS_NOTHING = {
    "fastmail.com",
    "fastmail.fm",
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mailbox.org",
    "outlook.com",
    "posteo.de",
    "proton.me",
}
"""Providers where what follows a plus means nothing. Others may give it to somebody else."""


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

    Case and what follows a plus are dropped everywhere; the rest only as the provider does it.
    """
    local, domain = _at_provider(local.lower(), domain.lower())
    return _put_together(_without_plus(local), domain)


def _at_provider(local: str, domain: str) -> tuple[str, str]:
    """Whose mailbox it is, at the domain that stands for all of the provider's."""
    named = _NAME_IN_DOMAIN.fullmatch(domain)
    if named:
        local, domain = named[1], named[2]
    return local, _ALIASES.get(domain, domain)


def _without_plus(local: str) -> str:
    return local.split("+", 1)[0] or local


def _put_together(local: str, domain: str) -> str:
    return f"{local.translate(_SIGNS.get(domain, {})) or local}@{domain}"


def masked(delivery: str) -> str:
    """An address for those who may know whose it is like, and not what it is: m…@example.org."""
    local, _, domain = delivery.rpartition("@")
    return f"{local[:1]}…@{domain}"


def digest(canonical_address: str) -> bytes:
    """The keyed digest (HMAC-SHA-256, 32 bytes) kept instead of the canonical address."""
    return hmac.digest(config.current_digest_key(), canonical_address.encode(), "sha256")


_NOBODY = bytes(8)


def nobodys_digest() -> bytes:
    """What stands in the place of a digest (32 bytes) once nobody is to be known by it."""
    return _NOBODY + secrets.token_bytes(32 - len(_NOBODY))


def is_nobodys(digest: bytes) -> bool:
    """Whether a digest is of no address at all."""
    return digest.startswith(_NOBODY)


MAILBOX_BYTES = 16


def mailbox(delivery: str) -> bytes:
    """The keyed digest (HMAC-SHA-256, its first 16 bytes) by which an erased address is known.

    It tells one mailbox from another, where the canonical form tells one person: a mail for one
    spelling of an address must not go to another that somebody else may own.

    Args:
        delivery: a valid address, as mail is sent to it.
    """
    local, _, domain = delivery.lower().rpartition("@")
    local, domain = _at_provider(local, domain)
    if domain in _PLUS_MEANS_NOTHING:
        local = _without_plus(local)
    whole = f"mailbox {_put_together(local, domain)}".encode()
    return hmac.digest(config.current_digest_key(), whole, "sha256")[:MAILBOX_BYTES]
