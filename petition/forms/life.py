"""When a letter opens and closes, what came of it, and why it leaves the view."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation
from wtforms.widgets import DateTimeLocalInput

from petition import text
from petition.clock import now
from petition.forms.fields import AtMost, one_line
from petition.forms.panel import PanelForm
from petition.forms.versioned import VersionedForm
from petition.models import Outcome, Team
from petition.models.letter import MESSAGE_LENGTH, NOTE_LENGTH

_LAST_YEAR = 9000
_LONGEST = 10_000


def _lines(value: str | None) -> str:
    return text.tidy((value or "")[:_LONGEST], lines=True)


def moment(_form: PanelForm, field: Field) -> None:
    """Understand a date with a time, in UTC, as browsers send it."""
    field.moment = None
    if not field.data:
        return
    parts = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,6})?", field.data)
    try:
        found = datetime.fromisoformat(f"{parts[1]}T{parts[2]}{parts[3] or ''}") if parts else None
    except ValueError:
        found = None
    if found is None or not field.data.isascii() or not 2000 <= found.year <= _LAST_YEAR:
        raise StopValidation(gettext("Write a date and a time, such as 2030-05-01 09:00."))
    field.moment = found.replace(tzinfo=UTC)


def as_typed(value: datetime | None) -> str:
    """A moment as `moment` understands it."""
    return value.strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00") if value else ""


def _moment_field(label: Any) -> Field:
    return StringField(
        label,
        widget=DateTimeLocalInput(),
        filters=[one_line],
        validators=[AtMost(40), moment],
    )


class DatesForm(VersionedForm):
    """When a letter opens, as long as it has not, and when it closes."""

    opens = _moment_field(lazy_gettext("Opens"))
    closes = _moment_field(lazy_gettext("Closes"))

    def fit(self, *, scheduled: bool, standing: datetime | None) -> bool:
        """Whether the dates make sense from now on.

        Args:
            scheduled: the letter waits for its opening, and must go on waiting for one.
            standing: the opening that is kept with the letter; it may have passed.
        """
        if not self.validate():
            return False
        opens: datetime | None = self.opens.moment if "opens" in self else None
        soonest = now()
        if scheduled and (opens or soonest) <= soonest:
            self.opens.errors = [
                gettext("Write a time to come. To open the letter at once, press Open now.")
            ]
        elif opens and opens <= soonest and self.opens.data != as_typed(standing):
            self.opens.errors = [gettext("This lies in the past. To open at once, leave it empty.")]
        elif self.closes.moment and self.closes.moment <= soonest:
            self.closes.errors = [gettext("This lies in the past. Write a time to come.")]
        elif self.closes.moment and opens and self.closes.moment <= opens:
            self.closes.errors = [gettext("Write a time after the opening.")]
        return not self.problems


_OUTCOMES = {
    Outcome.WON: lazy_gettext("won: what was asked for happens"),
    Outcome.PARTLY: lazy_gettext("partly won"),
    Outcome.LOST: lazy_gettext("not won"),
    Outcome.DELIVERED: lazy_gettext("delivered, without an answer yet"),
}


class OutcomeForm(VersionedForm):
    """What came of a letter, and what is said about it."""

    outcome = SelectField(
        lazy_gettext("What came of it"),
        choices=[
            SelectChoice("", lazy_gettext("not known yet")),
            *(SelectChoice(each.value, words) for each, words in _OUTCOMES.items()),
        ],
    )
    message = TextAreaField(
        lazy_gettext("Message to all readers"),
        filters=[_lines],
        validators=[AtMost(MESSAGE_LENGTH)],
    )

    @property
    def chosen(self) -> Outcome | None:
        """What came of it, where that is known."""
        return Outcome(self.outcome.data) if self.outcome.data else None

    @staticmethod
    def in_words(outcome: str | None) -> str:
        """What came of it, as the form says it."""
        return str(_OUTCOMES[Outcome(outcome)] if outcome else gettext("not known yet"))


class ReasonForm(PanelForm):
    """Why a letter is withdrawn from view."""

    reason = TextAreaField(
        lazy_gettext("Reason, for everybody"),
        filters=[_lines],
        validators=[
            AtMost(NOTE_LENGTH),
            DataRequired(lazy_gettext("Write why: it is all that readers will find.")),
        ],
    )


class TeamForm(PanelForm):
    """To which team a letter is handed over."""

    team = SelectField(lazy_gettext("Team"), coerce=int)

    @classmethod
    def among(cls, teams: Iterable[Team]) -> "TeamForm":
        """The form with these teams to choose from."""
        form = cls()
        form.team.choices = [SelectChoice(each.id, each.name) for each in teams]
        return form


class ReopenForm(PanelForm):
    """When a letter that is reopened closes again."""

    closes = _moment_field(lazy_gettext("Closes again"))
