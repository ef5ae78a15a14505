"""The newest of what is written down about each of several signatures."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select

from petition.extensions import db
from petition.models import Decision, Report

T = TypeVar("T", Decision, Report)


def of_each(
    model: type[T], signature_ids: Iterable[int], which: ColumnElement[bool], most: int
) -> dict[int, list[T]]:
    """At most so many of each signature, by its id, newest first."""
    place = func.row_number().over(partition_by=model.signature_id, order_by=model.id.desc())
    placed = (
        select(model.id, place.label("place"))
        .where(model.signature_id.in_(list(signature_ids)), which)
        .subquery()
    )
    found = db.session.scalars(
        select(model)
        .join(placed, placed.c.id == model.id)
        .where(placed.c.place <= most)
        .order_by(model.id.desc())
    )
    newest: dict[int, list[T]] = defaultdict(list)
    for each in found:
        newest[each.signature_id].append(each)
    return newest
