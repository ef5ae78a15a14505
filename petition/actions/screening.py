"""What is noticed about a signature, and what follows from it."""

from collections.abc import Collection

from petition import address
from petition.actions.move import Locked
from petition.models import Signal


def of_words(
    name: str, affiliation: str, email: address.Address, watch: Collection[str] = ()
) -> Signal:
    """What is noticed in what a signer typed, without looking at any other signature.

    Args:
        watch: the names that the letter's organizers want to be asked about.
    """
    _ = name, affiliation, email, watch
    return Signal(0)


def beside(signature: Locked) -> Signal:
    """What is noticed in a confirmed signature beside the letter's others."""
    _ = signature
    return Signal(0)
