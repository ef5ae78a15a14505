"""Make the kept numbers agree with the rows they stand for."""

from petition.actions import paper, tally
from petition.actions import removals as kept
from petition.database import writing
from petition.extensions import db
from petition.queries import batches, removals, tallies
from petition.queries.batches import PaperDrift
from petition.queries.removals import RemovalDrift
from petition.queries.tallies import Drift

Drifted = Drift | RemovalDrift | PaperDrift


def find() -> list[Drifted]:
    """Every number that differs from its rows."""
    return [*tallies.drift(), *removals.drift(), *batches.drift()]


def repair() -> list[Drifted]:
    """Correct every number that drifted, while signing goes on; what was corrected.

    The difference is added rather than the number set: a signature that arrives meanwhile has
    adjusted the number by itself.
    """
    with writing(db.session):
        found = tallies.drift()
        for each in found:
            tally.adjust(each.letter_id, {each.state: each.rows - each.kept})
        removed = removals.drift()
        for one in removed:
            place = (one.day, one.reason)
            kept.adjust(one.letter_id, {place: one.rows - one.kept})
        return [*found, *removed, *paper.repair()]
