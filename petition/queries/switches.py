"""Who turned on what guards a letter at the moment, and when."""

from dataclasses import dataclass

from sqlalchemy import literal_column, select

from petition.extensions import db
from petition.models import AuditEntry, Letter, Organizer, Switch

LOOKED_AT = 100
"""Presses that are looked through, the latest first."""


@dataclass(frozen=True)
class Turned:
    """A switch that is on; who turned it on stands beside it, as far as that is known."""

    switch: Switch
    entry: AuditEntry | None = None
    organizer: Organizer | None = None


def on(letter: Letter) -> list[Turned]:
    """The switches of a letter that are on. Where none is, nothing is asked."""
    switched = letter.switched
    if not switched:
        return []
    presses = _presses(letter.id)
    return [presses.get(switch, Turned(switch)) for switch in switched]


def _presses(letter_id: int) -> dict[Switch, Turned]:
    """By each switch the press that turned it on last."""
    rows = db.session.execute(
        select(AuditEntry, Organizer)
        .outerjoin(Organizer, Organizer.id == AuditEntry.organizer_id)
        .where(AuditEntry.letter_id == letter_id, AuditEntry.action == literal_column("'switch'"))
        .order_by(AuditEntry.id.desc())
        .limit(LOOKED_AT)
    )
    presses: dict[Switch, Turned] = {}
    for entry, organizer in rows:
        about = entry.about or {}
        switch = Switch(about["switch"])
        if about["on"] and "reworded" not in about and switch not in presses:
            presses[switch] = Turned(switch, entry, organizer)
    return presses
