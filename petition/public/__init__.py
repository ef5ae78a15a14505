"""What the world may see. No e-mail address exists beyond this package.

Rows go in, plain values come out; templates of public pages and embeds get nothing else.
"""

from petition.public.breakdown import Composition, Invalidation, Removed, composed, composition
from petition.public.letters import (
    Kept,
    PublicLetter,
    PublicRevision,
    embargoed,
    kept,
    letter,
    listed,
    opened,
    revision,
    structured,
)
from petition.public.numbers import card, card_text, count, instant
from petition.public.own import Agreement, OwnSignature, replaced, signer
from petition.public.signatories import (
    Answer,
    PublicName,
    answers,
    handed,
    name,
    names,
    shown_as,
)

__all__ = [
    "Agreement",
    "Answer",
    "Composition",
    "Invalidation",
    "Kept",
    "OwnSignature",
    "PublicLetter",
    "PublicName",
    "PublicRevision",
    "Removed",
    "answers",
    "card",
    "card_text",
    "composed",
    "composition",
    "count",
    "embargoed",
    "handed",
    "instant",
    "kept",
    "letter",
    "listed",
    "name",
    "names",
    "opened",
    "replaced",
    "revision",
    "shown_as",
    "signer",
    "structured",
]
