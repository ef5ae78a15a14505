"""Other web sites: as organizers name them, as browsers tell of them, as policies allow them."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from petition import config
from petition.exceptions import SiteInvalid

LONGEST = 100
"""Characters of a name, with its port."""
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_SCHEMES = {"", "http", "https"}


def understood(typed: str) -> str:
    """The name of a site as somebody types it or copies it from the address bar.

    Returns:
        Its host in ASCII, without a `www.`, and its port where it has one: `news.example`.

    Raises:
        SiteInvalid: this is none.
    """
    words = typed.strip()
    name = of(words if "://" in words else f"//{words}")
    if not name or not _can_be_reached(name):
        raise SiteInvalid(typed)
    return name


def of(address: str | None) -> str:
    """The name of the site that an address belongs to; empty, where that cannot be told.

    Args:
        address: what a browser says in `Referer` or `Origin`.
    """
    try:
        parts = urlsplit(address or "")
        host, port = parts.hostname or "", parts.port
        host = host.rstrip(".").encode("idna").decode().lower().removeprefix("www.")
    except (ValueError, UnicodeError):
        return ""
    fits = parts.scheme in _SCHEMES and len(host) <= LONGEST - len(":65535")
    if not fits or not _NAME.fullmatch(host):
        return ""
    return host if port is None else f"{host}:{port}"


def host_of(name: str) -> str:
    """A site without its port."""
    return name.partition(":")[0]


def _can_be_reached(name: str) -> bool:
    """Whether it is a name that all the world knows; while the site itself is only tried on one
    machine, also one on that machine."""
    host = host_of(name)
    return _is_public(host) or not _is_public(host_of(_own()))


def _is_public(host: str) -> bool:
    top = host.rpartition(".")[2]
    return "." in host and len(top) > 1 and not top.isdecimal()


def _own() -> str:
    return urlsplit(config.current().public_url).netloc


def covers(site: str, other: str) -> bool:
    """Whether what is said of a site is said of another: of itself, of all that is below it, and,
    where no port is named, at any."""
    if ":" not in site:
        other = host_of(other)
    return other == site or other.endswith(f".{site}")


def ancestors(names: Iterable[str]) -> str:
    """These sites as `frame-ancestors` has them (https://www.w3.org/TR/CSP3/#framework-directive-source-list);
    none, where there are none."""
    secure = config.current().public_url.startswith("https://")
    schemes = ("https",) if secure else ("https", "http")
    sources = [
        f"{scheme}://{host}" for name in names for host in _hosts(name) for scheme in schemes
    ]
    return " ".join(sources) or "'none'"


def _hosts(name: str) -> Iterable[str]:
    whole = name if ":" in name else f"{name}:*"
    yield whole
    if not _is_address(host_of(name)):
        yield f"*.{whole}"


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
