"""What is looked for in a record, as it stands in an address."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, StopValidation

from petition import deeds
from petition.numerals import LARGEST
from petition.queries.record import Wanted


def _is_of_our_time(_form: FlaskForm, field: Field) -> None:
    if field.data and not 2000 <= field.data.year < 9000:
        raise StopValidation(gettext("Write a day as 2026-03-31."))


class RecordForm(FlaskForm):
    """Sent by its address: it changes nothing, and carries no token."""

    class Meta:
        csrf = False

    who = SelectField(
        lazy_gettext("Who"),
        coerce=lambda value: int(value) if value else None,
        validators=[Optional()],
    )
    what = SelectField(
        lazy_gettext("What"),
        choices=[
            SelectChoice("", lazy_gettext("everything")),
            *(SelectChoice(kind, words) for kind, (words, _) in deeds.KINDS.items()),
        ],
        validators=[Optional()],
    )
    signature = IntegerField(
        lazy_gettext("Signature number"),
        validators=[
            Optional(),
            NumberRange(1, LARGEST, message=lazy_gettext("Write the number of a signature.")),
        ],
    )
    since = DateField(lazy_gettext("Since (UTC)"), validators=[Optional(), _is_of_our_time])
    until = DateField(lazy_gettext("Until (UTC)"), validators=[Optional(), _is_of_our_time])

    def validate_until(self, field: Field) -> None:
        """Refuse a time that ends before it begins."""
        if field.data and self.since.data and field.data < self.since.data:
            raise StopValidation(gettext("Choose a day that is not before the other."))

    @classmethod
    def asking(cls, args: Any, members: list[tuple[int, str]]) -> "RecordForm":
        """The form with what an address asks for.

        Args:
            members: of the team, by number and address.
        """
        form = cls(formdata=args)
        form.who.choices = [SelectChoice("", lazy_gettext("everybody"))] + [
            SelectChoice(str(number), email) for number, email in members
        ]
        form.who.process(args)
        return form

    @property
    def wanted(self) -> Wanted:
        """What it asks for; days are those of UTC, the last one included."""
        _, actions = deeds.KINDS.get(self.what.data or "", ("", ()))
        return Wanted(
            organizer=self.who.data,
            actions=tuple(actions),
            signature=self.signature.data,
            since=_begin(self.since.data),
            until=_begin(self.until.data, days=1),
        )


def _begin(day: date | None, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days), time(), UTC) if day else None
