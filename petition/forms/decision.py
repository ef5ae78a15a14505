"""What a moderator's buttons send."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from petition.models import Reason

_WORDS = {
    Reason.DUPLICATE: lazy_gettext("the same person twice"),
    Reason.NOT_A_NAME: lazy_gettext("not a real name"),
    Reason.IMPERSONATION: lazy_gettext("somebody else's name"),
    Reason.ADVERTISING: lazy_gettext("advertising"),
    Reason.ABUSE: lazy_gettext("abuse"),
    Reason.ON_REQUEST: lazy_gettext("on the person's request"),
}


class RejectForm(FlaskForm):
    """Why a signature is rejected. Carries the panel's token against forged posts."""

    reason = SelectField(
        lazy_gettext("Reason"),
        choices=[
            SelectChoice("", lazy_gettext("choose a reason")),
            *(SelectChoice(reason.value, _WORDS[reason]) for reason in Reason),
        ],
        validators=[DataRequired(lazy_gettext("Choose a reason before you reject."))],
    )
