"""What the pictures beside shared links say. `drawing.py` draws them."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal

WIDTH, HEIGHT = 1200, 630
"""Pixels; what most sites that show such pictures ask for."""
STYLE = 1
"""Raised when the same words are drawn differently, or the same is said in other words."""

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Motif:
    """What a picture says, in the words it says it with."""

    title: str
    over: str
    """To whom the letter is, above the title."""
    under: str
    """From whom it is, below the title."""
    count: str
    site: str
    language: str
    direction: Direction

    @property
    def tag(self) -> str:
        """Short for all it says: it changes when that does, and the picture's address with it."""
        said = json.dumps([STYLE, asdict(self)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def style_of(site: str) -> str:
    """Short for what is the same in all pictures of a site."""
    return hashlib.sha256(json.dumps([STYLE, site]).encode()).hexdigest()[:16]


def rounded(count: int) -> int:
    """A count as a picture says it: down to two digits that mean something, so that it is drawn
    a few times on its way to a thousand and not a thousand times."""
    step: int = 10 ** max(0, len(str(count)) - 2)
    return count - count % step
