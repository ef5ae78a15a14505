"""Letters for sites that ask what to show in the place of an address (https://oembed.com).

A site finds the way here in the head of a letter's page. WordPress (wp-includes/class-wp-oembed.php
and embed.php) asks for JSON with a width and a height, and lets nothing of the answer through but
a quotation with links and one frame. Discourse (lib/onebox) shows a card of what the head says, or,
in some of its releases and where its admins allow it, the frame from here; not, if the HTML has
more than 4,000 bytes.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.exceptions import HTTPException

from petition import cards, config, links
from petition.caching import Answer, Policy
from petition.exceptions import Moved, NotFound, PetitionError
from petition.public import PublicLetter
from petition.queries.letters import LetterText
from petition.text import for_xml
from petition.views import answers, asked
from petition.views.embed import elsewhere, surroundings
from petition.views.letters import in_force, picture_of, spoken, with_count

bp = Blueprint("oembed", __name__)
elsewhere.readable_by_programs(bp)

NARROWEST, LOWEST = 240, 120
"""Pixels that a frame needs; where there are fewer, a link is what there is to show."""
WIDE, HIGH, HIGH_IF_NARROW = 600, 200, 280
"""Pixels that a frame takes where it may: narrow ones are higher."""
NARROW = 480
HOLDS_FOR = 3600
"""Seconds for which a site may keep an answer. The count stands in none."""


@dataclass(frozen=True)
class Room:
    """How many pixels there are; None, as many as one likes."""

    width: int | None
    height: int | None

    def has(self, width: int, height: int) -> bool:
        """Whether something of this size fits."""
        return (self.width is None or width <= self.width) and (
            self.height is None or height <= self.height
        )

    @property
    def of_frame(self) -> tuple[int, int]:
        """The width and the height of a frame that fits."""
        width = min(WIDE, self.width or WIDE)
        high = HIGH if width >= NARROW else HIGH_IF_NARROW
        return width, min(high, self.height or high)


@bp.get("/oembed")
def show() -> Response:
    """What to show in the place of a letter's address."""
    write = _WRITERS.get(request.args.get("format", "json"))
    if write is None:
        abort(501)
    room = Room(_pixels("maxwidth"), _pixels("maxheight"))
    address = request.args.get("url", "")
    parameters = asked.of(address)
    found = _letter_at(address, parameters.get("lang"))
    body, mimetype = write(_told(found, room, parameters))
    return answers.once(Policy.PAGE, Answer(body, mimetype, answers.tag(body)))


def _pixels(name: str) -> int | None:
    typed = request.args.get(name, "")
    if not typed:
        return None
    if not re.fullmatch("[1-9][0-9]{0,8}", typed):
        abort(400)
    return int(typed)


def _letter_at(address: str, language: str | None) -> LetterText:
    """The letter that an address is about, by any of its names, on any of its pages.

    Raises:
        NotFound: it is about none that is public.
        Withdrawn: that was taken from view.
    """
    endpoint, values = links.route_of(address) or ("", {})
    only = config.current().site_letter if endpoint == "letters.index" else ""
    slug = values.get("slug") or only
    if not slug:
        raise NotFound
    try:
        return in_force(slug, spoken(slug, language))
    except Moved as error:
        return in_force(error.slug, spoken(error.slug, language))


def _told(found: LetterText, room: Room, parameters: dict[str, str]) -> dict[str, str | int]:
    letter = with_count(found)
    told: dict[str, str | int] = {
        "version": "1.0",
        "type": "link",
        "title": letter.title,
        "author_name": letter.sender,
        "provider_name": config.current().site_name,
        "provider_url": links.absolute("letters.index"),
        "cache_age": HOLDS_FOR,
    }
    if letter.contact.startswith("http"):
        told["author_url"] = letter.contact
    picture = picture_of(found, letter)
    if picture and room.has(cards.WIDTH, cards.HEIGHT):
        told |= {
            "thumbnail_url": picture,
            "thumbnail_width": cards.WIDTH,
            "thumbnail_height": cards.HEIGHT,
        }
    if room.has(NARROWEST, LOWEST):
        told |= {"type": "rich"} | _frame(letter, room, parameters)
    return told


def _frame(letter: PublicLetter, room: Room, parameters: dict[str, str]) -> dict[str, str | int]:
    looks = surroundings.understood(parameters).looks
    width, height = room.of_frame
    html = render_template(
        "embed/oembed.html",
        letter=letter,
        frame=links.absolute(
            "count_frame.show", slug=letter.slug, lang=letter.lang, oembed=1, **looks
        ),
        width=width,
        height=height,
    )
    return {"html": html, "width": width, "height": height}


def _json(told: dict[str, str | int]) -> tuple[bytes, str]:
    return answers.as_json(told), "application/json"


def _xml(told: dict[str, str | int]) -> tuple[bytes, str]:
    root = ET.Element("oembed")
    for name, value in told.items():
        ET.SubElement(root, name).text = str(value)
    document = ET.tostring(root, encoding="utf-8", xml_declaration=True).decode()
    return for_xml(document).encode(), "text/xml"


_WRITERS = {"json": _json, "xml": _xml}


@bp.errorhandler(PetitionError)
@bp.errorhandler(HTTPException)
def refused(error: PetitionError | HTTPException) -> Response:
    """There is no letter for everybody at that address (404); or the question makes no sense
    (400), or wants an answer that nobody here can write (501)."""
    code = error.code if isinstance(error, HTTPException) else None
    status = HTTPStatus(code or HTTPStatus.NOT_FOUND)
    return Response(f"{status.phrase}\n", status, mimetype="text/plain")
