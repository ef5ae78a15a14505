"""Letters, signatures and organizers for tests: plain functions with keyword defaults."""

import itertools
from datetime import datetime
from typing import Any

import altcha
from flask.testing import FlaskClient

from petition import address, caching, tokens
from petition.actions import confirm, embedding, launch, organizers, publish, sign, sweep, tally
from petition.actions.altering import hold
from petition.actions.sign import Entry
from petition.actions.sweep import Asked
from petition.database import writing
from petition.extensions import db
from petition.letterfile import LetterFile
from petition.models import (
    Act,
    Card,
    Change,
    Letter,
    Moderation,
    Organizer,
    Revision,
    Role,
    Signatory,
    Signature,
    SiteStanding,
    State,
    Sweep,
)
from petition.queries import shown
from petition.queries.drafts import Text
from petition.queries.letters import LetterText
from petition.tokens import Purpose

TEAM = "Organizers"
_number = itertools.count(1)


def make_letter(
    *,
    slug: str = "a-letter",
    title: str = "A letter",
    markdown: str = "We ask for *fair* terms.",
    language: str = "en",
    goal: int | None = 100,
    opens: datetime | None = None,
    closes: datetime | None = None,
    moderation: Moderation = Moderation.AFTER,
    team: str = TEAM,
) -> LetterText:
    """A published letter with its text in force."""
    file = LetterFile(
        title=title,
        slug=slug,
        language=language,
        to="the makers",
        sender="the artists",
        goal=goal,
        opens=opens,
        closes=closes,
        moderation=moderation,
        markdown=markdown,
    )
    publish.publish(file, team)
    letter = db.session.query(Letter).filter_by(slug=slug).one()
    revision = (
        db.session.query(Revision)
        .filter_by(letter_id=letter.id)
        .order_by(Revision.number.desc())
        .first()
    )
    assert revision is not None
    return LetterText(letter, revision)


def change(found: LetterText, **values: object) -> None:
    """Set columns of a letter, and let nobody remember what they were."""
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        for name, value in values.items():
            setattr(letter, name, value)
    caching.recent.clear()
    caching.guards.clear()


def count(found: LetterText, number: int) -> None:
    """Let so many more have signed a letter, or fewer: in its numbers alone."""
    with writing(db.session):
        tally.adjust(found.letter.id, {State.PUBLISHED: number})
    caching.recent.clear()


def say(found: LetterText, name: str, standing: SiteStanding | None) -> None:
    """Say something of another site, as some organizer."""
    organizers.add("says@example.org", Role.EDITOR, TEAM)
    organizer_id = db.session.query(Organizer.id).filter_by(email="says@example.org").scalar()
    embedding.say(found.letter, Role.EDITOR, organizer_id, [name], standing)


def publish_text(
    markdown: str,
    change: Change,
    language: str = "en",
    *,
    note: str = "So.",
    title: str = "A letter",
    slug: str = "a-letter",
) -> Revision:
    """Publish another text of a letter, as an editor would."""
    letter_id = db.session.query(Letter.id).filter_by(slug=slug).scalar()
    with writing(db.session):
        letter = hold(letter_id)
        said = Text(title, "the makers", "the artists", markdown)
        revision = publish.revise(letter, language, said, change, note)
    caching.recent.clear()
    return revision


def make_entry(
    *, name: str = "Ann Lee", email: str | None = None, show_name: bool = True, **others: str
) -> Entry:
    """What a signer entered."""
    return Entry(
        name=name,
        email=address.parse(email or f"signer{next(_number)}@example.org"),
        affiliation=others.get("affiliation", ""),
        role=others.get("role", ""),
        location=others.get("location", ""),
        comment=others.get("comment", ""),
        country=others.get("country", ""),
        show_name=show_name,
        updates=False,
    )


def make_signature(
    found: LetterText, *, state: State = State.PUBLISHED, **entry: object
) -> Signature:
    """A signature that came to its state by the front door."""
    made = make_entry(**entry)  # type: ignore[arg-type]
    visitor = f"2001:db8:0:{next(_number):x}::1"  # each from a network of their own
    sign.sign(found.letter, found.revision, made, visitor)
    digest = address.digest(made.email.canonical)
    signature = (
        db.session.query(Signature).filter_by(letter_id=found.letter.id, digest=digest).one()
    )
    if state in {State.PUBLISHED, State.HELD}:
        confirm.confirm(signature.id, visitor)
    elif state is not State.PENDING:
        with writing(db.session):
            signature.state = state
            tally.adjust(found.letter.id, {State.PENDING: -1, state: 1})
    signature = fresh(signature.id)
    assert signature.state == state, "a letter holds what is confirmed only with moderation before"
    return signature


def make_card(found: LetterText, *, png: bytes = b"a picture", tag: str = "0" * 16) -> Card:
    """The picture beside a letter's link, as if it had been drawn."""
    card = Card(
        letter_id=found.letter.id,
        language=found.revision.language,
        tag=tag,
        png=png,
        revision_id=found.revision.id,
        count=0,
        style="",
    )
    with writing(db.session):
        db.session.add(card)
    return card


def make_signatory(found: LetterText, *, name: str = "Kim Ray", **others: str) -> Signatory:
    """Somebody who is asked to sign first."""
    person = launch.Person(
        name=name,
        title=others.get("title", "Composer"),
        affiliation=others.get("affiliation", ""),
        email=address.parse(others.get("email") or f"first{next(_number)}@example.org"),
        language=others.get("language", found.letter.language),
    )
    assert launch.add(found.letter, Role.EDITOR, [person]) == 1
    return (
        db.session.query(Signatory)
        .filter_by(letter_id=found.letter.id, email=person.email.delivery)
        .one()
    )


def make_sweep(found: LetterText, *, act: Act = Act.REJECT, **conditions: str) -> Sweep:
    """All signatures that match something, found and not decided about yet."""
    organizer_id = db.session.query(Organizer.id).order_by(Organizer.id).limit(1).scalar()
    asked = Asked(act, "abuse" if act is Act.REJECT else None)
    looked = shown.look(found.letter.id, conditions)
    return sweep.freeze(found.letter, Role.OWNER, organizer_id, looked, asked)


def fresh(signature_id: int) -> Signature:
    """A signature as the database has it now."""
    db.session.commit()  # ends the reading that began before, and leaves a writing alone
    db.session.expire_all()
    signature = db.session.get(Signature, signature_id)
    assert signature is not None
    return signature


def form(**changes: str) -> dict[str, str]:
    """A form filled in as a signer would; a value of "" leaves the field empty."""
    filled = {
        "name": "Ann Lee",
        "email": "ann.lee@example.org",
        "show_name": "y",
        "consent": "y",
    }
    return {name: value for name, value in (filled | changes).items() if value}


def solve(challenge: dict[str, Any]) -> str:
    """What a browser hands in for a puzzle."""
    asked = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(asked)
    assert solution is not None
    return altcha.Payload(asked, solution).to_base64()


def confirm_path(signature: Signature) -> str:
    """The path of a signature's confirmation link."""
    return f"/confirm/{tokens.make(Purpose.CONFIRM, signature.id)}"


def first_path(signatory: Signatory) -> str:
    """The path of the personal link of somebody who is asked to sign first."""
    return f"/first/{tokens.make(Purpose.FIRST, signatory.id)}"


def signature_path(signature: Signature) -> str:
    """The path of the signer's own page."""
    return f"/signature/{tokens.make(Purpose.SIGNATURE, signature.id)}"


def sign_in(
    client: FlaskClient,
    email: str = "organizer@example.org",
    role: Role = Role.OWNER,
    team: str = TEAM,
) -> None:
    """Follow a one-time link."""
    token = organizers.add(email, role, team)
    client.application.config["WTF_CSRF_ENABLED"] = False
    response = client.post(f"/organize/sign-in/{token}")
    assert response.status_code == 303, response.text
