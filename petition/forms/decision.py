"""What a moderator's buttons send."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from petition import reasons
from petition.forms.fields import AtMost, lines, one_line
from petition.forms.panel import PanelForm
from petition.models import Cause
from petition.models.signature import EVIDENCE_LENGTH

CAUSES = {
    Cause.NOT_ME: lazy_gettext("“This is me, and I did not sign.”"),
    Cause.NO_PERSON: lazy_gettext("“This is not a real person.”"),
    Cause.SOMEBODY_ELSE: lazy_gettext("“Somebody else’s name was used.”"),
    Cause.ABUSE: lazy_gettext("“This is abuse.”"),
    Cause.OTHER: lazy_gettext("Something else"),
    Cause.APPEAL: lazy_gettext("“My signature was rejected, and should not have been.”"),
}
"""What whoever reported a signature has chosen."""


class RejectForm(FlaskForm):
    """Why a signature is rejected. Carries the panel's token against forged posts."""

    reason = SelectField(
        lazy_gettext("Reason"),
        validators=[DataRequired(lazy_gettext("Choose a reason before you reject."))],
    )
    tells = BooleanField(lazy_gettext("Tell the signer"))

    def __init__(self, team_reasons: reasons.Kept, **options: Any) -> None:
        """Offer the reasons of a team, as they are kept with it."""
        super().__init__(**options)
        self.reason.choices = offered(team_reasons)


def offered(team_reasons: reasons.Kept) -> list[SelectChoice]:
    """What a team can choose from that rejects somebody."""
    return [
        SelectChoice("", lazy_gettext("choose a reason")),
        *(SelectChoice(reason.code, reason.name) for reason in reasons.offered(team_reasons)),
    ]


class VerifyForm(PanelForm):
    """How an organizer made sure who somebody is."""

    name = HiddenField("")
    """That was shown when they made sure, with what stood beside it."""
    role = HiddenField("")
    affiliation = HiddenField("")
    evidence = TextAreaField(
        lazy_gettext("How you made sure that it is them"),
        filters=[lines],
        validators=[
            DataRequired(lazy_gettext("Write how you made sure.")),
            AtMost(EVIDENCE_LENGTH),
        ],
    )
    publish = HiddenField("")
    """The state from which it is to be published by the same press; empty, if it is not."""


class NetworkForm(PanelForm):
    """A network from which many may sign for a day."""

    network = StringField(
        lazy_gettext("Address or network"),
        filters=[one_line],
        validators=[DataRequired(lazy_gettext("Write an address, such as 192.0.2.7."))],
    )
