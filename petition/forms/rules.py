"""Entries of block and allow lists, and what is said while a letter is paused."""

from datetime import timedelta

from flask_babel import lazy_gettext
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from petition.forms.fields import AtMost, lines, one_line
from petition.forms.panel import PanelForm
from petition.models import Effect
from petition.models.letter import NOTE_LENGTH
from petition.models.team import EMAIL_LENGTH

_LASTS = {
    "day": (timedelta(days=1), lazy_gettext("a day")),
    "week": (timedelta(days=7), lazy_gettext("a week")),
    "month": (timedelta(days=30), lazy_gettext("30 days")),
    "always": (None, lazy_gettext("until somebody ends it")),
}


class RuleForm(PanelForm):
    """What is blocked or allowed, why, and for how long."""

    effect = SelectField(
        lazy_gettext("What becomes of what comes"),
        choices=[
            SelectChoice(Effect.BLOCK.value, lazy_gettext("block: set aside without a word")),
            SelectChoice(Effect.ALLOW.value, lazy_gettext("allow: stands whatever is noticed")),
        ],
        default=Effect.BLOCK.value,
    )
    value = StringField(
        lazy_gettext("Address, domain or network"),
        filters=[one_line],
        validators=[
            AtMost(EMAIL_LENGTH),
            DataRequired(lazy_gettext("Write whose signatures it is about.")),
        ],
    )
    reason = StringField(
        lazy_gettext("Reason"),
        filters=[one_line],
        validators=[
            AtMost(NOTE_LENGTH),
            DataRequired(lazy_gettext("Write why, for your colleagues.")),
        ],
    )
    lasts = SelectField(
        lazy_gettext("For how long"),
        choices=[
            SelectChoice("", lazy_gettext("choose")),
            *(SelectChoice(code, words) for code, (_, words) in _LASTS.items()),
        ],
        validators=[DataRequired(lazy_gettext("Choose for how long it holds."))],
    )
    tried = HiddenField("")
    """That its maker was shown what it would be about."""

    @property
    def chosen(self) -> Effect:
        """What becomes of what it is about."""
        return Effect(self.effect.data)

    @property
    def holds_for(self) -> timedelta | None:
        """For how long; None: until somebody ends it."""
        return _LASTS[self.lasts.data][0]

    @property
    def lasts_in_words(self) -> str:
        """The same, in words."""
        return str(_LASTS[self.lasts.data][1])


class PauseForm(PanelForm):
    """What everybody reads while nobody can sign."""

    sentence = TextAreaField(
        lazy_gettext("Why, for everybody"), filters=[lines], validators=[AtMost(NOTE_LENGTH)]
    )
