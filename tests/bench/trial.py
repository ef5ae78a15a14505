"""A trial of the moderation panel: 5,000 signatures, 150 of them wrong in ten ways.

    python -m tests.bench.trial plant FOLDER     makes a site's data, and FOLDER/truth.json
    python -m tests.bench.trial score FOLDER     compares what was decided with the truth

Who clears the queue must not look at the truth. Everybody signs and confirms by the real actions,
so that what is noticed is noticed for real; afterwards their moments are laid apart over five
hours, a thousand an hour. All names and addresses are invented.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from flask.ctx import AppContext
from sqlalchemy import select, update

from petition import address, config, create_app, letterfile, schema
from petition.actions import confirm, organizers, publish, sign
from petition.actions.seed import COMMENTS, FAMILY, GIVEN, ROLES
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Decision, Letter, Revision, Role, Signal, Signature, State
from petition.puzzle import Solution
from petition.queries import letters

HONEST, EACH, SPREAD = 4_850, 15, 5
"""Of each kind of wrong ones there are so many, or up to `SPREAD` more or fewer."""
HOURS = 5
HELD = Signal.JOKE | Signal.NOISE | Signal.LIKE_NAME | Signal.SCRIPTS | Signal.DOMAIN

_SAID = (
    *COMMENTS,
    "My students ask me about this every week.",
    "I do not agree with every word, but with the whole.",
    "Too late and too polite, yet right.",
    "Shame on those who looked away!",
    "See also what the unions wrote in spring.",
    "For my daughter, who draws.",
)
_HOUSES = ("Papermoon Theatre", "Inkwell Press", "Studio Halftone", "Offbeat Animation")
_TWINS = str.maketrans({"a": "\u0430", "e": "\u0435", "o": "\u043e", "p": "\u0440"})
"""Latin letters, and Cyrillic ones that look the same."""


@dataclass(frozen=True)
class Signer:
    """Somebody who signs, and what is wrong with it; nothing, mostly."""

    name: str
    email: str
    affiliation: str = ""
    role: str = ""
    comment: str = ""
    network: str = ""
    solved: bool = True
    wrong: str = ""
    copies: str = ""
    """The address of whom it pretends to be."""


def _email(dice: random.Random, at: str = "") -> str:
    """An address that tells nothing of whose it is."""
    domain = at or f"{dice.choice(('mail', 'post', 'studio'))}.example"
    return f"{dice.choice(ascii_lowercase)}{dice.randrange(10**12)}@{domain}"


def _person(dice: random.Random) -> str:
    first, second = dice.sample(FAMILY, 2)
    return f"{dice.choice(GIVEN)} {first}-{second}"


def _honest(dice: random.Random) -> Iterator[Signer]:
    for number in range(HONEST):
        yield Signer(
            _person(dice),
            _email(dice),
            affiliation=dice.choice(_HOUSES) if dice.random() < 0.3 else "",
            role=dice.choice(ROLES),
            comment=dice.choice(_SAID) if dice.random() < 0.06 else "",
            network=f"10.{number // 250}.{number % 250}.1",
            solved=dice.random() < 0.98,
        )


_KINDS = (
    "duplicate",
    "noise",
    "joke",
    "impersonation",
    "advertising",
    "abuse",
    "affiliation",
    "throwaway",
    "look-alike",
    "one network",
)
_NOISE = (
    "asdf qwer",
    "qwertz uiop",
    "hjkl hjkl",
    "sdfg sdfg",
    "aaaa bbbb",
    "xcvb nmnm",
    "fghj k",
)
_JOKES = ("Mickey Mouse", "Batman", "Darth Vader", "Bart Simpson", "Donald Duck", "Bugs Bunny")
_KNOWN = ("Angela Merkel", "Barack Obama", "Emmanuel Macron", "Boris Johnson", "Donald Tusk")
_OFFERS = ("Cheap watches, best price, call today", "Earn 500 a day from home, ask me how")
_INSULTS = ("You are all idiots and parasites", "Go and die, you filthy scribblers")


def _sizes(dice: random.Random) -> list[int]:
    """How many there are of each kind: `EACH` on average, so that nobody can count along."""
    pairs = [dice.randint(0, SPREAD) for _ in _KINDS[::2]]
    sizes = [EACH + each for each in pairs] + [EACH - each for each in pairs]
    dice.shuffle(sizes)
    return sizes


def _wrong(dice: random.Random, honest: list[Signer]) -> Iterator[Signer]:
    for kind, size in zip(_KINDS, _sizes(dice), strict=True):
        for number in range(size):
            yield _one(dice, kind, number, dice.choice(honest))


def _one(dice: random.Random, kind: str, number: int, model: Signer) -> Signer:
    """The so many-th of a kind; a model is whom some of them pretend to be."""
    match kind:
        case "duplicate":
            said = {"affiliation": model.affiliation, "role": model.role}
            return _bad(dice, kind, model.name, copies=model.email, **said)
        case "noise":
            return _bad(dice, kind, f"{dice.choice(_NOISE)}{dice.choice('abcdef')}")
        case "joke":
            return _bad(dice, kind, _JOKES[number % len(_JOKES)])
        case "impersonation":
            return _bad(dice, kind, _KNOWN[number % len(_KNOWN)])
        case "advertising":
            return _bad(dice, kind, _person(dice), comment=_OFFERS[number % 2])
        case "abuse":
            return _bad(dice, kind, _person(dice), comment=_INSULTS[number % 2])
        case "affiliation":
            other, given = f"cs.other-{number}.edu", "University of Papermoon"
            return _bad(dice, kind, _person(dice), affiliation=given, at=other)
        case "throwaway":
            away = dice.choice(("mailinator.com", "yopmail.com"))
            return _bad(dice, kind, _person(dice), at=away)
        case "look-alike":
            return _bad(dice, kind, model.name.translate(_TWINS), copies=model.email)
        case _:
            crowd = {"affiliation": "Citizens for Truth", "network": "192.0.2.9", "solved": False}
            return _bad(dice, kind, f"{dice.choice(GIVEN)} Voter {number}", **crowd)


def _bad(dice: random.Random, wrong: str, name: str, *, at: str = "", **more: Any) -> Signer:
    network = f"172.{dice.randrange(16, 32)}.{dice.randrange(250)}.{dice.randrange(250)}"
    return Signer(name, _email(dice, at), wrong=wrong, **({"network": network} | more))


def _copies_last(signers: list[Signer]) -> None:
    """Whoever pretends to be another comes later: to reject the later of two is right."""
    places = {each.email: place for place, each in enumerate(signers)}
    for each in [each for each in signers if each.copies]:
        mine, other = places[each.email], places[each.copies]
        if mine < other:
            signers[mine], signers[other] = signers[other], signers[mine]
            places |= {each.email: other, each.copies: mine}


def plant(folder: Path) -> None:
    """Make a letter with all of them, and write down the truth."""
    dice = random.Random(folder.name)  # noqa: S311  # a trial needs no secrecy
    honest = list(_honest(dice))
    signers = honest + list(_wrong(dice, honest))
    dice.shuffle(signers)
    _copies_last(signers)
    with _site(folder):
        schema.upgrade()
        file = letterfile.parse(files("petition").joinpath("demonstration.md").read_text("utf-8"))
        publish.publish(file, "Trial")
        with writing(db.session):
            db.session.execute(update(Letter).values(hold=HELD.value))
        found = letters.public_by_slug(file.slug)
        for number, signer in enumerate(signers):
            _sign(found.letter, found.revision, signer, number)
            if number % 100 == 0:
                print(f"\r{number} of {len(signers)}", end="", file=sys.stderr, flush=True)
        ids = dict(db.session.execute(select(Signature.digest, Signature.id)).all())
        truth = {
            ids[address.digest(address.parse(each.email).canonical)]: each.wrong
            for each in signers
            if each.wrong
        }
        _lay_apart(len(signers))
        (folder / "truth.json").write_text(json.dumps(truth))
        print("\n", organizers.add("organizer@example.org", Role.OWNER, "Trial"))


def _site(folder: Path) -> AppContext:
    settings = config.read(
        {"PETITION_DATA_DIR": str(folder), "PETITION_SITE_URL": "http://localhost:8000"}
    )
    return create_app(settings).app_context()


def _sign(letter: Letter, revision: Revision, signer: Signer, number: int) -> None:
    entry = sign.Entry(
        name=signer.name,
        email=address.parse(signer.email),
        affiliation=signer.affiliation,
        role=signer.role,
        location="",
        comment=signer.comment,
        show_name=True,
        updates=False,
    )
    nonce = Solution(number.to_bytes(16, "big"), now() + timedelta(hours=1))
    sign.sign(letter, revision, entry, signer.network, nonce if signer.solved else None)
    digest = address.digest(entry.email.canonical)
    mine = db.session.scalar(select(Signature.id).where(Signature.digest == digest))
    assert mine is not None
    confirm.confirm(mine, f"10.99.{number // 250}.{number % 250}")


def _lay_apart(number: int) -> None:
    """As if they had come one after the other, a thousand an hour; in the order of their ids."""
    begin, apart = now() - timedelta(hours=HOURS), timedelta(hours=HOURS) / number
    with writing(db.session):
        for place, (key,) in enumerate(
            db.session.execute(select(Signature.id).order_by(Signature.id))
        ):
            at = begin + place * apart
            moments = {"created_at": at, "confirmed_at": at}
            db.session.execute(update(Signature).where(Signature.id == key).values(**moments))
            stands = Signature.published_at.is_not(None)
            db.session.execute(
                update(Signature).where(Signature.id == key, stands).values(published_at=at)
            )
            db.session.execute(
                update(Decision).where(Decision.signature_id == key).values(created_at=at)
            )


def score(folder: Path) -> None:
    """Print what was missed and whom it hit who was honest."""
    truth = {
        int(key): wrong for key, wrong in json.loads((folder / "truth.json").read_text()).items()
    }
    with _site(folder):
        states = dict(db.session.execute(select(Signature.id, Signature.state)).all())
    missed = Counter(truth[key] for key in truth if states[key] != State.REJECTED)
    hit = [key for key, state in states.items() if state == State.REJECTED and key not in truth]
    waiting = sum(state in (State.HELD, State.QUARANTINED) for state in states.values())
    print(f"{len(truth)} wrong; missed {sum(missed.values())}: {dict(missed)}")
    print(f"honest and rejected: {len(hit)}; still waiting: {waiting}")


if __name__ == "__main__":
    {"plant": plant, "score": score}[sys.argv[1]](Path(sys.argv[2]))
