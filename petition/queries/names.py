"""Public names, looked at by other ways than the list."""

from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Letter, Listing, Signature
from petition.queries.signatures import published


def one(letter: Letter, signature_id: int) -> Signature:
    """A public signature of a letter.

    Raises:
        NotFound: there is no such, it is not public, or the letter lists no names.
    """
    found = db.session.scalar(published(letter.id).where(Signature.id == signature_id))
    if found is None or letter.listing == Listing.NOT:
        raise NotFound
    return found
