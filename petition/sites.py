"""Other web sites: as organizers name them, as browsers tell of them, as policies allow them."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna

from petition import config, suffixes
from petition.exceptions import SiteCutShort, SiteInvalid, SiteTooWide

LONGEST = 100
"""Characters of a name, with its port."""
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_SCHEMES = {"", "http", "https"}
_WITH_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_BETWEEN = re.compile(r"\s+|,(?=\s|$|\w+://)")
_USUAL_PORTS = {None, 80, 443}


def understood(typed: str) -> str:
    """The name of a site as somebody types it or copies it from the address bar.

    Returns:
        Its host in ASCII, without a `www.`, and its port where it has one: `news.example`.

    Raises:
        SiteTooWide: all who like have their sites below it, as below `co.uk`.
        SiteCutShort: it is one word, as `news`.
        SiteInvalid: this is none.
    """
    words = typed.strip()
    address = words if _WITH_SCHEME.match(words) else f"//{words}"
    name = of(address)
    if not name or "@" in urlsplit(address).netloc:
        raise SiteInvalid(typed)
    shared = suffixes.is_public_suffix(host_of(name))
    if "." not in host_of(name) and (shared or not can_be_reached(name)):
        raise SiteCutShort(typed)
    if not can_be_reached(name):
        raise SiteInvalid(typed)
    if shared:
        raise SiteTooWide(typed)
    return name


def apart(typed: str) -> list[str]:
    """What somebody typed, taken apart into addresses: by line, by space or by comma."""
    found: list[str] = []
    for piece in _BETWEEN.split(typed.replace(";", ",")):
        address, *others = piece.split(",")
        for other in others:
            if "/" in address and not _begins_with_a_site(other):
                address += f",{other}"  # a path may have commas of its own
            else:
                found.append(address)
                address = other
        found.append(address)
    return [each for each in found if each]


def _begins_with_a_site(words: str) -> bool:
    host = re.split(r"[/:?#]", words.lower(), maxsplit=1)[0]
    return "." in host and suffixes.is_icann_suffix(host.rpartition(".")[2])


def of(address: str | None) -> str:
    """The name of the site that an address belongs to; empty, where that cannot be told.

    Args:
        address: what a browser says in `Referer` or `Origin`.
    """
    try:
        parts = urlsplit(address or "")
        host, port = _ascii(parts.hostname or ""), parts.port
    except (ValueError, idna.IDNAError):
        return ""
    host = _without_www(host.rstrip("."))
    fits = parts.scheme in _SCHEMES and len(host) <= LONGEST - len(":65535")
    if not fits or not _NAME.fullmatch(host):
        return ""
    return host if port in _USUAL_PORTS else f"{host}:{port}"


def _ascii(host: str) -> str:
    """A host as browsers ask for it (https://url.spec.whatwg.org/#idna)."""
    return host if host.isascii() else idna.encode(host, uts46=True).decode()


def _without_www(host: str) -> str:
    rest = host.removeprefix("www.")
    return rest if "." in rest else host


def host_of(name: str) -> str:
    """A site without its port."""
    return name.partition(":")[0]


def spelled(name: str) -> str:
    """A site as people read it: in its own letters, where it has others than ASCII, with the name
    that browsers ask for beside it, since two names can look the same."""
    host, colon, port = name.partition(":")
    try:
        letters = idna.decode(host)
    except idna.IDNAError:
        return name
    return name if letters == host else f"{letters}{colon}{port} ({name})"


def can_be_reached(name: str) -> bool:
    """Whether it is a name that all the world knows; while the site itself is only tried on one
    machine, also one on that machine."""
    return is_public(host_of(name)) or not is_public(host_of(own()))


def is_public(host: str) -> bool:
    """Whether a host could be anybody's: it is no number, and more than one word."""
    top = host.rpartition(".")[2]
    return "." in host and len(top) > 1 and not top.isdecimal()


def own() -> str:
    """The name of the site that this is."""
    return of(config.current().public_url)


def is_own(name: str) -> bool:
    """Whether it is the name of this site."""
    return covers(name, own()) and host_of(name) == host_of(own())


def covers(site: str, other: str) -> bool:
    """Whether what is said of a site is said of another: of itself, of all that is below it, and,
    where no port is named, at any."""
    if ":" not in site:
        other = host_of(other)
    return other == site or other.endswith(f".{site}")


def ancestors(names: Iterable[str]) -> str:
    """These sites, and all below them, as `frame-ancestors` has them
    (https://www.w3.org/TR/CSP3/#framework-directive-source-list)."""
    whole = (name if ":" in name else f"{name}:*" for name in names)
    return _sources(host for name in whole for host in _with(name, "*"))


def exactly(name: str) -> str:
    """One site as `frame-ancestors` has it, and nothing below it but its `www.`."""
    return _sources(_with(name, "www"))


def _sources(hosts: Iterable[str]) -> str:
    secure = config.current().public_url.startswith("https://")
    schemes = ("https",) if secure else ("https", "http")
    return " ".join(f"{scheme}://{host}" for host in hosts for scheme in schemes)


def _with(name: str, label: str) -> Iterable[str]:
    """A site, and what is below it under this label, where there can be anything."""
    yield name
    if "." in name and not _is_address(host_of(name)):
        yield f"{label}.{name}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def shorthand(name: str) -> str:
    """Eight digits for a site, by which a script of ours knows it on the page it runs in.

    It is FNV-1a of 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/) and no secret: it only
    spares a site being named in what everybody reads.
    """
    total = 0x811C9DC5
    for byte in name.encode():
        total = ((total ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{total:08x}"
