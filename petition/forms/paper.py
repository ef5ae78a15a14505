"""Signatures on paper, as they are handed in."""

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, StringField
from wtforms.validators import DataRequired, StopValidation
from wtforms.widgets import DateInput

from petition.clock import now
from petition.forms.fields import AtMost, one_line
from petition.forms.panel import PanelForm, whole_number
from petition.models.letter import NOTE_LENGTH
from petition.models.paper import PLACE_LENGTH

LARGEST = 10_000_000
"""Signatures in a batch."""


def a_number(_form: PanelForm, field: Field) -> None:
    """Understand how many there are."""
    number = whole_number(field.data)
    if number is None or not 1 <= number <= LARGEST:
        raise StopValidation(gettext("Write a whole number in digits, such as 1250."))
    field.number = number


def a_day(_form: PanelForm, field: Field) -> None:
    """Understand a day that has been."""
    try:
        day = date.fromisoformat(field.data)
    except ValueError:
        day = None
    if day is None or day.year < 1900:
        raise StopValidation(gettext("Write a day, such as 2026-05-01."))
    if (day - now().date()).days > 1:  # somewhere it is tomorrow already
        raise StopValidation(gettext("Write the day they were collected; it cannot be to come."))
    field.day = day


class BatchForm(PanelForm):
    """A batch of signatures on paper."""

    number = StringField(
        lazy_gettext("How many"),
        filters=[one_line],
        validators=[DataRequired(lazy_gettext("Write how many there are.")), a_number],
    )
    collected_on = StringField(
        lazy_gettext("Collected on"),
        widget=DateInput(),
        filters=[one_line],
        validators=[DataRequired(lazy_gettext("Write the day they were collected.")), a_day],
    )
    place = StringField(
        lazy_gettext("Where"),
        filters=[one_line],
        validators=[
            AtMost(PLACE_LENGTH),
            DataRequired(lazy_gettext("Write where they were collected.")),
        ],
    )
    note = StringField(lazy_gettext("Note"), filters=[one_line], validators=[AtMost(NOTE_LENGTH)])

    @property
    def words(self) -> dict[str, Any]:
        """What was handed in, where all of it is right."""
        return {
            "number": self.number.number,
            "collected_on": self.collected_on.day,
            "place": self.place.data,
            "note": self.note.data,
        }
