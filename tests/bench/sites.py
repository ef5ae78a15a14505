"""The platform under measurement: a database, a letter, its signatures, a web server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from os import urandom
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from altcha import Challenge, Payload, solve_challenge
from sqlalchemy import func, insert, select

from petition import config, create_app, letterfile, tokens
from petition import puzzle as puzzles
from petition.actions import seed, tally
from petition.actions.fingerprint import fingerprint
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Delivery, Kind, Letter, OutgoingMail, Revision, Signature, State
from petition.models.signature import DIGEST_BYTES
from petition.queries import letters, tallies
from petition.tokens import Purpose
from tests.bench import processes
from tests.bench.load import Load

LETTER = files("petition").joinpath("demonstration.md")
SLUG = letterfile.parse(LETTER.read_text("utf-8")).slug
TITLE = letterfile.parse(LETTER.read_text("utf-8")).title
BATCH = 5_000

sign = Load("sign.lua", f"/letters/{SLUG}/sign", 303, (f"/letters/{SLUG}/thanks",))
confirm = Load("confirm.lua", "/", 303, (f"/letters/{SLUG}/signed",))
puzzle = Load("get.lua", f"/letters/{SLUG}/puzzle", 200, ('"PBKDF2/SHA-256"', '"signature"'))
page = Load("get.lua", f"/letters/{SLUG}", 200, (TITLE, 'name="consent"', "</html>"))

search = Load(
    "get.lua", f"/letters/{SLUG}/signatures?q=ada+inkwell", 200, ('class="name"', "</html>")
)


@dataclass(frozen=True)
class Numbers:
    """What stands in a site's database."""

    signatures: int
    published: int
    mails: int


class Site:
    """One installation of the platform, in a folder of its own."""

    def __init__(self, name: str, folder: Path, database: str | None = None, **env: str) -> None:
        self.name = name
        self.port = processes.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self.env = {
            "PETITION_DATA_DIR": str(folder / name),
            "PETITION_SITE_URL": self.address,
            "PETITION_RATELIMIT_ENABLED": "0",
            **({"PETITION_DATABASE_URL": database} if database else {}),
            **env,
        }
        self._folder = folder
        self._links: Iterator[str] = iter(())

    def publish(self, signatures: int) -> None:
        """Put the letter up, and this many invented signers under it."""
        processes.petition(self.env, "migrate")
        processes.petition(self.env, "letter", "publish", str(LETTER))
        if signatures:
            processes.petition(self.env, "letter", "seed", SLUG, "--signatures", str(signatures))

    def add(self, signatures: int) -> None:
        """Put more invented signers under the letter; they are counted when this returns."""
        app = create_app(config.read(self.env))
        with app.app_context():
            found = letters.public_by_slug(SLUG)
            for _ in seed.seed(found.letter, found.revision, signatures):
                pass

    def wait_for_confirmation(self, number: int) -> None:
        """Add signatures that are not confirmed yet, each with its mail in the queue."""
        app = create_app(config.read(self.env))
        with app.app_context():
            found = letters.public_by_slug(SLUG)
            entries = _entries(found.letter, found.revision, number)
            while batch := list(islice(entries, BATCH)):
                with writing(db.session):
                    made = list(db.session.scalars(insert(Signature).returning(Signature), batch))
                    db.session.execute(insert(OutgoingMail), [_mail(s.id) for s in made])
                    tally.adjust(found.letter.id, {State.PENDING: len(made)})
                db.session.expunge_all()
            waiting = select(Signature).where(Signature.state == State.PENDING)
            self._links = iter([_link(s) for s in db.session.scalars(waiting)])

    def links(self, number: int) -> Path:
        """A file with the next so many confirmation links, for confirm.lua."""
        file = self._folder / f"{self.name}.links"
        file.write_text("\n".join(islice(self._links, number)) + "\n")
        return file

    def solutions(self, number: int) -> Path:
        """A file with so many proofs of work, for sign.lua.

        The first try solves each, so that they are made in a moment. The server, which never
        tries, has the same work with each as with one that took a browser seconds.
        """
        app = create_app(config.read(self.env))
        puzzles.EASIEST, puzzles.HARDEST = 0, 1
        with app.app_context():
            letter_id = letters.public_by_slug(SLUG).letter.id
            lines = [_solved(letter_id) for _ in range(number)]
        file = self._folder / f"{self.name}.solutions"
        file.write_text("\n".join(lines) + "\n")
        return file

    def numbers(self) -> Numbers:
        """Look into the database.

        Raises:
            AssertionError: a tally does not agree with its rows.
        """
        app = create_app(config.read(self.env))
        with app.app_context():
            found = letters.public_by_slug(SLUG)
            assert not tallies.drift(), tallies.drift()
            return Numbers(
                db.session.scalar(select(func.count()).select_from(Signature)) or 0,
                tallies.of_letter(found.letter.id).published,
                db.session.scalar(select(func.count()).select_from(OutgoingMail)) or 0,
            )

    @contextmanager
    def serving(self, *options: str) -> Iterator[int]:
        """`petition serve`, ready to answer; gives the number of its process."""
        command = (*processes.PETITION, "serve", "--port", str(self.port), *options)
        with processes.running(command, self.env, self.log) as process:
            processes.wait_for(f"{self.address}/readyz", self.log)
            yield process


def count(published: int) -> Load:
    """The count as other sites show it."""
    path = f"/embed/{SLUG}/count.json"
    return Load("get.lua", path, 200, (f'"letter": "{SLUG}"', f'"count": {published},'))


def _entries(letter: Letter, revision: Revision, number: int) -> Iterator[dict[str, Any]]:
    at = now()
    for index in range(number):
        yield {
            "letter_id": letter.id,
            "revision_id": revision.id,
            "digest": urandom(DIGEST_BYTES),
            "state": State.PENDING,
            "email": f"waiting.{index}@example.org",
            "name": "Greta Halftone",
            "language": revision.language,
            "consented_at": at,
            "created_at": at,
        }


def _mail(signature_id: int) -> dict[str, Any]:
    return {
        "kind": Kind.CONFIRM,
        "signature_id": signature_id,
        "message_id": f"<{urandom(16).hex()}@example.org>",
        "delivery": Delivery.QUEUED,
    }


def _solved(letter_id: int) -> str:
    challenge = Challenge.from_dict(json.loads(puzzles.make(letter_id)))
    solution = solve_challenge(challenge)
    assert solution is not None
    return quote(Payload(challenge, solution).to_base64(), safe="")


def _link(signature: Signature) -> str:
    form = {"decision": "confirm", "shown": fingerprint(signature, signature.revision_id)}
    return f"/confirm/{tokens.make(Purpose.CONFIRM, signature.id)} {urlencode(form)}"
