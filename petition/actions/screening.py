"""What is noticed about a signature, and what follows from it."""

from collections.abc import Collection

from sqlalchemy import Select, bindparam, literal_column, select

from petition import address, domains, lookalike, nonsense, wellknown
from petition.actions.move import Locked
from petition.extensions import db
from petition.models import Signal, Signature

NAMESAKES = 20
"""Others who look the same that are compared; from so many on, one more tells nothing new."""


def of_words(
    name: str, affiliation: str, email: address.Address, watch: Collection[str] = ()
) -> Signal:
    """What is noticed in what a signer typed, without looking at any other signature.

    Args:
        watch: the names that the letter's organizers want to be asked about.
    """
    host = domains.domain(email.canonical)
    noticed = (
        (Signal.THROWAWAY, domains.is_throwaway(host)),
        (Signal.DOMAIN, domains.is_elsewhere(host, affiliation)),
        (Signal.NOTABLE, wellknown.is_notable(name, watch)),
        (Signal.JOKE, wellknown.is_joke(name)),
        (Signal.SCRIPTS, lookalike.mixed_scripts(name)),
        (Signal.NOISE, nonsense.is_noise(name)),
    )
    signals = Signal(0)
    for signal, found in noticed:
        if found:
            signals |= signal
    return signals


def beside(signature: Locked) -> Signal:
    """What is noticed in a confirmed signature beside the letter's others."""
    if signature.skeleton is None:
        return Signal(0)
    alike = db.session.scalars(
        _ALIKE,
        {
            "letter_id": signature.letter_id,
            "skeleton": signature.skeleton,
            "signature_id": signature.id,
        },
    )
    mine, signals = lookalike.spelt(signature.name), Signal(0)
    for name in alike:
        signals |= Signal.SAME_NAME if lookalike.spelt(name) == mine else Signal.LIKE_NAME
    return signals


def _alike() -> Select[str]:
    return (
        select(Signature.name)
        .where(
            Signature.letter_id == bindparam("letter_id"),
            Signature.skeleton == bindparam("skeleton"),
            Signature.confirmed_at.is_not(None),
            Signature.id != bindparam("signature_id"),
            Signature.name != literal_column("''"),
        )
        .limit(NAMESAKES)
    )


_ALIKE = _alike()
