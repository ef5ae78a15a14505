"""What somebody says of a signature that is not as it should be."""

from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from petition import address as addresses
from petition import text
from petition.address import Address
from petition.exceptions import AddressInvalid
from petition.forms.signature import AtMost, PublicForm
from petition.models import Cause
from petition.models.signature import REPORT_LENGTH
from petition.models.team import EMAIL_LENGTH

_LONGEST = 5_000
"""Characters that are looked at."""


class ReportForm(PublicForm):
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
    email = EmailField(
        lazy_gettext("Your e-mail address, if the signature used it"),
        filters=[lambda value: (value or "").strip()],
        validators=[AtMost(EMAIL_LENGTH)],
    )
    website = StringField("")
    """The honeypot: no person sees it, and who fills it is no person."""

    address: Address | None = None
    """Understood, where one was typed."""

    def validate_cause(self, field: Field) -> None:
        """Refuse what cannot be chosen."""
        if field.data not in set(Cause):
            raise StopValidation(gettext("Choose what is wrong."))

    def validate_email(self, field: Field) -> None:
        """Understand the address, and keep it understood."""
        if not field.data:
            return
        try:
            self.address = addresses.parse(field.data)
        except AddressInvalid:
            raise StopValidation(
                gettext("Write only the address, like name@example.org.")
            ) from None

    @property
    def from_robot(self) -> bool:
        """Whether the field that nobody sees was filled."""
        return bool(self.website.data)
