"""What the forms of the panel have in common: its token, and telling what is wrong."""

import re
from typing import Any, ClassVar

from flask_wtf import FlaskForm

_NUMBER = re.compile("[0-9]{1,9}|[0-9]{1,3}([ .,'\u2019])[0-9]{3}(?:\\1[0-9]{3})*")


def whole_number(typed: str) -> int | None:
    """The whole number that was typed, its thousands apart or not, as people write them."""
    return int(re.sub("[^0-9]", "", typed)) if _NUMBER.fullmatch(typed) else None


class PanelForm(FlaskForm):
    """A form that carries the panel's token against forged posts."""

    below: ClassVar[tuple[str, ...]] = ()
    """Fields that stand below those that classes derived from this add."""

    @property
    def problems(self) -> list[tuple[Any, str]]:
        """Each wrong field with the first thing to do about it, in the order of the page."""
        fields = sorted(self, key=lambda field: field.name in self.below)
        return [(field, str(field.errors[0])) for field in fields if field.errors]
