"""What somebody answers who was asked to sign first."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, StringField
from wtforms.validators import DataRequired

from petition.forms.fields import (
    AtMost,
    a_name,
    no_address,
    no_path,
    no_web_address,
    one_line,
    public_words,
)
from petition.forms.public import PublicForm
from petition.models.signature import AFFILIATION_LENGTH, NAME_LENGTH, ROLE_LENGTH


def name_field() -> Field:
    """Their name."""
    return StringField(
        lazy_gettext("Name"),
        filters=[one_line],
        validators=[
            AtMost(NAME_LENGTH),
            DataRequired(lazy_gettext("Write the name as it should stand under the letter.")),
            public_words,
            a_name,
            no_address,
        ],
    )


def title_field() -> Field:
    """What stands with it."""
    return StringField(
        lazy_gettext("Title or profession"),
        filters=[one_line],
        validators=[AtMost(ROLE_LENGTH), public_words, no_web_address],
    )


def affiliation_field() -> Field:
    """Where they belong."""
    return StringField(
        lazy_gettext("Organization"),
        filters=[one_line],
        validators=[AtMost(AFFILIATION_LENGTH), public_words, no_path],
    )


class FirstForm(PublicForm):
    """What somebody who was asked signs with."""

    name = name_field()
    title = title_field()
    affiliation = affiliation_field()
    pass_on = BooleanField(lazy_gettext("My name may be handed to the addressee"))
    consent = BooleanField(
        lazy_gettext("I sign this letter, and agree that my data is used as described here"),
        validators=[DataRequired(lazy_gettext("Tick this box to sign."))],
    )
    revision = StringField("")
    """The number of the text that they read."""

    def validate_against(self, revision: int) -> bool:
        """Whether all is right, and what was read is the revision in force."""
        good = bool(self.validate())
        if self.revision.data == str(revision):
            return good
        errors: list[Any] = [
            gettext("The letter has been changed since you opened it. Read it once more.")
        ]
        self.revision.errors = errors
        return False
