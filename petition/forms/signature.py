"""The form under a letter."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from petition import countries, slips
from petition.forms.fields import (
    ONE_ADDRESS,
    Addressed,
    AtMost,
    a_name,
    email_field,
    lines,
    no_address,
    no_path,
    no_web_address,
    one_line,
    public_words,
)
from petition.forms.public import OpenForm, PublicForm
from petition.models import Asking, Letter, Listing, Question, Shape, Signature
from petition.models.asking import ANSWER_LENGTH, FIELDS, NO, USUAL, YES
from petition.models.signature import (
    AFFILIATION_LENGTH,
    COMMENT_LENGTH,
    LOCATION_LENGTH,
    NAME_LENGTH,
    ROLE_LENGTH,
)

F = TypeVar("F", bound="WordsForm")


class WordsForm(PublicForm):
    """What a signer says of themselves; `_form` adds what their letter asks besides the name."""

    asking: ClassVar[Asking] = USUAL

    name = StringField(
        lazy_gettext("Your name"),
        filters=[one_line],
        validators=[
            AtMost(NAME_LENGTH),
            DataRequired(lazy_gettext("Write your name as it should stand under the letter.")),
            public_words,
            a_name,
            no_address,
        ],
    )

    @property
    def first(self) -> list[Field]:
        """What is asked beside name and address, always in sight."""
        return [self[name] for name in FIELDS if name in self and not self._waits(name)]

    @property
    def more(self) -> list[Field]:
        """What may be added, and waits behind a line."""
        return [self[name] for name in FIELDS if name in self and self._waits(name)]

    def _waits(self, name: str) -> bool:
        return name in _MORE and not self.asking.of(name).required

    @property
    def own(self) -> list[tuple[Question, Field]]:
        """The organizer's own questions, each with its field."""
        return [(each, self[_field_of(each)]) for each in self.asking.asked]

    @property
    def problems(self) -> list[tuple[Any, str]]:
        """Each wrong field with the first thing to do about it, in the order of the page."""
        who = [self[name] for name in ("name", "email") if name in self]
        asked = [*who, *self.first, *self.more, *(field for _, field in self.own)]
        in_order = [*asked, *(field for field in self if field not in asked)]
        return [(field, str(field.errors[0])) for field in in_order if field.errors]

    def said(self, name: str) -> str:
        """What was typed into a field; nothing, where the letter does not ask for it."""
        return str(self[name].data or "") if name in self else ""

    @property
    def words(self) -> dict[str, str]:
        """The name, and the usual fields that the letter asks for."""
        return {name: self.said(name) for name in ("name", *FIELDS) if name in self}

    @property
    def answers(self) -> dict[str, Any] | None:
        """What was answered to the organizer's own questions, by their keys."""
        return {question.key: field.data for question, field in self.own if field.data} or None


class SignatureForm(Addressed, OpenForm, WordsForm):
    """What a signer of any letter enters; `form_for` adds what their letter asks."""

    email = email_field(
        lazy_gettext("E-mail address"),
        lazy_gettext("Write your e-mail address, so that you can confirm."),
    )
    show_name = BooleanField(lazy_gettext("Show my name in the public list"))
    updates = BooleanField(lazy_gettext("Tell me by e-mail how this goes on"))
    pass_on = BooleanField(lazy_gettext("My name may be handed to the addressee"))
    consent = BooleanField(
        lazy_gettext("I sign this letter, and agree that my data is used as described here"),
        validators=[DataRequired(lazy_gettext("Tick this box to sign."))],
    )
    revision = StringField("")
    """The number of the text that the signer read."""
    puzzle = StringField("")
    """The proof of work, where the page's script has done it."""
    via = StringField("")
    """What led to the letter, as far as the page's script knows (`sources.read`)."""

    known_domains: ClassVar[str] = " ".join(slips.KNOWN)

    @property
    def meant(self) -> str | None:
        """The address that was perhaps meant, where a slip is likely in the one that was typed."""
        return slips.meant(self.email.data or "")

    def validate_against(self, revision: int) -> bool:
        """Whether all is right, and what the signer read is the revision in force."""
        good = bool(self.validate())
        if not self.revision.data or self.revision.data == str(revision):
            return good
        self.revision.errors = [
            gettext("The letter has been changed since you opened it. Read it once more.")
        ]
        return False

    def ask_to_press_again(self) -> None:
        """Say that the proof of work is too old, or was taken before: the page makes another."""
        button = gettext("Sign the letter")
        self.puzzle.errors = [
            gettext(
                "Press “%(button)s” once more. The form was open for very long, or came twice.",
                button=button,
            )
        ]

    def ask_for_scripts(self, contact: str) -> None:
        """Say that the letter takes no form at the moment whose browser did no proof of work.

        Args:
            contact: where the organizers are reached; empty, where they tell nobody.
        """
        said = gettext(
            "Too much comes from robots at the moment, and we could not see that your browser did "
            "its part. Turn JavaScript on, switch off blockers for this page, or use another "
            "browser."
        )
        if contact:
            said += " " + gettext("Or write to the organizers: %(contact)s.", contact=contact)
        self.puzzle.errors = [said]

    def ask_to_wait(self) -> None:
        """Say that this network has sent too much; what was typed stays in the form."""
        button = gettext("Sign the letter")
        self.puzzle.errors = [
            gettext(
                "Too many tries from your network. Nothing is lost: press “%(button)s” again in a "
                "few minutes.",
                button=button,
            )
        ]

    @property
    def shows_name(self) -> bool:
        """Whether the name may be listed; never, where the letter promises that none is."""
        return "show_name" in self and bool(self.show_name.data)

    @property
    def passes_on(self) -> bool:
        """Whether the name may be handed to the addressee, where the letter does that."""
        return "pass_on" in self and bool(self.pass_on.data)


_MORE = {"location", "comment"}
"""What few add: it waits behind a line where the letter does not demand it."""
_NEEDED = DataRequired(lazy_gettext("Fill this in: the letter asks everybody for it."))
_ANSWER = DataRequired(lazy_gettext("Answer this: the letter asks everybody."))


@dataclass(frozen=True)
class _Usual:
    """One of the usual fields."""

    label: Any
    most: int
    """Characters."""
    refuse: Callable[[FlaskForm, Field], None]
    kind: type[Field] = StringField
    tidied: Callable[[str | None], str] = one_line


_USUAL = {
    "role": _Usual(lazy_gettext("Profession or role"), ROLE_LENGTH, no_web_address),
    "affiliation": _Usual(lazy_gettext("Organization"), AFFILIATION_LENGTH, no_path),
    "location": _Usual(lazy_gettext("Place"), LOCATION_LENGTH, no_web_address),
    "comment": _Usual(
        lazy_gettext("Why you sign"), COMMENT_LENGTH, no_web_address, TextAreaField, lines
    ),
}


def form_for(letter: Letter, language: str) -> type[SignatureForm]:
    """The form under a letter, in one of its languages."""
    hidden: tuple[str, ...] = ("show_name",) if letter.listing == Listing.NOT else ()
    if not letter.hands_over:
        hidden += ("pass_on",)
    return _form(SignatureForm, letter.asking, language, hidden)


def correction_of(signature: Signature, letter: Letter, given: Any = None) -> WordsForm:
    """The form in which a signer corrects what they said, with what stands, or what they typed."""
    answered = {f"question_{key}": answer for key, answer in (signature.answers or {}).items()}
    made = _form(WordsForm, letter.asking, signature.language)
    form: WordsForm = made(given, obj=signature, data=answered)
    return form


@lru_cache(maxsize=64)
def _form(base: type[F], asking: Asking, language: str, hidden: tuple[str, ...] = ()) -> type[F]:
    """Made once for all who sign: WTForms studies each class at length before it uses it."""
    members: dict[str, Any] = {"asking": asking, **dict.fromkeys(hidden)}
    for name in FIELDS:
        if asking.of(name).asked:
            required = asking.of(name).required
            members[name] = (
                _country(required, language) if name == "country" else _usual(name, required)
            )
    for question in asking.asked:
        members[_field_of(question)] = _own(question, language)
    return type("LetterForm", (base,), members)


def _usual(name: str, required: bool) -> Any:
    usual = _USUAL[name]
    needed = [_NEEDED] if required else []
    validators = [AtMost(usual.most), *needed, public_words, usual.refuse]
    return usual.kind(usual.label, filters=[usual.tidied], validators=validators)


def _country(required: bool, language: str) -> Any:
    return SelectField(
        lazy_gettext("Country"),
        choices=[SelectChoice("", lazy_gettext("choose")), *_countries(language)],
        validate_choice=False,  # it would say so in words of its own
        validators=[*([_NEEDED] if required else []), _one_of_these],
    )


def _countries(language: str) -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in countries.called(language).items()]


def _field_of(question: Question) -> str:
    return f"question_{question.key}"


def _own(question: Question, language: str) -> Any:
    label = Markup('<bdi lang="{}">{}</bdi>').format(language, question.label(language))
    needed = [_ANSWER] if question.required else []
    if question.shape is Shape.TEXT:
        validators = [AtMost(ANSWER_LENGTH), *needed, public_words, no_web_address]
        return StringField(label, filters=[one_line], validators=validators)
    options = [
        SelectChoice(value, words, render_kw={"lang": language})
        for value, words in question.options(language)
    ]
    if question.shape is Shape.YES_NO:
        options = [SelectChoice(YES, lazy_gettext("yes")), SelectChoice(NO, lazy_gettext("no"))]
    return SelectField(
        label,
        choices=[SelectChoice("", lazy_gettext("choose")), *options],
        validate_choice=False,  # it would say so in words of its own
        validators=[*needed, _one_of_these],
    )


def _one_of_these(_form: FlaskForm, field: Field) -> None:
    if field.data and field.data not in {value for value, *_ in field.iter_choices()}:
        raise StopValidation(gettext("Choose one of these."))


class CodeForm(PublicForm):
    """The address and the code of the confirmation mail."""

    email = email_field(
        lazy_gettext("The e-mail address you signed with"),
        lazy_gettext("Write the e-mail address you signed with."),
    )
    code = StringField(
        lazy_gettext("The code from the mail"),
        filters=[one_line],
        validators=[AtMost(20), DataRequired(lazy_gettext("Write the code from the mail."))],
    )

    def ask_for_plain_address(self) -> None:
        """Say that the address is none by itself."""
        self.email.errors = [str(ONE_ADDRESS)]

    def say_it_does_not_fit(self, *, may_sign_again: bool) -> None:
        """Say that the code is not that of the address, and what leads on."""
        said = gettext(
            "This code does not fit this address, or too many were tried. The link in "
            "the newest mail from us works all the same."
        )
        if may_sign_again:
            said += " " + gettext("Or sign again to get another code.")
        self.code.errors = [said]

    def ask_to_open_the_link(self) -> None:
        """Say that the words have changed: the code was right, and only the mail's link shows
        them."""
        self.code.errors = [
            gettext(
                "Somebody, perhaps you in another window, has typed something else since. Open the "
                "link in the mail: it shows what would be published."
            )
        ]

    def ask_to_wait(self) -> None:
        """Say that this network has tried too many; the mail's link still works."""
        self.code.errors = [
            gettext(
                "Too many tries from your network. Wait a few minutes, or open the mail's link."
            )
        ]
