"""What a signer is asked to publish, in short: so that nothing else is published in its place."""

import json
from typing import Any, Protocol

from petition import address


class Words(Protocol):
    """What a signer typed, on its way or already written down."""

    @property
    def name(self) -> str: ...
    @property
    def affiliation(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def comment(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def answers(self) -> dict[str, Any] | None: ...
    @property
    def show_name(self) -> bool: ...
    @property
    def updates(self) -> bool: ...
    @property
    def pass_on(self) -> bool: ...


def fingerprint(words: Words, revision_id: int) -> str:
    """A keyed digest, 16 hexadecimal digits, of a signer's words and the text they stand under.

    A waiting signature may be typed anew, by anybody who knows the address, until it is
    confirmed. A button or a code that was given for other words must not publish the new ones.
    """
    said = (words.name, words.affiliation, words.role, words.location, words.comment)
    ticked = (str(bool(words.show_name)), str(bool(words.updates)), *_more(words))
    answered = json.dumps(words.answers, sort_keys=True) if words.answers else ""
    whole = "\x1f".join((*said, answered, *ticked, str(revision_id)))
    return address.digest(whole).hex()[:16]


def _more(words: Words) -> tuple[str, ...]:
    """What few letters ask for. Where it is not said, mails that are on their way stay good."""
    said = (words.country, "pass on" if words.pass_on else "")
    return tuple(filter(None, said))
