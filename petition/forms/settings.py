"""What an organizer decides about a letter beside its text."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from petition import address, signals, text
from petition.exceptions import AddressInvalid
from petition.forms.fields import AtMost, no_web_address, one_line, public_words
from petition.forms.panel import PanelForm, whole_number
from petition.forms.versioned import VersionedForm
from petition.models import Asked, Asking, Demand, Letter, Listing, Moderation, Signal
from petition.models.asking import FIELDS
from petition.models.letter import CONTACT_LENGTH, MOST_WATCHED
from petition.models.signature import NAME_LENGTH

DESCRIPTION_LENGTH = 200
MAIL_LENGTH = 600
"""Characters of the organizer's words in the confirmation mail."""
DATA_LENGTH = 1_000
MOST_GOALS = 10
LARGEST_GOAL = 100_000_000
MOST_HOURS = 720
"""A month is the longest that somebody may be promised to wait."""
_LONGEST = 10_000
_LENGTHS = {"description": DESCRIPTION_LENGTH, "mail": MAIL_LENGTH, "data": DATA_LENGTH}

_HOLDS = {f"hold_{(signal.name or '').lower()}": signal for signal in signals.CHOSEN}
"""The fields that say which signals hold a signature."""

_DEMANDS = [
    (Demand.NOT, lazy_gettext("not asked")),
    (Demand.OPTIONAL, lazy_gettext("may be filled in")),
    (Demand.REQUIRED, lazy_gettext("must be filled in")),
]


def _lines(value: str | None) -> str:
    return text.tidy((value or "")[:_LONGEST], lines=True)


def _names(value: str | None) -> str:
    """Names, one a line; more lines and longer ones than there may be are still told apart."""
    some = (value or "").splitlines()[: 2 * MOST_WATCHED]
    lines = (text.tidy(line[: 2 * NAME_LENGTH]) for line in some)
    return "\n".join(dict.fromkeys(line for line in lines if line))


def few_short_names(_form: PanelForm, field: Field) -> None:
    """Refuse more names, or longer ones, than can be watched for."""
    names = (field.data or "").splitlines()
    if len(names) > MOST_WATCHED:
        raise StopValidation(
            gettext("Write at most %(most)s names; these are more.", most=MOST_WATCHED)
        )
    if any(len(name) > NAME_LENGTH for name in names):
        raise StopValidation(
            gettext("Write one name a line, each of at most %(most)s characters.", most=NAME_LENGTH)
        )


def _choices(choices: list[tuple[Any, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value.value, words) for value, words in choices]


def ascending(_form: PanelForm, field: Field) -> None:
    """Understand goals: whole numbers with spaces between."""
    words = re.split(r"[,;]?\s+|;", field.data) if field.data else []
    known = [_goal(word) for word in words]
    if None in known:
        raise StopValidation(
            gettext(
                "Write whole numbers, with a space between them and none inside, "
                "such as: 100 500 1000."
            )
        )
    goals = sorted({goal for goal in known if goal is not None})
    if goals and not 1 <= goals[0] <= goals[-1] <= LARGEST_GOAL:
        raise StopValidation(gettext("Write goals between 1 and 100000000."))
    if len(goals) > MOST_GOALS:
        raise StopValidation(gettext("Write at most ten goals."))
    field.goals = goals


def _goal(word: str) -> int | None:
    """One goal; nothing, where it may as well be several, as in 100,500."""
    first, comma, rest = word.partition(",")
    if word.startswith("0") or (comma and len(first) == 3 and rest > first):
        return None
    return whole_number(word)


def some_hours(_form: PanelForm, field: Field) -> None:
    """Understand for how many hours something may wait."""
    hours = whole_number(field.data or "")
    if hours is None or not 1 <= hours <= MOST_HOURS:
        raise StopValidation(
            gettext("Write a whole number of hours, from 1 to %(most)s.", most=MOST_HOURS)
        )
    field.hours = hours


def reachable(_form: PanelForm, field: Field) -> None:
    """Refuse what is neither an e-mail address nor the address of a page."""
    if not field.data or re.fullmatch(r"https?://[^\s/@]+\.[^\s/@]+(/\S*)?", field.data):
        return
    try:
        if re.search(r"[?&%#/]", field.data):  # it would mean something else in a link
            raise AddressInvalid
        address.parse(field.data)
    except AddressInvalid:
        raise StopValidation(
            gettext("Write an e-mail address, or a web address that begins with https://.")
        ) from None


class SettingsForm(VersionedForm):
    """Settings of any letter; `settings_form` adds what is said in each of its languages."""

    languages: ClassVar[tuple[str, ...]] = ()

    base = HiddenField("")
    """What the fields said when they were shown."""
    listing = SelectField(
        lazy_gettext("Names in public"),
        choices=_choices(
            [
                (Listing.NAMES, lazy_gettext("full names")),
                (Listing.INITIALS, lazy_gettext("initials only")),
                (Listing.NOT, lazy_gettext("no names, only the count")),
            ]
        ),
    )
    moderation = SelectField(
        lazy_gettext("Moderation"),
        choices=_choices(
            [
                (Moderation.AFTER, lazy_gettext("publish at once, read afterwards")),
                (Moderation.BEFORE, lazy_gettext("read each signature before it is published")),
            ]
        ),
    )
    goals = StringField(
        lazy_gettext("Goals"), filters=[one_line], validators=[AtMost(200), ascending]
    )
    promise_hours = StringField(
        lazy_gettext("Decide within so many hours"), filters=[one_line], validators=[some_hours]
    )
    watch = TextAreaField(
        lazy_gettext("Names to make sure of"), filters=[_names], validators=[few_short_names]
    )
    role = SelectField(lazy_gettext("Profession or role"), choices=_choices(_DEMANDS))
    role_shown = BooleanField(lazy_gettext("shown in public"))
    affiliation = SelectField(lazy_gettext("Organization"), choices=_choices(_DEMANDS))
    affiliation_shown = BooleanField(lazy_gettext("shown in public"))
    location = SelectField(lazy_gettext("Place"), choices=_choices(_DEMANDS))
    location_shown = BooleanField(lazy_gettext("shown in public"))
    country = SelectField(lazy_gettext("Country"), choices=_choices(_DEMANDS))
    country_shown = BooleanField(lazy_gettext("shown in public"))
    comment = SelectField(lazy_gettext("Why they sign"), choices=_choices(_DEMANDS))
    comment_shown = BooleanField(lazy_gettext("shown in public"))
    indexed = BooleanField(lazy_gettext("Search engines may keep the pages of names"))
    hands_over = BooleanField(lazy_gettext("We hand the names to the addressee"))
    responsible = StringField(
        lazy_gettext("Who is responsible"),
        filters=[one_line],
        validators=[AtMost(CONTACT_LENGTH), public_words],
    )
    contact = StringField(
        lazy_gettext("How to reach them"),
        filters=[one_line],
        validators=[AtMost(CONTACT_LENGTH), reachable],
    )

    @property
    def wanted(self) -> dict[str, Any]:
        """What was chosen, where all of it is right."""
        return {
            "moderation": Moderation(self.moderation.data),
            "listing": Listing(self.listing.data),
            "hold": sum(signal for name, signal in _HOLDS.items() if self[name].data),
            "promise_hours": self.promise_hours.hours,
            "watch": self.watch.data.splitlines(),
            "goals": self.goals.goals,
            "asking": Asking(
                role=self._asked("role"),
                affiliation=self._asked("affiliation"),
                location=self._asked("location"),
                country=self._asked("country"),
                comment=self._asked("comment"),
            ),
            "indexed": self.indexed.data,
            "hands_over": self.hands_over.data,
            "responsible": self.responsible.data,
            "contact": self.contact.data,
            "wording": {
                language: {what: self[f"{what}_{language}"].data for what in _LENGTHS}
                for language in self.languages
            },
        }

    def _asked(self, name: str) -> Asked:
        return Asked(Demand(self[name].data), self[f"{name}_shown"].data)

    @property
    def usual(self) -> list[tuple[Field, Field]]:
        """The usual fields of the signing form: how each is asked, and whether it is shown."""
        return [(self[name], self[f"{name}_shown"]) for name in FIELDS]

    @property
    def holds(self) -> list[Field]:
        """Which signals hold a signature."""
        return [self[name] for name in _HOLDS]

    def words(self, language: str) -> dict[str, Field]:
        """What is said in one language."""
        return {what: self[f"{what}_{language}"] for what in _LENGTHS}

    def merge(self, letter: Letter) -> "Merged":
        """Take over what a colleague has set meanwhile and was not touched here."""
        standing, seen = kept(letter, self.languages), self._base()
        taken, contested = [], []
        for field in [field for field in self if field.name in standing]:
            theirs = standing[field.name]
            if field.data == theirs:
                continue
            if field.name in seen and field.data == seen[field.name]:
                field.data = theirs
                taken.append((field, self._called(field), _readable(field, theirs)))
            elif seen.get(field.name) != theirs:
                contested.append((field, self._called(field), _readable(field, theirs)))
        return Merged(taken, contested)

    def _called(self, field: Field) -> str:
        """What a field is called where it stands alone."""
        what, _, of = field.name.partition("_")
        if of == "shown":
            return f"{self[what].label.text}, {field.label.text}"
        if of in self.languages and len(self.languages) > 1:
            return f"{field.label.text} ({of})"
        return str(field.label.text)

    def _base(self) -> dict[str, Any]:
        """What the fields said when they were shown; nothing, where that is unclear."""
        try:
            seen = json.loads(self.base.data or "{}")
        except ValueError:
            return {}
        return seen if isinstance(seen, dict) else {}


@dataclass(frozen=True)
class Merged:
    """What became of fields that a colleague has changed: each, its name, and what is saved."""

    taken: list[tuple[Field, str, str]]
    """Only they changed it: it stands in the form now."""
    contested: list[tuple[Field, str, str]]
    """It was changed here too: what was typed here stands in the form."""


def shown(letter: Letter, languages: tuple[str, ...]) -> dict[str, Any]:
    """What the form says of a letter, with what it needs to notice a colleague's changes."""
    values = kept(letter, languages)
    return values | {"version": letter.version, "base": json.dumps(values, ensure_ascii=False)}


def _readable(field: Field, value: Any) -> str:
    if isinstance(field, BooleanField):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(field, SelectField):
        labels: dict[Any, Any] = {known: label for known, label, *_ in field.iter_choices()}
        return str(labels[value])
    return str(value)


@lru_cache(maxsize=64)
def settings_form(languages: tuple[str, ...]) -> type[SettingsForm]:
    """The form of a letter in these languages."""
    members: dict[str, Any] = {"languages": languages}
    for name, signal in _HOLDS.items():
        members[name] = BooleanField(signals.NAMES[signal])
    for language in languages:
        members[f"description_{language}"] = StringField(
            lazy_gettext("Beside a shared link"),
            filters=[one_line],
            validators=[AtMost(DESCRIPTION_LENGTH)],
        )
        members[f"mail_{language}"] = TextAreaField(
            lazy_gettext("In the confirmation mail"),
            filters=[_lines],
            validators=[AtMost(MAIL_LENGTH), no_web_address],
        )
        members[f"data_{language}"] = TextAreaField(
            lazy_gettext("What happens to the data"),
            filters=[_lines],
            validators=[AtMost(DATA_LENGTH)],
        )
    return type("LetterSettingsForm", (SettingsForm,), members)


def kept(letter: Letter, languages: tuple[str, ...]) -> dict[str, Any]:
    """What stands with a letter, by the names of the fields."""
    asking = letter.asking
    values: dict[str, Any] = {
        "listing": letter.listing,
        "moderation": letter.moderation,
        "promise_hours": str(letter.promise_hours),
        "watch": "\n".join(letter.watch),
        "goals": " ".join(map(str, letter.goals)),
        "indexed": letter.indexed,
        "hands_over": letter.hands_over,
        "responsible": letter.responsible,
        "contact": letter.contact,
    }
    values |= {name: bool(Signal(letter.hold) & signal) for name, signal in _HOLDS.items()}
    for name in FIELDS:
        values[name] = asking.of(name).demand.value
        values[f"{name}_shown"] = asking.of(name).shown
    for language in languages:
        said = letter.wording.get(language, {})
        values |= {f"{what}_{language}": said.get(what, "") for what in _LENGTHS}
    return values
