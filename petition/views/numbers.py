"""The numbers of a letter, as pictures and as tables."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, request
from flask_login import login_required

from petition import spreadsheet
from petition.actions import roles
from petition.actions.roles import Role
from petition.clock import now
from petition.queries import tallies
from petition.views import answers, figures, queues, spelled
from petition.views.figures import Figure
from petition.views.own_letter import own_letter

bp = Blueprint("numbers", __name__, url_prefix="/organize/letters/<slug:slug>")


@bp.get("/numbers")
@login_required
def show(slug: str) -> Response:
    """All that is counted of a letter, one question after the other."""
    own = own_letter(slug)
    counts = tallies.of_letter(own.letter.id)
    return answers.page(
        "numbers/show.html",
        **queues.frame(own, "numbers.show", counts),
        may_export=roles.may(own.role, Role.MODERATOR),
        anybody=counts.anybody,
        figures={each.of: each for each in figures.all_of(own)},
        duration=spelled.duration,
        moments={"hours": spelled.date_and_clock, "days": spelled.date},
    )


@bp.get("/numbers.csv")
@login_required
def table(slug: str) -> Response:
    """The numbers behind one picture, as a file; times in UTC (ISO 8601), durations in seconds.

    For who may take other files along. It says no more than the table on the page, and is as
    little recorded as looking at that.
    """
    own = own_letter(slug, Role.MODERATOR)
    figure = figures.one_of(own, request.args.get("of", "days")) or abort(404)
    columns = [each.name for each in figure.headings]
    pieces = spreadsheet.as_csv(columns, _rows(figure))
    return answers.file(f"{own.letter.slug}-{figure.of}-{now():%Y-%m-%d}.csv", pieces)


def _rows(figure: Figure) -> Iterator[list[Any]]:
    return ([_plain(cell) for cell in row] for row in figure.rows)


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, timedelta):
        return round(cell.total_seconds())
    return cell
