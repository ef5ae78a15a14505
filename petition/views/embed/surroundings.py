"""What the address of a frame says: on which site it stands, and how it is to look there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import request

from petition import colours, sites, sources
from petition.sources import Via

SITE = "site"
"""Of the addresses under which a cache in front asks for a frame (`deploy/nginx.conf`) that is not
the same on all sites. Browsers tell of the site beside the address; there it stands in the address,
and nothing else has a say in the answer."""
_THEMES = ("light", "dark")


@dataclass(frozen=True)
class Surroundings:
    """What is known of the page around a frame."""

    site: str = ""
    """Its name, as far as anybody says; our own, where the frame was opened, or sent, from ours."""
    via: str = ""
    """What led to the letter, as it goes with the form."""
    theme: str = ""
    """Light or dark; empty, where the reader's browser decides."""
    accent: str = ""
    """A colour in six digits, for what can be pressed; empty, where it is ours."""
    oembed: bool = False
    """Whether an answer of `/oembed` has led here: WordPress listens to such a frame."""

    @property
    def source(self) -> str:
        """What leads to the letter's page from here, as it goes with the address of that."""
        return self.via or Via.EMBED

    @property
    def looks(self) -> dict[str, str]:
        """How a frame is asked to look, in its address."""
        return _without_gaps({"theme": self.theme, "accent": self.accent})

    @property
    def said(self) -> dict[str, Any]:
        """What goes on in the addresses that the frame sends to, and leads to within itself."""
        return self.looks | _without_gaps({sources.PARAMETER: self.via})

    @property
    def anywhere(self) -> "Surroundings":
        """The same for pages that all sites share: what is left out goes on from where it stands,
        as the browser says from which of our addresses a form is sent."""
        return Surroundings(theme=self.theme)


def _without_gaps(said: dict[str, str]) -> dict[str, str]:
    return {name: word for name, word in said.items() if word}


def here() -> Surroundings:
    """What the address says that is asked for, or the one that a form was sent from."""
    asked = said()
    via = asked.get(sources.PARAMETER, "")
    site = _site(via)
    around = f"{Via.EMBED}:{site}" if site and site != sites.own() else sources.read(via) or ""
    return understood(asked, site, around)


def understood(asked: Mapping[str, str], site: str = "", via: str = "") -> Surroundings:
    """What stands behind the question mark of an address, as far as it makes sense."""
    theme = asked.get("theme", "")
    accent = colours.readable(asked.get("accent", "")) or ""
    return Surroundings(site, via, theme if theme in _THEMES else "", accent, "oembed" in asked)


def asking() -> str:
    """The site whose page asks, as far as the address, or else the browser, tells."""
    return sites.of(request.args.get(SITE, request.referrer))


def said() -> dict[str, str]:
    """What stands behind the question mark of the address that is asked for, and, for a form, of
    the one that it was sent from."""
    # A page that a cache may keep is made from its own address alone.
    before = (request.referrer or "") if request.method == "POST" else ""
    return dict(parse_qsl(before.partition("?")[2])) | request.args.to_dict()


def _site(via: str) -> str:
    around = asking()
    if around and around != sites.own():
        return around
    kind, _, host = via.partition(":")
    return (sites.of(f"//{host}") if kind == Via.EMBED else "") or around
