"""What a signer enters on their own page beside their words."""

from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, Field
from wtforms.validators import DataRequired, StopValidation

from petition import address
from petition.exceptions import AddressInvalid
from petition.forms.signature import AtMost, PublicForm
from petition.models.team import EMAIL_LENGTH


class UpdatesForm(PublicForm):
    """The address for updates, where none is kept any more."""

    email = EmailField(
        lazy_gettext("The e-mail address you signed with"),
        filters=[lambda value: (value or "").strip()],
        validators=[
            AtMost(EMAIL_LENGTH),
            DataRequired(lazy_gettext("Write the e-mail address you signed with.")),
        ],
    )

    address: address.Address

    def validate_email(self, field: Field) -> None:
        """Understand the address, and keep it understood."""
        try:
            self.address = address.parse(field.data)
        except AddressInvalid:
            raise StopValidation(
                gettext("Write only the address, like name@example.org.")
            ) from None
