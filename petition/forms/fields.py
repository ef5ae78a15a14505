"""What fields of many forms have in common: how words are tidied, and what is refused."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, Field
from wtforms.validators import DataRequired, StopValidation

from petition import address, text
from petition.exceptions import AddressInvalid
from petition.models.team import EMAIL_LENGTH

_LONGEST = 2_000
"""Characters that are looked at: composing accents takes time with the square of their number."""


def one_line(value: str | None) -> str:
    """What was typed, tidied, in one line."""
    return text.tidy((value or "")[:_LONGEST])


def lines(value: str | None) -> str:
    """What was typed, tidied, in its lines."""
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


def no_address(_form: FlaskForm, field: Field) -> None:
    """Refuse a person's name that links somewhere: it goes into a mail to whomever they named."""
    if text.is_like_an_address(field.data or ""):
        raise StopValidation(gettext("Write a name without a web address."))


def email_field(label: Any, needed: Any = None) -> Field:
    """Where an e-mail address is typed.

    Args:
        needed: what to do where none was typed; it may be left empty, where this is not given.
    """
    return EmailField(
        label,
        filters=[lambda value: (value or "").strip()],
        validators=[AtMost(EMAIL_LENGTH), *([DataRequired(needed)] if needed else [])],
    )


ONE_ADDRESS = lazy_gettext("Write only the address, like name@example.org.")


class Addressed:
    """Mixed into a form with the field `email`."""

    address: address.Address
    """What was typed there, understood."""

    def validate_email(self, field: Field) -> None:
        """Understand the address, and keep it understood."""
        self.address = understood(field.data, ONE_ADDRESS)


def understood(typed: str | None, advice: Any) -> address.Address:
    """The address that was typed.

    Raises:
        StopValidation: it is none.
    """
    try:
        return address.parse(typed or "")
    except AddressInvalid:
        raise StopValidation(str(advice)) from None
