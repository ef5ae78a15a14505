"""The table that is printed in the end."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure beside its floor."""

    what: str
    figure: str
    floor: str
    ratio: float | None
    aim: str
    met: bool | None
    """None, where nothing is aimed at."""


def speed(
    what: str, figures: list[float], floors: list[float], least: float, unit: str = "/s"
) -> Row:
    """A speed beside another, both measured in turns; the turns are compared one by one."""
    ratio = median(figure / floor for figure, floor in zip(figures, floors, strict=True))
    figure, floor = median(figures), median(floors)
    return Row(
        what, f"{figure:,.0f} {unit}", f"{floor:,.0f} {unit}", ratio, f"≥ {least}", ratio >= least
    )


def median(values: Iterable[float]) -> float:
    """The middle one; of an even number, the lower of the two."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2]


def markdown(rows: list[Row]) -> str:
    """The rows as a table that is readable as it stands."""
    cells = [("Figure", "Measured", "Beside", "Ratio", "Aim", "")]
    cells += [
        (
            row.what,
            row.figure,
            row.floor,
            "" if row.ratio is None else f"{row.ratio:.2f}",
            row.aim,
            {True: "met", False: "MISSED", None: ""}[row.met],
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    rule = tuple("-" * width for width in widths)
    padded = (
        [c.ljust(w) for c, w in zip(line, widths, strict=True)]
        for line in (cells[0], rule, *cells[1:])
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)
