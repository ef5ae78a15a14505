"""Signed links and codes: one salt a purpose, each with an age. No secret is in the database.

The keys are listed oldest first; itsdangerous signs with the last and believes all
(https://itsdangerous.palletsprojects.com/en/stable/concepts/#key-rotation).
"""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from enum import Enum
from functools import lru_cache
from typing import Any
from unicodedata import decimal

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from petition import config
from petition.exceptions import LinkBroken, LinkExpired

CODE_DIGITS = 6


class Purpose(Enum):
    """What a token opens: its salt, and how long it does."""

    CONFIRM = ("confirm", timedelta(days=7))
    SIGNATURE = ("signature", timedelta(days=400))
    SIGNED = ("signed", timedelta(minutes=30))
    SIGN_IN = ("sign-in", timedelta(hours=24))
    INVITATION = ("invitation", timedelta(days=7))
    FIRST = ("first", timedelta(days=60))
    FAMILIAR = ("familiar", timedelta(days=400))
    PRESSED = ("pressed", timedelta(minutes=10))
    SHOWN = ("shown", timedelta(hours=24))

    def __init__(self, salt: str, age: timedelta) -> None:
        self.salt = salt
        self.age = age


def _serializer(purpose: Purpose) -> URLSafeTimedSerializer:
    return _made_once(purpose, config.current_keys())


@lru_cache(maxsize=32)
def _made_once(purpose: Purpose, keys: tuple[str, ...]) -> URLSafeTimedSerializer:
    """To make a serializer takes longer than to sign with it, and every mail has two links."""
    return URLSafeTimedSerializer(
        list(keys),
        salt=f"petition.{purpose.salt}",
        signer_kwargs={"digest_method": hashlib.sha256},
    )


def make(purpose: Purpose, subject: int) -> str:
    """A token that speaks for the row `subject`, for as long as its purpose allows."""
    token: str | bytes = _serializer(purpose).dumps(subject)
    return token if isinstance(token, str) else token.decode()


def read(purpose: Purpose, token: str) -> int:
    """The row that a token speaks for.

    Raises:
        LinkBroken: it is not ours, or was made for another purpose.
        LinkExpired: it is ours and too old.
    """
    try:
        subject = _serializer(purpose).loads(token, max_age=int(purpose.age.total_seconds()))
    except SignatureExpired as error:
        subject = _serializer(purpose).load_payload(error.payload or b"")
        raise LinkExpired(subject) from None
    except BadData:
        raise LinkBroken from None
    if not isinstance(subject, int):
        raise LinkBroken
    return subject


def wrap(purpose: Purpose, words: dict[str, Any]) -> str:
    """A token that carries words, readable by everybody, which nobody else can have written."""
    token: str | bytes = _serializer(purpose).dumps(words)
    return token if isinstance(token, str) else token.decode()


def unwrap(purpose: Purpose, token: str) -> dict[str, Any]:
    """The words that a token carries.

    Raises:
        LinkBroken: it is not ours, was made for another purpose, or is too old.
    """
    try:
        words = _serializer(purpose).loads(token, max_age=int(purpose.age.total_seconds()))
    except BadData:
        raise LinkBroken from None
    if not isinstance(words, dict):
        raise LinkBroken
    return words


def seal(purpose: Purpose, *words: object) -> str:
    """A token by which these very words are known to be ours, for as long as its purpose allows."""
    token: str | bytes = _serializer(purpose).dumps(_fingerprint(words))
    return token if isinstance(token, str) else token.decode()


def is_sealed(purpose: Purpose, token: str, *words: object) -> bool:
    """Whether a token was made for these very words, and is not too old."""
    try:
        sealed = _serializer(purpose).loads(token, max_age=int(purpose.age.total_seconds()))
    except BadData:
        return False
    return bool(sealed == _fingerprint(words))


def _fingerprint(words: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


_MARK_BYTES = 8


def line(signature_id: int) -> str:
    """What stands for a signature in public addresses: always the same, and nobody can guess one.

    It opens nothing that the list of names does not show.
    """
    number = signature_id.to_bytes((signature_id.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(_marked(config.current_keys()[-1], number)).decode().rstrip("=")


def read_line(token: str) -> int:
    """The signature that such an address is about.

    Raises:
        LinkBroken: it is not ours.
    """
    try:
        whole = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise LinkBroken from None
    number = whole[_MARK_BYTES:]
    marks = (_marked(key, number) for key in config.current_keys())
    if not number or not any(hmac.compare_digest(whole, mark) for mark in marks):
        raise LinkBroken
    return int.from_bytes(number, "big")


def _marked(key: str, number: bytes) -> bytes:
    return hmac.digest(key.encode(), b"petition.line" + number, "sha256")[:_MARK_BYTES] + number


def fresh() -> str:
    """A key that nobody can guess, for a browser to keep."""
    return secrets.token_urlsafe(32)


def digest(key: str) -> bytes:
    """What is kept of such a key, to know it again."""
    return hashlib.sha256(key.encode()).digest()


def code(signature_id: int, mail: int) -> str:
    """The digits that confirm a signature, as its `mail`-th mail carries them."""
    return _code(config.current_keys()[-1], f"{signature_id}.{mail}")


def code_fits(typed: str, signature_id: int, mail: int) -> bool:
    """Whether these are the digits of that mail, under any of our keys, in constant time."""
    return _fits(typed, f"{signature_id}.{mail}")


def sign_in_code(sign_in_id: int) -> str:
    """The digits by which an organizer proves that a mail has reached them."""
    return _code(config.current_keys()[-1], f"sign-in.{sign_in_id}")


def sign_in_code_fits(typed: str, sign_in_id: int) -> bool:
    """Whether these are the digits of that mail, under any of our keys, in constant time."""
    return _fits(typed, f"sign-in.{sign_in_id}")


def digits(typed: str) -> str:
    """The digits among what somebody typed, of whatever script, as ASCII."""
    return "".join(str(decimal(character)) for character in typed if character.isdecimal())


def _fits(typed: str, what: str) -> bool:
    candidates = [_code(key, what) for key in config.current_keys()]
    return any(hmac.compare_digest(typed.encode(), each.encode()) for each in candidates)


def _code(key: str, what: str) -> str:
    message = f"petition.code.{what}".encode()
    number = int.from_bytes(hmac.digest(key.encode(), message, "sha256")[:8], "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"
