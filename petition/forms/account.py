"""What organizers type to come in, and about themselves."""

from flask_babel import gettext, lazy_gettext
from wtforms import Field, HiddenField, StringField
from wtforms.validators import DataRequired, StopValidation

from petition.forms.fields import Addressed, AtMost, email_field, no_address, one_line, public_words
from petition.forms.panel import PanelForm
from petition.models.account import PASSKEY_NAME_LENGTH
from petition.models.team import ORGANIZER_NAME_LENGTH
from petition.text import has_web_address


def no_advertising(_form: PanelForm, field: Field) -> None:
    """Refuse what invitations must not carry into strangers' mailboxes."""
    if has_web_address(field.data or ""):
        raise StopValidation(gettext("Write this without a web address."))


class AddressForm(Addressed, PanelForm):
    """An e-mail address, to sign in with or to have from now on."""

    email = email_field(lazy_gettext("E-mail address"), lazy_gettext("Write your e-mail address."))


class MailedCodeForm(PanelForm):
    """The code of a mail."""

    code = StringField(
        lazy_gettext("The code from the mail"),
        filters=[one_line],
        validators=[AtMost(20), DataRequired(lazy_gettext("Write the code from the mail."))],
    )


class OwnNameForm(PanelForm):
    """How an organizer is called."""

    name = StringField(
        lazy_gettext("Your name"),
        filters=[one_line],
        validators=[AtMost(ORGANIZER_NAME_LENGTH), public_words, no_advertising, no_address],
    )


class PasskeyNameForm(PanelForm):
    """What a passkey is called."""

    label = StringField(
        lazy_gettext("Name of the passkey"),
        filters=[one_line],
        validators=[
            AtMost(PASSKEY_NAME_LENGTH),
            DataRequired(lazy_gettext("Give it a name by which you will know it.")),
        ],
    )


class NewPasskeyForm(PasskeyNameForm):
    """A new passkey: its name, and what the browser says of it."""

    credential = HiddenField()


class PasskeyForm(PanelForm):
    """What the browser says about a passkey that was used."""

    credential = HiddenField()
