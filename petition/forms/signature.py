"""The form under a letter."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, StringField, TextAreaField
from wtforms.validators import DataRequired, StopValidation

from petition import address, text
from petition.exceptions import AddressInvalid
from petition.models.signature import (
    AFFILIATION_LENGTH,
    COMMENT_LENGTH,
    LOCATION_LENGTH,
    NAME_LENGTH,
    ROLE_LENGTH,
)
from petition.models.team import EMAIL_LENGTH

_LONGEST = 2_000
"""Characters that are looked at: composing accents takes time with the square of their number."""


def _one_line(value: str | None) -> str:
    return text.tidy((value or "")[:_LONGEST])


def _lines(value: str | None) -> str:
    return text.tidy((value or "")[:_LONGEST], lines=True)


class AtMost:
    """No longer than fits; also tells the browser, in what the field renders."""

    def __init__(self, length: int) -> None:
        self.field_flags = {"maxlength": length}
        self._length = length

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        """Refuse what is too long before anything slower looks at it."""
        surplus = len(field.data or "") - self._length
        if surplus > 0:
            raise StopValidation(
                gettext("Shorten this by %(surplus)d characters.", surplus=surplus)
            )


def public_words(_form: FlaskForm, field: Field) -> None:
    """Refuse what would mislead or harm where it is shown."""
    value = field.data or ""
    if text.looks_like_formula(value):
        raise StopValidation(gettext("Begin with a letter, not with a sign such as = + - or @."))
    if text.piled_marks(value):
        raise StopValidation(gettext("Use at most four accents or marks on one letter."))


def no_web_address(_form: FlaskForm, field: Field) -> None:
    """Refuse advertising: a web address is no part of what a signer says of themselves."""
    if text.has_web_address(field.data or ""):
        raise StopValidation(gettext("Write this without a web address."))


def no_path(form: FlaskForm, field: Field) -> None:
    """Refuse a web address, but let a firm be called like one."""
    value = (field.data or "").lower()
    if "/" in value or "www." in value:
        no_web_address(form, field)


def a_name(_form: FlaskForm, field: Field) -> None:
    """Refuse what is no name."""
    value = field.data or ""
    if text.has_web_address(value):
        raise StopValidation(gettext("Write a name without a web address."))
    if not text.has_letter(value):
        raise StopValidation(gettext("Write the name with letters."))


class PublicForm(FlaskForm):
    """A form without a token: its page is the same for everybody.

    Posts from other sites are refused by their headers (`views/headers.py`).
    """

    class Meta:
        csrf = False

    @property
    def problems(self) -> list[tuple[Any, str]]:
        """Each wrong field with the first thing to do about it, in the order of the form."""
        return [(field, str(field.errors[0])) for field in self if field.errors]


class SignatureForm(PublicForm):
    """What a signer enters."""

    name = StringField(
        lazy_gettext("Your name"),
        filters=[_one_line],
        validators=[
            AtMost(NAME_LENGTH),
            DataRequired(lazy_gettext("Write your name as it should stand under the letter.")),
            public_words,
            a_name,
        ],
    )
    email = EmailField(
        lazy_gettext("E-mail address"),
        filters=[lambda value: (value or "").strip()],
        validators=[
            AtMost(EMAIL_LENGTH),
            DataRequired(lazy_gettext("Write your e-mail address, so that you can confirm.")),
        ],
    )
    affiliation = StringField(
        lazy_gettext("Organization"),
        filters=[_one_line],
        validators=[AtMost(AFFILIATION_LENGTH), public_words, no_path],
    )
    role = StringField(
        lazy_gettext("Profession or role"),
        filters=[_one_line],
        validators=[AtMost(ROLE_LENGTH), public_words, no_web_address],
    )
    location = StringField(
        lazy_gettext("Place"),
        filters=[_one_line],
        validators=[AtMost(LOCATION_LENGTH), public_words, no_web_address],
    )
    comment = TextAreaField(
        lazy_gettext("Why you sign"),
        filters=[_lines],
        validators=[AtMost(COMMENT_LENGTH), public_words, no_web_address],
    )
    show_name = BooleanField(lazy_gettext("Show my name in the public list"))
    updates = BooleanField(lazy_gettext("Tell me by e-mail how this goes on"))
    consent = BooleanField(
        lazy_gettext("I sign this letter, and agree that my data is used as described here"),
        validators=[DataRequired(lazy_gettext("Tick this box to sign."))],
    )
    revision = StringField("")
    """The number of the text that the signer read."""
    website = StringField("")  # without a label, WTForms would read a catalogue to translate one
    """The honeypot: no person sees it, and who fills it is no person."""

    address: address.Address

    def validate_email(self, field: Field) -> None:
        """Understand the address, and keep it understood."""
        try:
            self.address = address.parse(field.data)
        except AddressInvalid:
            raise StopValidation(
                gettext("Write only the address, like name@example.org.")
            ) from None

    def validate_against(self, revision: int) -> bool:
        """Whether all is right, and what the signer read is the revision in force."""
        good = bool(self.validate())
        if not self.revision.data or self.revision.data == str(revision):
            return good
        self.revision.errors = [
            gettext("The letter has been changed since you opened it. Read it once more.")
        ]
        return False

    @property
    def from_robot(self) -> bool:
        """Whether the field that nobody sees was filled."""
        return bool(self.website.data)


class CodeForm(PublicForm):
    """The address and the code of the confirmation mail."""

    email = EmailField(
        lazy_gettext("The e-mail address you signed with"),
        filters=[lambda value: (value or "").strip()],
        validators=[
            AtMost(EMAIL_LENGTH),
            DataRequired(lazy_gettext("Write the e-mail address you signed with.")),
        ],
    )
    code = StringField(
        lazy_gettext("The code from the mail"),
        filters=[_one_line],
        validators=[AtMost(20), DataRequired(lazy_gettext("Write the code from the mail."))],
    )
