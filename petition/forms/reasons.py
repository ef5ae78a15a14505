"""A reason of a team to reject signatures."""

from functools import lru_cache
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import DataRequired

from petition.forms.fields import AtMost, lines, no_web_address, one_line, public_words
from petition.forms.versioned import VersionedForm
from petition.reasons import MAIL_LENGTH, NAME_LENGTH, PUBLIC_LENGTH, TeamReason


class ReasonForm(VersionedForm):
    """A reason of any team; `reason_form` adds its words in each language."""

    languages: ClassVar[tuple[str, ...]] = ()
    usual: ClassVar[bool] = False
    """What is left empty is said in the usual words."""

    name = StringField(
        lazy_gettext("Name, in the panel"),
        filters=[one_line],
        validators=[
            AtMost(NAME_LENGTH),
            DataRequired(lazy_gettext("Write what your team calls it.")),
        ],
    )

    def words(self, language: str) -> tuple[Field, Field]:
        """What is said in public and by mail in one language."""
        return self[f"public_{language}"], self[f"mail_{language}"]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is right; an own reason needs public words in some language."""
        good = bool(super().validate(extra_validators))
        first = self.words(self.languages[0])[0]
        if good and not self.usual and not any(self._said(0).values()):
            first.errors = [gettext("Write what everybody may read, in one language at least.")]
            return False
        return good

    def _said(self, which: int) -> dict[str, str]:
        words = ((each, self.words(each)[which].data) for each in self.languages)
        return {language: said for language, said in words if said}

    def wanted(self, code: str = "") -> TeamReason:
        """The reason that was written, where all of it is right."""
        return TeamReason(code, self.name.data, self._said(0), self._said(1))


@lru_cache(maxsize=64)
def reason_form(languages: tuple[str, ...], usual: bool) -> type[ReasonForm]:
    """The form of a reason of a team with letters in these languages."""
    members: dict[str, Any] = {"languages": languages, "usual": usual}
    for language in languages:
        members[f"public_{language}"] = StringField(
            lazy_gettext("For everybody"),
            filters=[one_line],
            validators=[AtMost(PUBLIC_LENGTH), public_words, no_web_address],
        )
        members[f"mail_{language}"] = TextAreaField(
            lazy_gettext("In the mail to the signer"),
            filters=[lines],
            validators=[AtMost(MAIL_LENGTH), no_web_address],
        )
    return type("TeamReasonForm", (ReasonForm,), members)


def kept(reason: TeamReason, languages: tuple[str, ...]) -> dict[str, str]:
    """What stands with a reason, by the names of the fields."""
    values = {"name": reason.name}
    for language in languages:
        values[f"public_{language}"] = reason.public.get(language, "")
        values[f"mail_{language}"] = reason.mail.get(language, "")
    return values
