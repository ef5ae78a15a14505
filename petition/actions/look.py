"""An owner looks at the address of a signer; that is written down."""

from petition.actions import moderate
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.database import writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Letter, Role


def address(letter: Letter, role: str, organizer_id: int, signature_id: int) -> str:
    """The whole e-mail address of a signature.

    Raises:
        Forbidden: only owners may.
        NotFound: it is not a signature of this letter, or its address is erased.
    """
    must(role, Role.OWNER)
    with writing(db.session):
        signature = moderate.of_letter(letter, signature_id)
        if signature.email is None:
            raise NotFound
        record(Action.LOOK, organizer_id=organizer_id, letter=letter, signature_id=signature.id)
    return signature.email
