"""What a browser is called, in as few words as tell it from another."""

import re

_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrom(e|ium)/|CriOS/"),
    ("Safari", r"Safari/"),
)
"""Each name after those that pretend to be it."""
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone|iPod"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)
_LONGEST = 400
"""Characters that are looked at."""


def device(user_agent: str | None) -> str:
    """Such as "Firefox, Linux"; empty where nothing is recognized."""
    said = (user_agent or "")[:_LONGEST]
    return ", ".join(name for name in (_first(_BROWSERS, said), _first(_SYSTEMS, said)) if name)


def _first(names: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, said)), "")
