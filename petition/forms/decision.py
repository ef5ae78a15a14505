"""What a moderator's buttons send."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

REASONS = {
    "duplicate": lazy_gettext("the same person twice"),
    "not-a-name": lazy_gettext("not a real name"),
    "impersonation": lazy_gettext("somebody else's name"),
    "advertising": lazy_gettext("advertising"),
    "abuse": lazy_gettext("abuse"),
    "on-request": lazy_gettext("on the person's request"),
}


class RejectForm(FlaskForm):
    """Why a signature is rejected. Carries the panel's token against forged posts."""

    reason = SelectField(
        lazy_gettext("Reason"),
        choices=[
            SelectChoice("", lazy_gettext("choose a reason")),
            *(SelectChoice(code, words) for code, words in REASONS.items()),
        ],
        validators=[DataRequired(lazy_gettext("Choose a reason before you reject."))],
    )


class PressForm(FlaskForm):
    """A lone button, with the panel's token against forged posts."""
