"""How a letter is signed and shown. Each change takes effect at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from petition.actions.altering import altering, changed_in
from petition.actions.record import Action, record
from petition.clock import now
from petition.exceptions import NotFound, Overtaken, PromiseBroken
from petition.models import Asking, Letter, Listing, Moderation, Question, Role
from petition.models.asking import (
    FIELDS,
    MOST_QUESTIONS,
    Words,
    fields_as_kept,
    questions_as_kept,
)
from petition.queries import signatures, tallies


@dataclass(frozen=True)
class Settings:
    """What an organizer decides about a letter, but for its questions."""

    moderation: Moderation
    hold: int
    """Signals that hold a signature, added up."""
    watch: list[str]
    """Names that are held until somebody has made sure."""
    listing: Listing
    goals: list[int]
    asking: Asking
    """The usual fields alone."""
    responsible: str
    contact: str
    wording: dict[str, dict[str, str]]
    """By language: `description`, `mail`, `data`."""
    promise_hours: int = 24
    """Within how many hours whatever waits is to be decided about."""
    indexed: bool = False
    """Search engines may keep the pages of names."""
    hands_over: bool = False
    """The names are handed to the addressee; who signs is asked whether theirs may be."""


def change(letter: Letter, role: str, version: int, wanted: Settings) -> None:
    """Bring a letter to these settings.

    Raises:
        Forbidden: this role does not write letters.
        Overtaken: a colleague has changed the letter since this version.
        PromiseBroken: something would be shown that signers were promised would not be.
    """
    with altering(letter, role, Role.EDITOR, version) as kept:
        asking = replace(wanted.asking, questions=kept.asking.questions)
        _keep_promises(kept, wanted.listing, asking)
        kept.moderation = wanted.moderation
        kept.hold = wanted.hold
        kept.promise_hours = wanted.promise_hours
        kept.watch = wanted.watch if kept.anonymous_at is None else []
        kept.listing = wanted.listing
        kept.goals = wanted.goals
        kept.fields = fields_as_kept(asking)
        kept.responsible = wanted.responsible
        kept.contact = wanted.contact
        kept.indexed = wanted.indexed
        kept.hands_over = wanted.hands_over
        kept.wording = {**kept.wording, **wanted.wording}
        record(Action.SETTINGS, letter=kept, changed=changed_in(kept))


_OPENNESS = [Listing.NOT, Listing.INITIALS, Listing.NAMES]


def _keep_promises(letter: Letter, listing: Listing, asking: Asking) -> None:
    """Note since when less is shown; refuse to show more to whom less was promised.

    What is shown less by mistake can be shown again, as long as nobody has signed since.
    """
    hidden = dict(letter.hidden)
    more: set[str] = set()
    for what, before, after in _shown(letter, listing, asking):
        if after < before:
            hidden.setdefault(what, now().isoformat())
        elif after > before:
            more.add(what)
    began = {what: hidden.pop(what, None) for what in more}
    broken = {what for what, since in began.items() if _has_signed(letter.id, since)}
    if broken:
        raise PromiseBroken(broken)
    letter.hidden = hidden


def _has_signed(letter_id: int, since: str | None) -> bool:
    if since is None:
        return tallies.of_letter(letter_id).anybody
    return signatures.any_since(letter_id, datetime.fromisoformat(since))


def _shown(letter: Letter, listing: Listing, asking: Asking) -> Iterator[tuple[str, int, int]]:
    """What there is to show, how much of it is shown, and how much is to be."""
    before = letter.asking
    yield "listing", _OPENNESS.index(Listing(letter.listing)), _OPENNESS.index(listing)
    for name in FIELDS:
        yield name, before.of(name).shown, asking.of(name).shown
    for question in asking.questions:
        earlier = before.question(question.key)
        if earlier is not None:
            yield f"question_{question.key}", earlier.shown, question.shown


def ask(letter: Letter, role: str, version: int, question: Question) -> None:
    """Ask a question of one's own; its key is given to it here.

    Raises:
        Forbidden: this role does not write letters.
        Overtaken: a colleague has changed the letter since this version, or asks as many
            questions as there may be.
    """
    with altering(letter, role, Role.EDITOR, version) as kept:
        asking = kept.asking
        if len(asking.asked) >= MOST_QUESTIONS:
            raise Overtaken
        key = str(max((int(each.key) for each in asking.questions), default=0) + 1)
        _keep(kept, (*asking.questions, replace(question, key=key)))
        record(Action.QUESTION, letter=kept, question=key, done="asked")


def reword(letter: Letter, role: str, version: int, question: Question) -> None:
    """Change a question. One that has answers goes on meaning what it meant.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: there is no such question.
        Overtaken: a colleague has changed the letter since this version, or an answer has come
            that this change would give another meaning.
        PromiseBroken: its answers would be shown, and signers were promised otherwise.
    """
    with altering(letter, role, Role.EDITOR, version) as kept:
        earlier = _known(kept, question.key)
        if signatures.any_answer(kept.id, question.key) and not _means_the_same(earlier, question):
            raise Overtaken
        questions = _with(kept, replace(question, retired=earlier.retired))
        _keep_promises(kept, Listing(kept.listing), replace(kept.asking, questions=questions))
        _keep(kept, questions)
        record(Action.QUESTION, letter=kept, question=question.key, done="reworded")


def retire(letter: Letter, role: str, key: str) -> None:
    """Stop asking a question; what was answered stays.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: there is no such question.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        _keep(kept, _with(kept, replace(_known(kept, key), retired=True)))
        record(Action.QUESTION, letter=kept, question=key, done="retired")


def ask_again(letter: Letter, role: str, key: str) -> None:
    """Ask a question once more that was retired.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: there is no such question.
        Overtaken: as many questions are asked as there may be.
    """
    with altering(letter, role, Role.EDITOR) as kept:
        question = _known(kept, key)
        if question.retired and len(kept.asking.asked) >= MOST_QUESTIONS:
            raise Overtaken
        _keep(kept, _with(kept, replace(question, retired=False)))
        record(Action.QUESTION, letter=kept, question=key, done="asked again")


def _known(letter: Letter, key: str) -> Question:
    question = letter.asking.question(key)
    if question is None:
        raise NotFound
    return question


def _with(letter: Letter, question: Question) -> tuple[Question, ...]:
    return tuple(question if each.key == question.key else each for each in letter.asking.questions)


def _keep(letter: Letter, questions: tuple[Question, ...]) -> None:
    letter.questions = questions_as_kept(replace(letter.asking, questions=questions))


def _means_the_same(before: Question, after: Question) -> bool:
    """Whether every answer that was given still says what it said: only more is said now."""
    return (
        before.shape is after.shape
        and _contains(after.labels, before.labels)
        and len(after.choices) >= len(before.choices)
        and all(map(_contains, after.choices, before.choices))
    )


def _contains(words: Words, earlier: Words) -> bool:
    return set(earlier) <= set(words)
