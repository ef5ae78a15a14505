"""Networks from which many may sign a letter for a while."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, literal_column, select

from petition.clock import now
from petition.extensions import db
from petition.models import AllowedNetwork, Organizer, Signature


@dataclass(frozen=True)
class Allowed:
    """An allowance, and who gave it. Which network it is of nobody can tell from it."""

    network: AllowedNetwork
    organizer: Organizer


def allowed(letter_id: int) -> list[Allowed]:
    """The allowances of a letter that are in force, latest first."""
    rows = db.session.execute(
        select(AllowedNetwork, Organizer)
        .join(Organizer, Organizer.id == AllowedNetwork.organizer_id)
        .where(AllowedNetwork.letter_id == letter_id, AllowedNetwork.until > now())
        .order_by(AllowedNetwork.until.desc(), AllowedNetwork.id.desc())
    )
    return [Allowed(*row) for row in rows]


def set_aside(letter_id: int, networks: Iterable[int | None]) -> dict[int | None, int]:
    """How many of a letter's signatures are set aside that came from some networks."""
    rows = db.session.execute(
        select(Signature.network, func.count())
        .where(
            Signature.letter_id == letter_id,
            Signature.state == literal_column("'quarantined'"),
            Signature.network.in_({each for each in networks if each is not None}),
        )
        .group_by(Signature.network)
    )
    return {row[0]: row[1] for row in rows}
