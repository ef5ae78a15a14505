"""A question of an organizer's own."""

from functools import lru_cache
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from petition import text
from petition.forms.fields import AtMost, no_web_address, one_line, public_words
from petition.forms.panel import PanelForm
from petition.forms.versioned import VersionedForm
from petition.models import Question, Shape
from petition.models.asking import CHOICE_LENGTH, LABEL_LENGTH, MOST_CHOICES, Words
from petition.models.asking import MOST_QUESTIONS as MOST_QUESTIONS  # views know it from here

_LONGEST = 4_000


def _lines(value: str | None) -> str:
    """Lines without empty ones: each is a choice."""
    tidied = text.tidy((value or "")[:_LONGEST], lines=True)
    return "\n".join(line for line in tidied.splitlines() if line)


class QuestionForm(VersionedForm):
    """A question in any letter; `question_form` adds its words in each language."""

    languages: ClassVar[tuple[str, ...]] = ()
    below = ("required", "shown")

    shape = SelectField(
        lazy_gettext("Answered by"),
        choices=[
            SelectChoice(Shape.TEXT.value, lazy_gettext("a few words")),
            SelectChoice(Shape.CHOICE.value, lazy_gettext("choosing from a list")),
            SelectChoice(Shape.YES_NO.value, lazy_gettext("yes or no")),
        ],
    )
    required = BooleanField(lazy_gettext("Everybody must answer"))
    shown = BooleanField(lazy_gettext("Show the answer in public, beside the name"))

    def words(self, language: str) -> tuple[Field, Field]:
        """The question and its choices in one language."""
        return self[f"label_{language}"], self[f"choices_{language}"]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is right; the choices of each language must fit those of the first."""
        good = bool(super().validate(extra_validators))
        return self._choices_fit() and good

    def _choices_fit(self) -> bool:
        if self.shape.data != Shape.CHOICE:
            return True
        first, *others = (self.words(language)[1] for language in self.languages)
        most = len(first.data.splitlines())
        if not 2 <= most <= MOST_CHOICES:
            first.errors = [gettext("Write two to twelve choices, each in a line of its own.")]
            return False
        if len(set(first.data.splitlines())) < most:
            first.errors = [gettext("Write each choice once.")]
            return False
        for field in others:
            if field.data and len(field.data.splitlines()) != most:
                field.errors = [
                    gettext(
                        "Write the same %(number)d choices in the same order, or none.",
                        number=most,
                    )
                ]
                return False
        return True

    def wanted(self, key: str = "0") -> Question:
        """The question that was written, where all of it is right."""
        shape = Shape(self.shape.data)
        return Question(
            key=key,
            shape=shape,
            labels=tuple(
                (language, self.words(language)[0].data)
                for language in self.languages
                if self.words(language)[0].data
            ),
            choices=self._choices() if shape is Shape.CHOICE else (),
            required=self.required.data,
            shown=self.shown.data,
        )

    def _choices(self) -> tuple[Words, ...]:
        lists = {
            language: self.words(language)[1].data.splitlines()
            for language in self.languages
            if self.words(language)[1].data
        }
        count = len(lists[self.languages[0]])
        return tuple(
            tuple((language, lines[number]) for language, lines in lists.items())
            for number in range(count)
        )


def _short_lines(_form: PanelForm, field: Field) -> None:
    if any(len(line) > CHOICE_LENGTH for line in field.data.splitlines()):
        raise StopValidation(
            gettext("Shorten each choice to %(most)d characters.", most=CHOICE_LENGTH)
        )


@lru_cache(maxsize=64)
def question_form(languages: tuple[str, ...]) -> type[QuestionForm]:
    """The form of a question of a letter in these languages, its own first."""
    members: dict[str, Any] = {"languages": languages}
    for language in languages:
        needed = [DataRequired(lazy_gettext("Write the question."))]
        members[f"label_{language}"] = StringField(
            lazy_gettext("Question"),
            filters=[one_line],
            validators=[
                AtMost(LABEL_LENGTH),
                *(needed if language == languages[0] else []),
                public_words,
                no_web_address,
            ],
        )
        members[f"choices_{language}"] = TextAreaField(
            lazy_gettext("Choices"),
            filters=[_lines],
            validators=[_short_lines, no_web_address],
        )
    return type("LetterQuestionForm", (QuestionForm,), members)


def kept(question: Question, languages: tuple[str, ...]) -> dict[str, Any]:
    """What stands with a question, by the names of the fields."""
    values: dict[str, Any] = {
        "shape": question.shape.value,
        "required": question.required,
        "shown": question.shown,
    }
    for language in languages:
        values[f"label_{language}"] = dict(question.labels).get(language, "")
        lines = [dict(words).get(language, "") for words in question.choices]
        values[f"choices_{language}"] = "\n".join(lines) if all(lines) else ""
    return values
