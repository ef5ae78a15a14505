"""Where a signer asks for the link to their signature."""

from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, Field, StringField
from wtforms.validators import DataRequired, StopValidation

from petition import address
from petition.exceptions import AddressInvalid
from petition.forms.signature import AtMost, PublicForm
from petition.models.team import EMAIL_LENGTH


class OwnLinkForm(PublicForm):
    """The address that somebody signed with."""

    email = EmailField(
        lazy_gettext("The e-mail address you signed with"),
        filters=[lambda value: (value or "").strip()],
        validators=[
            AtMost(EMAIL_LENGTH),
            DataRequired(lazy_gettext("Write the e-mail address you signed with.")),
        ],
    )
    website = StringField("")
    """The honeypot: no person sees it, and who fills it is no person."""

    address: address.Address

    def validate_email(self, field: Field) -> None:
        """Understand the address, and keep it understood."""
        try:
            self.address = address.parse(field.data)
        except AddressInvalid:
            raise StopValidation(
                gettext("Write only the address, like name@example.org.")
            ) from None

    @property
    def from_robot(self) -> bool:
        """Whether something filled in what no person can see."""
        return bool(self.website.data)
