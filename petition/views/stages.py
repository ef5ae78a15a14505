"""Where a frame with a form stands and how it looks, by its address and what the browser says."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import request

from petition import colours, sites, sources
from petition.sources import Via
from petition.views import frame


@dataclass(frozen=True)
class Stage:
    """What is known of the page around a frame."""

    site: str = ""
    """Its name, as far as anybody says; our own, where the frame was opened, or sent, from ours."""
    via: str = ""
    """What led to the letter, as it goes with the form."""
    theme: str = ""
    """Light or dark; empty, where the reader's browser decides."""
    accent: str = ""
    """A colour in six digits, for what can be pressed; empty, where it is ours."""

    @property
    def said(self) -> dict[str, Any]:
        """What goes on in the addresses that the frame sends to, and leads to within itself."""
        said = {"theme": self.theme, "accent": self.accent, sources.PARAMETER: self.via}
        return {name: word for name, word in said.items() if word}

    @property
    def anywhere(self) -> "Stage":
        """The same for pages that all sites share: what is left out goes on from where it stands,
        as the browser says from which of our addresses a form is sent."""
        return Stage(theme=self.theme)


def stage() -> Stage:
    """What the address says that is asked for, or the one that a form was sent from."""
    said = _said()
    via, theme, accent = (said.get(name, "") for name in (sources.PARAMETER, "theme", "accent"))
    site = _site(via)
    around = f"{Via.EMBED}:{site}" if site and site != sites.own() else sources.read(via) or ""
    theme = theme if theme in frame.THEMES else ""
    return Stage(site, around, theme, colours.readable(accent) or "")


def _said() -> dict[str, str]:
    # A page that a cache may keep is made from its own address alone.
    ours = request.method == "POST" and sites.of(request.referrer) == sites.own()
    before = request.referrer if ours else ""
    return dict(parse_qsl(urlsplit(before or "").query)) | request.args.to_dict()


def _site(via: str) -> str:
    asking = sites.of(request.referrer)
    if asking and asking != sites.own():
        return asking
    kind, _, host = via.partition(":")
    return (sites.of(f"//{host}") if kind == Via.EMBED else "") or asking
