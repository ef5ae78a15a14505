"""The kept numbers and the rows: compared, and made to agree."""

from flask import Flask

from petition.actions import recount, tally
from petition.database import writing
from petition.extensions import db
from petition.models import State
from petition.queries import tallies
from petition.queries.tallies import Drift
from tests.factories import make_letter, make_signature


def test_true_numbers_do_not_drift(app: Flask) -> None:
    found = make_letter()
    make_signature(found)
    make_signature(found, state=State.PENDING)
    assert tallies.drift() == []
    assert recount.repair() == []


def test_a_drift_is_found_and_repaired(app: Flask) -> None:
    found = make_letter()
    make_signature(found)
    with writing(db.session):
        tally.adjust(found.letter.id, {State.PUBLISHED: 5, State.HELD: -2})
    expected = [
        Drift(found.letter.id, State.HELD, kept=-2, rows=0),
        Drift(found.letter.id, State.PUBLISHED, kept=6, rows=1),
    ]
    assert tallies.drift() == expected
    assert recount.repair() == expected
    assert tallies.drift() == []
    assert tallies.of_letter(found.letter.id).published == 1
