"""The domains of e-mail addresses: for throwing away, and whose they are."""

import re
import unicodedata

from disposable_email_domains import blocklist

_INSTITUTIONAL = re.compile(
    r"(?:^|\.)(?:edu|gov|mil|(?:ac|edu|gov|gob|gouv|go|govt|mil)\.[a-z]{2})$"
)
_OF_AN_INSTITUTION = re.compile(
    r"\b(?:acad[eé]m|agency|bbc|bureau|cent(?:er|re)\b|college|commission|company|consejo|council|"
    r"department|ecole|école|faculty|foundation|fundaci|gazette|government|hochschule|hospital|"
    r"inc\b|institut|instytut|journal|laborator|ltd\b|minist|museum|news|observatory|parliament|"
    r"polytechn|post\b|press\b|school|senate|times\b|tribune|univ|uniw|zeitung)",
    re.IGNORECASE,
)
_GENERIC = {"ac", "edu", "gov", "mail", "mil", "student", "students", "alumni", "www"}


def domain(email: str) -> str:
    """The part of an e-mail address after the @, in small letters."""
    return email.rpartition("@")[2].lower()


def is_throwaway(host: str) -> bool:
    """Whether addresses of this domain, or of one above it, are known to be thrown away."""
    labels = host.split(".")
    return any(".".join(labels[at:]) in blocklist for at in range(len(labels) - 1))


def is_elsewhere(host: str, organization: str) -> bool:
    """Whether a domain of some institution can hardly belong to the institution that was given.

    Told only of domains that institutions alone get, such as those below `edu`; and what a domain
    could be short for in any way is taken to fit.
    """
    if not organization or not _INSTITUTIONAL.search(host):
        return False
    if not (_OF_AN_INSTITUTION.search(organization) or _is_acronym(organization)):
        return False
    letters = _plain(organization)
    own = [label for label in host.split(".")[:-1] if len(label) > 1 and label not in _GENERIC]
    return bool(own) and not any(_could_mean(_plain(label), letters) for label in own)


def _is_acronym(organization: str) -> bool:
    return organization.isupper() and 2 < len(organization) < 9 and organization.isalpha()


def _plain(written: str) -> str:
    apart = unicodedata.normalize("NFKD", written.casefold())
    return "".join(c for c in apart if c.isalnum())


def _could_mean(label: str, letters: str) -> bool:
    """Whether the letters of a label stand in a name in this order, or the name in the label."""
    rest = iter(letters)
    return all(letter in rest for letter in label) or letters in label
