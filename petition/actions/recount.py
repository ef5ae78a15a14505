"""Make the kept numbers agree with the rows they stand for."""

from petition.actions import tally
from petition.database import writing
from petition.extensions import db
from petition.queries import tallies
from petition.queries.tallies import Drift


def repair() -> list[Drift]:
    """Correct every number that drifted, while signing goes on; what was corrected.

    The difference is added rather than the number set: a signature that arrives meanwhile has
    adjusted the number by itself.
    """
    with writing(db.session):
        found = tallies.drift()
        for each in found:
            tally.adjust(each.letter_id, {each.state: each.rows - each.kept})
    return found
