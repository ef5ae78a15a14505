"""Where a signer asks for the link to their signature."""

from flask_babel import lazy_gettext

from petition.forms.fields import Addressed, email_field
from petition.forms.public import OpenForm


class OwnLinkForm(Addressed, OpenForm):
    """The address that somebody signed with."""

    email = email_field(
        lazy_gettext("The e-mail address you signed with"),
        lazy_gettext("Write the e-mail address you signed with."),
    )
