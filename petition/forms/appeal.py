"""What a signer writes who does not agree that they were rejected."""

from flask_babel import lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from petition import text
from petition.forms.fields import AtMost
from petition.forms.public import PublicForm
from petition.models.signature import REPORT_LENGTH

_LONGEST = 5_000
"""Characters that are looked at."""


class AppealForm(PublicForm):
    """Why the signature should stand."""

    appeal = TextAreaField(
        lazy_gettext("Why your signature should count"),
        filters=[lambda value: text.tidy((value or "")[:_LONGEST], lines=True)],
        validators=[
            DataRequired(lazy_gettext("Write what the organizers should know.")),
            AtMost(REPORT_LENGTH),
        ],
    )
