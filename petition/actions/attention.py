"""An organizer looks at the signatures of a letter, and colleagues are to know."""

from sqlalchemy import delete

from petition.clock import now
from petition.database import insert, writing
from petition.extensions import db
from petition.models import Attention, Letter
from petition.queries.attention import LASTS


def look(letter: Letter, organizer_id: int, signature_id: int | None) -> None:
    """Note that an organizer has a letter's queue before them.

    Args:
        signature_id: which signature of it they look at, if at one.
    """
    statement = insert(db.engine.dialect.name, Attention).values(
        letter_id=letter.id, organizer_id=organizer_id, signature_id=signature_id, seen_at=now()
    )
    with writing(db.session):
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[Attention.letter_id, Attention.organizer_id],
                set_={
                    "signature_id": statement.excluded.signature_id,
                    "seen_at": statement.excluded.seen_at,
                },
            )
        )


def forget() -> bool:
    """Forget who looked where a while ago; there is never more at once."""
    with writing(db.session):
        db.session.execute(delete(Attention).where(Attention.seen_at < now() - LASTS))
    return False
