"""What the forms on public pages have in common."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField


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


class OpenForm(PublicForm):
    """A form that anybody may send, robots among them."""

    website = StringField("")  # without a label, WTForms would read a catalogue to translate one
    """The honeypot: no person sees it, and who fills it is no person."""

    @property
    def from_robot(self) -> bool:
        """Whether the field that nobody sees was filled."""
        return bool(self.website.data)
