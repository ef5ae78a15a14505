"""What owners type about their team."""

from flask_babel import gettext, lazy_gettext
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from petition.forms.account import AddressForm, no_advertising
from petition.forms.fields import AtMost, a_name, email_field, one_line, public_words
from petition.forms.panel import PanelForm
from petition.models import Role
from petition.models.team import TEAM_NAME_LENGTH

WORDS = {
    Role.OWNER: lazy_gettext("owner"),
    Role.EDITOR: lazy_gettext("editor"),
    Role.MODERATOR: lazy_gettext("moderator"),
    Role.VIEWER: lazy_gettext("viewer"),
}


class TeamNameForm(PanelForm):
    """What a team is called."""

    name = StringField(
        lazy_gettext("Name of the team"),
        filters=[one_line],
        validators=[
            AtMost(TEAM_NAME_LENGTH),
            DataRequired(lazy_gettext("Write what the team is called.")),
            public_words,
            no_advertising,
            a_name,
        ],
    )

    def taken(self) -> None:
        """Another team is called so."""
        self.name.errors = [gettext("Another team is called so. Choose another name.")]


def _role() -> Field:
    return SelectField(
        lazy_gettext("Role"),
        choices=[SelectChoice(role.value, WORDS[role]) for role in Role],
        default=Role.EDITOR.value,
        validators=[DataRequired(lazy_gettext("Choose a role."))],
    )


class RoleForm(PanelForm):
    """What a member may do from now on."""

    role = _role()


class InvitationForm(AddressForm):
    """Whom an owner invites, and what they may do then."""

    email = email_field(lazy_gettext("E-mail address"), lazy_gettext("Write their e-mail address."))
    role = _role()

    def already_in(self) -> None:
        """They are in the team."""
        self.email.errors = [gettext("This person is in the team already.")]
