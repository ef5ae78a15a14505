"""Who has signed, as the world sees them: what a letter shows of a name, and no more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext

from petition import countries, text, tokens
from petition.models import Listing, Question, Shape, Signature
from petition.public.letters import PublicLetter


@dataclass(frozen=True)
class Answer:
    """What a signer answered to one of the organizer's own questions."""

    question: str
    words: str
    language: str | None = None
    """Of the question; the page's, where there is none."""


@dataclass(frozen=True)
class PublicName:
    """A signer as they stand in a list."""

    name: str
    affiliation: str
    role: str
    location: str
    comment: str
    invented: bool
    country: str = ""
    """As the letter's language calls it."""
    revision: int | None = None
    """The number of the text that they signed, where it does not say what is shown here."""
    answers: tuple[Answer, ...] = ()
    line: str = ""
    """What stands for it in the address of its own page."""
    verified: datetime | None = None
    """When an organizer made sure that it is them."""


def names(
    signatures: Iterable[Signature], letter: PublicLetter, others: Mapping[int, int] | None = None
) -> list[PublicName]:
    """Published signatures, for everybody, as far as the letter lists names at all, and now.

    Args:
        others: the texts that say something else, by `queries.revisions.saying_otherwise`.
    """
    if not letter.names_shown:
        return []
    return [name(each, letter, others) for each in signatures]


def name(
    signature: Signature, letter: PublicLetter, others: Mapping[int, int] | None = None
) -> PublicName:
    """A published signature, for everybody: what the letter shows of it, and no more."""
    asking = letter.asking
    whole = _is_whole(signature, letter)
    first = signature.position is not None  # who was asked to stand first is shown with their title
    return PublicName(
        name=signature.name if whole else text.initials(signature.name),
        affiliation=signature.affiliation if first or asking.affiliation.shown else "",
        role=signature.role if first or asking.role.shown else "",
        location=signature.location if asking.location.shown else "",
        comment=signature.comment if asking.comment.shown else "",
        country=country_of(signature, letter) if asking.country.shown else "",
        invented=signature.invented,
        revision=others.get(signature.revision_id) if others else None,
        answers=answers(
            signature.answers, [each for each in asking.questions if each.shown], letter.language
        ),
        line=tokens.line(signature.id),
        verified=signature.verified_at if whole else None,
    )


def handed(
    signature: Signature, letter: PublicLetter, others: Mapping[int, int] | None = None
) -> PublicName:
    """A signature for the letter's addressee: the whole name, as was agreed to; beside it, what
    stands in public beside the whole name, and nothing else."""
    if signature.show_name and _is_whole(signature, letter):
        return name(signature, letter, others)
    return PublicName(
        name=signature.name,
        affiliation="",
        role="",
        location="",
        comment="",
        invented=signature.invented,
        revision=others.get(signature.revision_id) if others else None,
    )


def shown_as(signature: Signature, letter: PublicLetter) -> str:
    """How the name alone stands in public; nothing, where it does not."""
    if letter.listing is Listing.NOT or not signature.show_name:
        return ""
    return signature.name if _is_whole(signature, letter) else text.initials(signature.name)


def _is_whole(signature: Signature, letter: PublicLetter) -> bool:
    return letter.listing is Listing.NAMES and not signature.initials


def country_of(signature: Signature, letter: PublicLetter) -> str:
    """A signer's country, as the letter's language calls it."""
    return countries.name(signature.country, letter.language) if signature.country else ""


def answers(
    kept: dict[str, Any] | None, questions: Iterable[Question], language: str
) -> tuple[Answer, ...]:
    """What was answered to these questions, in the words of a language."""
    if not kept:
        return ()
    said = ((each, _said(each, kept.get(each.key), language)) for each in questions)
    return tuple(Answer(each.label(language), words, language) for each, words in said if words)


_YES_NO = {"yes": lazy_gettext("yes"), "no": lazy_gettext("no")}


def _said(question: Question, kept: Any, language: str) -> str:
    """The words of an answer; none, where it does not fit its question."""
    if question.shape is Shape.TEXT:
        return str(kept or "")
    if question.shape is Shape.YES_NO:
        return str(_YES_NO.get(kept, ""))
    return dict(question.options(language)).get(kept, "")
