"""Make the kept numbers agree with the rows they stand for."""

from petition.actions import paper, tally
from petition.database import writing
from petition.extensions import db
from petition.queries import batches, tallies
from petition.queries.batches import PaperDrift
from petition.queries.tallies import Drift


def find() -> list[Drift | PaperDrift]:
    """Every number that differs from its rows."""
    return [*tallies.drift(), *batches.drift()]


def repair() -> list[Drift | PaperDrift]:
    """Correct every number that drifted, while signing goes on; what was corrected.

    The difference is added rather than the number set: a signature that arrives meanwhile has
    adjusted the number by itself.
    """
    with writing(db.session):
        found = tallies.drift()
        for each in found:
            tally.adjust(each.letter_id, {each.state: each.rows - each.kept})
        return [*found, *paper.repair()]
