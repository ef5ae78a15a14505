"""The proof of work that a signer's browser does by itself (https://altcha.org, protocol 2).

Whoever solves it searches for a number that we know: one derivation of a key makes a puzzle, one
signature under that key tells that it was solved, and no device takes more than `HARDEST` tries.
"""

import hmac
import json
import secrets
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from altcha import Payload, create_challenge, verify_solution

from petition import config
from petition.clock import now
from petition.exceptions import PuzzleWrong

ALGORITHM = "PBKDF2/SHA-256"
"""Browsers do it in their own code, a try at a time; plain hashes would be all overhead there."""
COST = 1_000
"""Rounds of a try: half a millisecond here, one or two on a cheap phone."""
EASIEST, HARDEST = 400, 800
"""Tries that a puzzle takes: about a second on a cheap phone, in the background."""
AGE = timedelta(minutes=30)
"""How long a puzzle can be handed in; the page asks for another before that."""
LONGEST = 4_096
"""Characters of a solution that are looked at; one of ours has about 800."""


@dataclass(frozen=True)
class Solution:
    """A proof of work that is right, for one letter, and not too old."""

    nonce: bytes
    expires_at: datetime


def make(letter_id: int) -> str:
    """A new puzzle for the signers of a letter, as JSON."""
    key = config.current_keys()[-1]
    challenge = create_challenge(
        ALGORITHM,
        COST,
        counter=EASIEST + secrets.randbelow(HARDEST - EASIEST),
        expires_at=now() + AGE,
        data={"letter": letter_id},
        hmac_secret=_derived(key, "puzzle"),
        hmac_key_secret=_derived(key, "puzzle solved"),
    )
    return json.dumps(challenge.to_dict())


def check(given: str, letter_id: int) -> Solution:
    """Understand what a browser hands in: the puzzle with its solution, as base64 of JSON.

    Raises:
        PuzzleWrong: it is not a puzzle of ours, not its solution, too old, or of another letter.
    """
    payload = _read(given)
    if not any(_fits(payload, key) for key in reversed(config.current_keys())):
        raise PuzzleWrong
    puzzle = payload.challenge.parameters  # ours, to the letter: the signature says so
    if puzzle.data != {"letter": letter_id} or puzzle.expires_at is None:
        raise PuzzleWrong
    return Solution(bytes.fromhex(puzzle.nonce), datetime.fromtimestamp(puzzle.expires_at, UTC))


def _read(given: str) -> Payload:
    if len(given) > LONGEST:
        raise PuzzleWrong
    try:
        said: Any = json.loads(b64decode(given, validate=True))
        return Payload.from_dict(said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PuzzleWrong from None


def _fits(payload: Payload, key: str) -> bool:
    # Without the second secret the key would be derived anew, which is slow, and until version
    # 2.1 of the package any key passed.
    return verify_solution(
        payload,
        _derived(key, "puzzle"),
        hmac_key_secret=_derived(key, "puzzle solved"),
    ).verified


def _derived(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"petition.{purpose}".encode(), "sha256")
