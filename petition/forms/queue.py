"""What is looked for in the queue, field by field; it is sent as an address."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from petition import reasons, signals
from petition.models import State

STATES = {
    State.HELD: lazy_gettext("waiting"),
    State.PUBLISHED: lazy_gettext("published"),
    State.QUARANTINED: lazy_gettext("set aside"),
    State.REJECTED: lazy_gettext("rejected"),
    State.WITHDRAWN: lazy_gettext("withdrawn"),
    State.PENDING: lazy_gettext("not confirmed"),
}
PROBLEMS = {
    "q": lazy_gettext(
        "Write a name, an organization, an e-mail address, a domain such as @example.org, or a "
        "network no wider than 192.0.2.0/24 or 2001:db8::/56."
    ),
    "domain": lazy_gettext("Write a domain, such as example.org."),
    "network": lazy_gettext(
        "Write an address, such as 192.0.2.7, or a network no wider than 192.0.2.0/24 or "
        "2001:db8::/56."
    ),
    "since": lazy_gettext("Choose a day and a time, such as 2026-03-31 at 14:00."),
    "until": lazy_gettext("Choose a moment that is not before the other."),
    "revision": lazy_gettext("Write the number of a text, such as 2."),
}
"""What to do about a field that is not understood."""


class FilterForm(FlaskForm):
    """What can be asked for at once. It changes nothing, and carries no token."""

    class Meta:
        csrf = False

    state = SelectField(lazy_gettext("State"), id="filter-state")
    signal = SelectField(lazy_gettext("What was noticed"), id="filter-signal")
    reason = SelectField(lazy_gettext("Rejected for"), id="filter-reason")
    comment = SelectField(lazy_gettext("Comment"), id="filter-comment")
    domain = StringField(lazy_gettext("Domain of the address"), id="filter-domain")
    network = StringField(lazy_gettext("Network, of the last days"), id="filter-network")
    language = SelectField(lazy_gettext("Language"), id="filter-language")
    revision = StringField(lazy_gettext("Number of the text"), id="filter-revision")
    since = StringField(lazy_gettext("Signed since (UTC)"), id="filter-since")
    until = StringField(lazy_gettext("Signed until (UTC)"), id="filter-until")
    assignee = SelectField(lazy_gettext("In the hands of"), id="filter-assignee")

    def __init__(
        self,
        asked: Mapping[str, str],
        wrong: Iterable[str],
        *,
        team_reasons: reasons.Kept,
        languages: Mapping[str, str],
        colleagues: Mapping[str, str],
    ) -> None:
        """Offer what there is, with what is asked for chosen.

        Args:
            asked: as it stands in the address.
            wrong: the names of what is not understood.
            languages: of the letter, with what each is called.
            colleagues: who decides in the team, by their numbers.
        """
        super().__init__(formdata=None, data=dict(asked))
        noticed = {signal.code: words for signal, words in signals.NAMES.items()}
        _offer(self.state, {state.value: words for state, words in STATES.items()})
        _offer(self.signal, {"any": lazy_gettext("anything"), **noticed})
        _offer(self.reason, {each.code: each.name for each in reasons.of(team_reasons)})
        _offer(self.comment, {"any": lazy_gettext("has one")})
        _offer(self.language, languages)
        _offer(self.assignee, colleagues)
        for name in wrong:
            if name in self:
                self[name].errors = [str(PROBLEMS.get(name, _choose()))]

    @property
    def problems(self) -> list[tuple[Field, str]]:
        """Each wrong field with what to do about it."""
        return [(field, str(field.errors[0])) for field in self if field.errors]


def _choose() -> str:
    return str(gettext("Choose one of these."))


def _offer(field: SelectField, choices: Mapping[str, Any]) -> None:
    """Offer each of these, or not to ask for any."""
    nothing = SelectChoice("", lazy_gettext("any"))
    field.choices = [nothing, *(SelectChoice(value, words) for value, words in choices.items())]
