"""What a letter's form asks beside name and address, and what of it everybody sees.

It stands with the letter as JSON: only what is unlike the usual, so that a letter without any of
it costs nothing to understand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST_QUESTIONS = 5
"""Questions of the organizer's own that are asked at a time."""
LABEL_LENGTH = 120
"""Characters of a question."""
CHOICE_LENGTH = 80
MOST_CHOICES = 12
ANSWER_LENGTH = 200
"""Characters of an answer in one's own words."""

Words = tuple[tuple[str, str], ...]
"""The same words by language tag."""


def in_language(words: Words, language: str) -> str:
    """These words in one language, or in the first they stand in."""
    by_language = dict(words)
    return by_language.get(language) or next(iter(by_language.values()), "")


class Demand(StrEnum):
    """Whether a field is in the form, and has to be filled."""

    NOT = "not"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Shape(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes-no"


YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Asked:
    """How one of the usual fields is asked."""

    demand: Demand = Demand.OPTIONAL
    shown: bool = True

    @property
    def asked(self) -> bool:
        return self.demand is not Demand.NOT

    @property
    def required(self) -> bool:
        return self.demand is Demand.REQUIRED


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the organizer's own. Its key, and those of its choices, mean one thing only."""

    key: str
    shape: Shape
    labels: Words
    choices: tuple[Words, ...] = ()
    """A choice is stored as its number, counted from 1."""
    required: bool = False
    shown: bool = False
    retired: bool = False
    """Not asked any more; what was answered stays."""

    def label(self, language: str) -> str:
        """The question in one language."""
        return in_language(self.labels, language)

    def options(self, language: str) -> list[tuple[str, str]]:
        """What can be chosen: as it is stored, and as it reads."""
        return [
            (str(number), in_language(words, language))
            for number, words in enumerate(self.choices, start=1)
        ]


@dataclass(frozen=True, slots=True)
class Asking:
    """All that is asked of a signer."""

    role: Asked = Asked()
    affiliation: Asked = Asked()
    location: Asked = Asked()
    country: Asked = Asked(Demand.NOT)
    comment: Asked = Asked()
    questions: tuple[Question, ...] = ()

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that are asked today."""
        return tuple(question for question in self.questions if not question.retired)

    def of(self, name: str) -> Asked:
        """How one of the usual fields is asked."""
        asked: Asked = getattr(self, name)
        return asked

    def question(self, key: str) -> Question | None:
        """The question with this key."""
        return next((each for each in self.questions if each.key == key), None)


USUAL = Asking()
FIELDS = ("role", "affiliation", "location", "country", "comment")
"""The usual fields, in the order of the form."""


def understand(fields: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]) -> Asking:
    """Understand what stands with a letter."""
    if not fields and not questions:
        return USUAL
    return Asking(
        **{
            name: Asked(Demand(kept["demand"]), kept["shown"])
            for name, kept in fields.items()
            if name in FIELDS
        },
        questions=tuple(_question(kept) for kept in questions),
    )


def _question(kept: Mapping[str, Any]) -> Question:
    return Question(
        key=kept["key"],
        shape=Shape(kept["shape"]),
        labels=tuple(kept["labels"].items()),
        choices=tuple(tuple(words.items()) for words in kept["choices"]),
        required=kept["required"],
        shown=kept["shown"],
        retired=kept["retired"],
    )


def fields_as_kept(asking: Asking) -> dict[str, Any]:
    """The usual fields as they stand with a letter: those that are asked in an unusual way."""
    return {
        name: {"demand": asking.of(name).demand.value, "shown": asking.of(name).shown}
        for name in FIELDS
        if asking.of(name) != USUAL.of(name)
    }


def questions_as_kept(asking: Asking) -> list[dict[str, Any]]:
    """The organizer's own questions as they stand with a letter."""
    return [
        {
            "key": each.key,
            "shape": each.shape.value,
            "labels": dict(each.labels),
            "choices": [dict(words) for words in each.choices],
            "required": each.required,
            "shown": each.shown,
            "retired": each.retired,
        }
        for each in asking.questions
    ]
