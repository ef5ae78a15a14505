"""A signer asks for the link to their signature once more."""

from petition import address, limits
from petition.actions.turns import place
from petition.address import Address
from petition.database import write_in_turn
from petition.extensions import db
from petition.mail import outbox
from petition.models import Letter


def send(letter: Letter, email: Address, visitor: str | None) -> None:
    """Mail the link, if the address has signed: to confirm, where that is still to be done.

    Whoever the address belongs to and whatever it did before, the same statements run and the
    answer is the same: the difference goes by mail, or nowhere. A closed letter's signers get it
    like any other's.

    Args:
        visitor: the network address that the form came from.

    Raises:
        TooOften: this network has asked too often.
    """
    limits.check("own-link", limits.OWN_LINK, visitor)
    digest = address.digest(email.canonical)
    write_in_turn(db, place(digest), outbox.own_link(letter.id, digest, email))
