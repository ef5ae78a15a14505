"""What the forms of the panel have in common: its token, and telling what is wrong."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms.validators import StopValidation

from petition import address, text
from petition.exceptions import AddressInvalid

_LONGEST = 2_000
"""Characters that are looked at: composing accents takes time with the square of their number."""


def one_line(value: str | None) -> str:
    """What was typed, tidied, in one line."""
    return text.tidy((value or "")[:_LONGEST])


class PanelForm(FlaskForm):
    """A form that carries the panel's token against forged posts."""

    @property
    def problems(self) -> list[tuple[Any, str]]:
        """Each wrong field with the first thing to do about it, in the order of the form."""
        return [(field, str(field.errors[0])) for field in self if field.errors]


def understood(typed: str | None, advice: str) -> address.Address:
    """The address that was typed.

    Raises:
        StopValidation: it is none.
    """
    try:
        return address.parse(typed or "")
    except AddressInvalid:
        raise StopValidation(advice) from None
