"""What led somebody to a letter: a kind of link of ours, or the name of another site.

Nobody is followed for it: the word stands in the address of the link, or the browser says from
which site it came. There is no cookie, and nothing is kept in the browser.
"""

from enum import StrEnum

from petition import sites

PARAMETER = "via"
"""Of the addresses that we give out, and of the form."""
LONGEST = 80
"""Characters of what is kept; where the name of a site does not fit, it is the kind alone."""


class Via(StrEnum):
    """What led there."""

    SITE = "site"
    """A link on another site."""
    EMBED = "embed"
    """The letter on another site: an element, a frame, a form, or a link that was pasted there."""
    BADGE = "badge"
    SHARE = "share"
    """What a reader passed on."""
    OWN_LINE = "own-line"
    """The page of one's own name, which signers pass on."""
    POSTER = "poster"
    MAIL = "mail"


_KINDS = frozenset(Via)
_ELSEWHERE = {Via.SITE, Via.EMBED, Via.BADGE}
"""What stands on another site, whose name can be told."""
_MORE = set("/?#@\\")
"""What stands in an address beside the name of a site."""


def read(*words: str | None) -> str | None:
    """What led there, by what came with the address and the form; the first that says it counts.

    Args:
        words: each a kind, or one with the name of a site, such as `site:example.org`. The name
            may also come in later words than the kind.

    Returns:
        At most `LONGEST` characters; None, where nothing is known.
    """
    said = [_understood(each) for each in words if each]
    known = [each for each in said if each is not None]
    if not known:
        return None
    kind, host = known[0]
    if kind in _ELSEWHERE and not host:
        host = next((other for _, other in known if other), "")
    if kind is Via.SITE and not host:
        return None
    return f"{kind}:{host}" if host else kind.value


def _understood(words: str) -> tuple[Via, str] | None:
    """A kind, and the name of the site, if one is given that could be anybody's."""
    kind, _, host = words.strip().lower().partition(":")
    if kind not in _KINDS:
        return None
    return Via(kind), _host(host) if kind in _ELSEWHERE else ""


def _host(typed: str) -> str:
    """The name of a site as it is counted; empty, where it is none that all the world can reach."""
    host = "" if _MORE & set(typed) else sites.host_of(sites.of(f"//{typed}"))
    return host if sites.is_public(host) and len(host) <= LONGEST - len("embed:") else ""


def parts(source: str) -> tuple[Via, str]:
    """The kind of a source, and the name of the site, if there is one."""
    kind, _, host = source.partition(":")
    return Via(kind), host
