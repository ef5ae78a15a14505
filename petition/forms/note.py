"""What organizers write about a signature: for each other, and to its signer."""

import re

from flask_babel import lazy_gettext
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired

from petition.forms.fields import AtMost, lines
from petition.forms.panel import PanelForm
from petition.models.moderation import NOTE_WORDS
from petition.models.signature import REPORT_LENGTH


class NoteForm(PanelForm):
    """A note for the team."""

    words = TextAreaField(
        lazy_gettext("Note"),
        filters=[lines],
        validators=[DataRequired(lazy_gettext("Write the note first.")), AtMost(NOTE_WORDS)],
    )


class HandOverForm(PanelForm):
    """To whom a signature is handed, and what they should know."""

    to = HiddenField(
        "", validators=[DataRequired(lazy_gettext("Choose first to whom it is handed."))]
    )
    words = TextAreaField(
        lazy_gettext("What they should know"),
        filters=[lines],
        validators=[AtMost(NOTE_WORDS)],
    )

    @property
    def organizer(self) -> int:
        """The number of the colleague; of nobody, where that is unclear."""
        typed = self.to.data or ""
        return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed) else 0


class AnswerForm(PanelForm):
    """What a signer is answered who did not agree."""

    words = TextAreaField(
        lazy_gettext("Answer"),
        filters=[lines],
        validators=[DataRequired(lazy_gettext("Write the answer first.")), AtMost(REPORT_LENGTH)],
    )
