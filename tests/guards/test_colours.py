"""What stands on other sites looks as our own pages do: the colours of one are those of all."""

import re
from pathlib import Path

from petition import badges, colours, drawing

STATIC = Path(__file__).parents[2] / "static"
PAPER = ["ground", "ink", "soft", "line", "accent"]
Pairs = dict[str, tuple[str, str]]


def test_every_home_of_the_colours_has_the_same() -> None:
    ours = _ours()
    for file in ("css/embed.css", "css/framed.css"):
        found = _side_by_side(_text(file))
        assert set(found) <= set(ours)
        assert found == {name: ours[name] for name in found}, file
        assert set(PAPER) <= set(found), file

    element = _text("embed/v1.0.js")
    lists = {name: tuple(re.findall("#[0-9a-f]{6}", _list(element, name))) for name in _LISTS}
    assert lists == {"GROUNDS": ours["ground"], "ACCENTS": ours["accent"]}
    found = _side_by_side(element)
    assert found == {name: ours[name] for name in ("ink", "soft", "line")}

    assert ours["ground"] == (colours.LIGHT, colours.DARK)
    drawn = (drawing.GROUND, drawing.INK, drawing.SOFT, drawing.LINE, drawing.ACCENT)
    assert drawn == tuple(ours[name][0] for name in PAPER)
    assert (ours["accent"][0][1:], ours["ink"][0][1:]) == (badges.COLOUR, badges.LABEL_COLOUR)


_LISTS = ("GROUNDS", "ACCENTS")


def _text(file: str) -> str:
    return (STATIC / file).read_text()


def _ours() -> Pairs:
    """Of our own pages: by day, and by night."""
    day, night = _text("css/colours.css").split("@media print")[0].split("@media")
    named = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", each)) for each in (day, night)]
    return {name: (named[0][name], named[1][name]) for name in named[0]}


def _side_by_side(style: str) -> Pairs:
    """Of what has both in one line, with or without a colour of the site around."""
    one = r"(?:var\(--[\w-]+, )?(#[0-9a-f]{6})\)?"
    found = re.findall(rf"--([\w-]+): light-dark\({one}, {one}\)", style)
    return {name: (day, night) for name, day, night in found}


def _list(script: str, name: str) -> str:
    [found] = re.findall(rf"const {name} = \[(.*)\];", script)
    return str(found)
