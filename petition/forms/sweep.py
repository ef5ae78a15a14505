"""Deciding about many signatures at once, and what that is called."""

from typing import Any

from flask_babel import format_decimal, gettext, lazy_gettext, ngettext
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from petition import reasons
from petition.exceptions import FilterInvalid
from petition.forms.decision import offered
from petition.forms.fields import AtMost, one_line
from petition.forms.panel import PanelForm
from petition.forms.queue import PROBLEMS
from petition.models import Act, Origin, Stage
from petition.models.letter import NOTE_LENGTH
from petition.queries.sought import PATTERN_LENGTH, Sought

SELECTION, FILTER = Origin.SELECTION.value, Origin.FILTER.value

STAGES = {
    Stage.COLLECTING: lazy_gettext("looking"),
    Stage.READY: lazy_gettext("not begun"),
    Stage.RUNNING: lazy_gettext("at work"),
    Stage.STOPPED: lazy_gettext("stopped"),
    Stage.DONE: lazy_gettext("done"),
    Stage.UNDOING: lazy_gettext("being undone"),
    Stage.UNDONE: lazy_gettext("undone"),
    Stage.DISCARDED: lazy_gettext("discarded"),
}


def doing(act: str, number: int) -> str:
    """What a press does: “Reject 23 signatures”."""
    shown = format_decimal(number)
    match Act(act):
        case Act.PUBLISH:
            said = ngettext(
                "Publish %(shown)s signature", "Publish %(shown)s signatures", number, shown=shown
            )
        case Act.REJECT:
            said = ngettext(
                "Reject %(shown)s signature", "Reject %(shown)s signatures", number, shown=shown
            )
        case Act.HOLD:
            said = ngettext(
                "Hold %(shown)s signature", "Hold %(shown)s signatures", number, shown=shown
            )
        case Act.RESTORE:
            said = ngettext(
                "Let %(shown)s signature stand",
                "Let %(shown)s signatures stand",
                number,
                shown=shown,
            )
    return str(said)


def done(act: str, number: int) -> str:
    """What was done: “Rejected 23 signatures”."""
    shown = format_decimal(number)
    match Act(act):
        case Act.PUBLISH:
            said = ngettext(
                "Published %(shown)s signature",
                "Published %(shown)s signatures",
                number,
                shown=shown,
            )
        case Act.REJECT:
            said = ngettext(
                "Rejected %(shown)s signature", "Rejected %(shown)s signatures", number, shown=shown
            )
        case Act.HOLD:
            said = ngettext(
                "%(shown)s signature waits now",
                "%(shown)s signatures wait now",
                number,
                shown=shown,
            )
        case Act.RESTORE:
            said = ngettext(
                "%(shown)s signature stands again",
                "%(shown)s signatures stand again",
                number,
                shown=shown,
            )
    return str(said)


class ReasonedForm(PanelForm):
    """Why something is decided about many."""

    reason = SelectField(lazy_gettext("Reason"), default="")
    words = StringField(
        lazy_gettext("Why, for your team"),
        filters=[one_line],
        validators=[AtMost(NOTE_LENGTH)],
    )
    tells = BooleanField(lazy_gettext("Tell each signer by mail"))

    def __init__(self, team_reasons: reasons.Kept, **options: Any) -> None:
        """Offer the reasons of a team, as they are kept with it."""
        super().__init__(**options)
        self.reason.choices = offered(team_reasons)

    @property
    def rejects(self) -> bool:
        """Whether a reason is needed."""
        return True

    def validate_reason(self, field: Field) -> None:
        """Ask for a reason where there must be one."""
        if self.rejects and not field.data:
            raise StopValidation(gettext("Choose a reason before you reject."))


class ManyForm(ReasonedForm):
    """What is decided, about what is ticked or about all that match."""

    scope = HiddenField("")
    act = HiddenField("")
    shown = HiddenField("")
    """What the organizer was shown (`Shown.token`)."""

    @property
    def is_known(self) -> bool:
        """Whether one of the buttons was pressed that there are."""
        return self.scope.data in {SELECTION, FILTER} and self.act.data in set(Act)

    @property
    def rejects(self) -> bool:
        """Whether it is this that needs a reason."""
        return bool(self.act.data == Act.REJECT)


class InvalidationForm(ReasonedForm):
    """What is wrong with many signatures, whatever they are called: all that is said must be so."""

    pattern = StringField(
        lazy_gettext("Name"), filters=[one_line], validators=[AtMost(PATTERN_LENGTH)]
    )
    address = StringField(lazy_gettext("E-mail address or domain"), filters=[one_line])
    network = StringField(lazy_gettext("Network, of the last days"), filters=[one_line])
    since = StringField(lazy_gettext("Signed since (UTC)"), filters=[one_line])
    until = StringField(lazy_gettext("Signed until (UTC)"), filters=[one_line])
    signal = SelectField(lazy_gettext("What was noticed"), default="")
    revision = StringField(lazy_gettext("Number of the text"), filters=[one_line])
    below = ("reason", "words", "tells")

    sought: Sought
    """What was typed, understood."""

    def __init__(self, team_reasons: reasons.Kept, signals: dict[str, Any], **options: Any) -> None:
        """Offer the reasons of a team, and what is noticed about signatures."""
        super().__init__(team_reasons, **options)
        nothing = SelectChoice("", lazy_gettext("any"))
        named = (SelectChoice(code, words) for code, words in signals.items())
        self.signal.choices = [nothing, *named]

    def validate(self, *arguments: Any, **options: Any) -> bool:
        """Understand the conditions together: at least one is needed."""
        good = bool(super().validate(*arguments, **options))
        typed = {name: self[name].data or "" for name in _CONDITIONS}
        said = self.address.data or ""
        try:
            self.sought = Sought.read(typed | {"q" if "@" in said else "domain": said})
        except FilterInvalid as problem:
            for name in problem.what:
                field = self[_TYPED_AS.get(name, name)]
                field.errors = [*field.errors, str(_ADVICE[field.name])]
            return False
        if not self.sought:
            self.pattern.errors = [gettext("Say at least one thing that they have in common.")]
        return good and bool(self.sought)


_CONDITIONS = ("pattern", "network", "since", "until", "signal", "revision")
_TYPED_AS = {"q": "address", "domain": "address"}
_ADVICE = PROBLEMS | {
    "pattern": lazy_gettext("Write a name with a letter or a digit in it, and at most four stars."),
    "address": lazy_gettext("Write an e-mail address, or a domain such as example.org."),
    "signal": lazy_gettext("Choose one of these."),
}
