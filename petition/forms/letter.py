"""What an editor types: a letter's text, its language, its address, and what was changed."""

import re
from typing import Any

from flask_babel import get_locale, gettext, lazy_gettext
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from petition import languages, text
from petition.forms.fields import AtMost, no_web_address, one_line
from petition.forms.panel import PanelForm
from petition.models.letter import (
    NOTE_LENGTH,
    PARTY_LENGTH,
    SLUG_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Change,
)

LONGEST = 4 * TEXT_LENGTH + 64 * 1024
"""Bytes of the editor's form at most, as `multipart/form-data`: four for each character."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _passage(value: str | None) -> str:
    return text.passage(value or "")


def _number(value: int | str | None) -> int:
    """A number that the page carries; one that nothing has, where somebody changed it."""
    plain = str(value)
    return int(plain) if re.fullmatch(r"[0-9]{1,9}", plain) else -1


def legible(_form: PanelForm, field: Field) -> None:
    """Refuse what runs over the lines above and below."""
    if text.piled_marks(field.data or ""):
        raise StopValidation(gettext("Use at most four accents or marks on one letter."))


class LanguageForm(PanelForm):
    """A language, by its name or its tag."""

    language = StringField(
        lazy_gettext("Language"),
        filters=[one_line],
        validators=[DataRequired(lazy_gettext("Write in which language the text is."))],
    )

    tag: str

    def validate_language(self, field: Field) -> None:
        """Understand what was meant, and keep it understood."""
        found = languages.understood(field.data, _ours())
        if found is None:
            raise StopValidation(
                gettext("Write the name of a language, or its tag such as en, fr or pt-BR.")
            )
        self.tag = found


def _ours() -> str:
    return str(get_locale() or "en")


class BeginForm(LanguageForm):
    """A new letter."""

    below = ("language", "team")

    title = StringField(
        lazy_gettext("Title"),
        filters=[one_line],
        validators=[
            AtMost(TITLE_LENGTH),
            DataRequired(lazy_gettext("Write a title. You can change it later.")),
            legible,
            no_web_address,
        ],
    )
    team = SelectField(lazy_gettext("Team"), coerce=int, validate_choice=True)


class TextForm(PanelForm):
    """A letter's text in one language. It may be saved unfinished."""

    title = StringField(
        lazy_gettext("Title"),
        filters=[one_line],
        validators=[AtMost(TITLE_LENGTH), legible, no_web_address],
    )
    addressee = StringField(
        lazy_gettext("To"),
        filters=[one_line],
        validators=[AtMost(PARTY_LENGTH), legible, no_web_address],
    )
    sender = StringField(
        lazy_gettext("From"),
        filters=[one_line],
        validators=[AtMost(PARTY_LENGTH), legible, no_web_address],
    )
    markdown = TextAreaField(
        lazy_gettext("Text"), filters=[_passage], validators=[AtMost(TEXT_LENGTH)]
    )
    version = HiddenField(filters=[_number])
    """Of the draft that this was written from."""


class PublishForm(PanelForm):
    """What a publication is to the text before it, and of which texts it was shown."""

    change = RadioField(
        lazy_gettext("What kind of change is this?"),
        choices=[
            SelectChoice(Change.CORRECTION.value, lazy_gettext("A correction")),
            SelectChoice(Change.SUBSTANCE.value, lazy_gettext("A change of substance")),
        ],
        validate_choice=False,
    )
    note = TextAreaField(
        lazy_gettext("What was changed, and why"),
        filters=[lambda value: text.tidy((value or "")[: 4 * NOTE_LENGTH], lines=True)],
        validators=[AtMost(NOTE_LENGTH), legible],
    )
    version = HiddenField(filters=[_number])
    """Of the draft that was shown."""
    number = HiddenField(filters=[_number])
    """Of the text in force that it was compared with; 0 where there was none."""

    def validate_declared(self, declare: bool) -> bool:
        """Whether all is right; with `declare`, the change must be told and explained."""
        good = bool(self.validate())
        if not declare:
            return good
        if self.declared is None:
            self.change.errors = [gettext("Choose what kind of change this is.")]
            good = False
        if not self.note.data:
            self.note.errors = [gettext("Write in a sentence what was changed, for everybody.")]
            good = False
        return good

    @property
    def declared(self) -> Change | None:
        """The kind of change that was chosen, if it is one that can be."""
        offered = {choice[0] for choice in self.change.iter_choices()}
        return Change(self.change.data) if self.change.data in offered else None


class SlugForm(PanelForm):
    """The part of a letter's address that is its own."""

    slug = StringField(
        lazy_gettext("Address"),
        filters=[lambda value: (value or "").strip().lower()],
        validators=[AtMost(SLUG_LENGTH)],
    )

    def validate_slug(self, field: Any) -> None:
        """Refuse what cannot stand in an address."""
        if not _SLUG.fullmatch(field.data or ""):
            raise StopValidation(
                gettext("Use small letters a to z, digits, and single hyphens between them.")
            )
