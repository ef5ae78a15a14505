"""What the address of a frame says: on which site it stands, and how it is to look there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from petition import colours, sites, sources
from petition.sources import Via
from petition.views import asked

SITE = "site"
"""The parameter by which a cache in front (`deploy/nginx.conf`) asks for a frame that is not the
same on all sites. It is what the browser named beside the address, as `Referer`; in the address, it
keeps what one site was answered apart from what another was."""
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
        return sources.read(self.via) or Via.EMBED

    @property
    def looks(self) -> dict[str, str]:
        """How a frame is asked to look, in its address."""
        return _without_gaps({"theme": self.theme, "accent": self.accent})

    @property
    def handed_on(self) -> dict[str, Any]:
        """What goes on in the addresses that the frame sends to, and leads to within itself."""
        return self.looks | _without_gaps({sources.PARAMETER: self.via})

    @property
    def anywhere(self) -> "Surroundings":
        """Only what a page that all sites share may contain: the theme. The rest stands in the
        frame's own address, which the browser sends along with the form (`asked.here`)."""
        return Surroundings(theme=self.theme)


def _without_gaps(parameters: dict[str, str]) -> dict[str, str]:
    return {name: word for name, word in parameters.items() if word}


def here() -> Surroundings:
    """What the address says that is asked for, or the one that a form was sent from."""
    parameters = asked.here()
    via = parameters.get(sources.PARAMETER, "")
    site = _site(via)
    around = f"{Via.EMBED}:{site}" if site and site != sites.own() else sources.read(via) or ""
    return understood(parameters, site, around)


def understood(parameters: Mapping[str, str], site: str = "", via: str = "") -> Surroundings:
    """What the parameters of an address say, as far as it makes sense."""
    theme = parameters.get("theme", "")
    accent = colours.readable(parameters.get("accent", "")) or ""
    return Surroundings(
        site, via, theme if theme in _THEMES else "", accent, "oembed" in parameters
    )


def asking() -> str:
    """The site whose page asks for a frame, as far as the cache in front (`SITE`), or else the
    browser, tells.

    This alone decides who is shown the count. What `via` says is the word of the page around: it
    does for statistics, and for a form, which only the site that it names can frame then.
    """
    return sites.of(request.args.get(SITE, request.referrer))


def _site(via: str) -> str:
    """The site that asks, or, where that is not told or is our own, the one that `via` names."""
    around = asking()
    if around and around != sites.own():
        return around
    kind, _, host = via.partition(":")
    return (sites.of(f"//{host}") if kind == Via.EMBED else "") or around
