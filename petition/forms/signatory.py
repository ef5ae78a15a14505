"""Who is asked to sign first."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from petition import address
from petition.exceptions import AddressInvalid
from petition.forms.fields import Addressed, email_field
from petition.forms.first import affiliation_field, name_field, title_field
from petition.forms.panel import PanelForm
from petition.forms.public import PublicForm
from petition.languages import autonym

MOST_LINES = 200
LONGEST_LINE = 2_000


class Languages:
    """Mixed into a form: in which of the letter's languages somebody is written to."""

    language: Field

    def offer(self, languages: Sequence[str]) -> None:
        """Let one of these be chosen; the first stands chosen."""
        self.language.choices = [SelectChoice(tag, autonym(tag)) for tag in languages]
        self.language.data = self.language.data or languages[0]


class SignatoryForm(Addressed, PanelForm, Languages):
    """Somebody to ask."""

    name = name_field()
    title = title_field()
    affiliation = affiliation_field()
    email = email_field(
        lazy_gettext("E-mail address"),
        lazy_gettext("Write the address that the personal link goes to."),
    )
    language = SelectField(lazy_gettext("Language"))

    def asked_already(self) -> None:
        """The address is among those who are asked."""
        self.email.errors = [gettext("This address is among the first signatories already.")]


class LinesForm(PanelForm, Languages):
    """Several people to ask, one a line, their parts separated by semicolons or tabs."""

    lines = TextAreaField(
        lazy_gettext("People"),
        validators=[DataRequired(lazy_gettext("Write at least one person."))],
    )
    language = SelectField(lazy_gettext("Language of all of them"))

    people: list[tuple[dict[str, str], address.Address]]
    wrong: tuple[str, ...] = ()
    """What to do about each line that is not understood."""

    @property
    def problems(self) -> list[tuple[Any, str]]:
        """Each wrong field with what to do about it; of the lines, each that is wrong."""
        found = super().problems
        if not self.wrong:
            return found
        lines = [(self.lines, line) for line in self.wrong]
        return lines + [each for each in found if each[0] is not self.lines]

    def validate_lines(self, field: Field) -> None:
        """Understand each line, or say what is wrong with it."""
        self.people, self.wrong = [], ()
        lines = [
            (number, line[:LONGEST_LINE])
            for number, line in enumerate((field.data or "").splitlines(), 1)
            if line.strip()
        ]
        if len(lines) > MOST_LINES:
            raise StopValidation(gettext("Write at most %(most)d lines at once.", most=MOST_LINES))
        for number, line in lines:
            self._understand(number, line)
        if self.wrong:
            raise StopValidation(
                gettext("Look at the lines below this once more; nobody was added yet.")
            )

    def _understand(self, number: int, line: str) -> None:
        *parts, email = (part.strip() for part in re.split(r"[;\t]", line))
        if not 1 <= len(parts) <= 3:
            self._refuse(
                number, gettext("Write the name first and the address last, with “;” between.")
            )
            return
        name, title, affiliation = ([*parts, "", ""])[:3]
        one = _Line(data={"name": name, "title": title, "affiliation": affiliation})
        if not one.validate():
            self._refuse(number, next(iter(problems[0] for problems in one.errors.values())))
            return
        try:
            self.people.append((one.data, address.parse(email)))
        except AddressInvalid:
            self._refuse(
                number, gettext("The last part has to be an address, like name@example.org.")
            )

    def _refuse(self, number: int, advice: str) -> None:
        line = gettext("Line %(number)d: %(advice)s", number=number, advice=advice)
        self.wrong = (*self.wrong, line)


class _Line(PublicForm):
    """The words of one line."""

    name = name_field()
    title = title_field()
    affiliation = affiliation_field()
