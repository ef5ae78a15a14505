"""What somebody says of a signature that is not as it should be."""

from flask_babel import gettext, lazy_gettext
from wtforms import Field, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from petition import text
from petition.address import Address
from petition.forms.fields import Addressed, AtMost, email_field
from petition.forms.public import OpenForm
from petition.models import Cause
from petition.models.signature import REPORT_LENGTH

_LONGEST = 5_000
"""Characters that are looked at."""


class ReportForm(Addressed, OpenForm):
    """Why a signature is reported, and by whom, if they say so."""

    cause = SelectField(
        lazy_gettext("What is wrong with it"),
        choices=[
            SelectChoice("", lazy_gettext("choose")),
            SelectChoice(Cause.NOT_ME.value, lazy_gettext("This is me, and I did not sign")),
            SelectChoice(Cause.SOMEBODY_ELSE.value, lazy_gettext("It uses somebody else's name")),
            SelectChoice(Cause.NO_PERSON.value, lazy_gettext("It is not a real person")),
            SelectChoice(Cause.ABUSE.value, lazy_gettext("It insults or advertises")),
            SelectChoice(Cause.OTHER.value, lazy_gettext("Something else")),
        ],
        validate_choice=False,  # it would say so in words of its own
        validators=[DataRequired(lazy_gettext("Choose what is wrong."))],
    )
    words = TextAreaField(
        lazy_gettext("What should the organizers know?"),
        filters=[lambda value: text.tidy((value or "")[:_LONGEST], lines=True)],
        validators=[AtMost(REPORT_LENGTH)],
    )
    email = email_field(lazy_gettext("Your e-mail address, if the signature used it"))

    def validate_cause(self, field: Field) -> None:
        """Refuse what cannot be chosen."""
        if field.data not in set(Cause):
            raise StopValidation(gettext("Choose what is wrong."))

    def validate_email(self, field: Field) -> None:
        """Understand the address, where one was typed."""
        if field.data:
            super().validate_email(field)

    @property
    def reporter(self) -> Address | None:
        """The address of who reports, if they said it."""
        return self.address if self.email.data else None
