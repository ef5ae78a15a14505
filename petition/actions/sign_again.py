"""After a change of substance: earlier signers are asked to sign the new text, and do."""

from sqlalchemy import Select, or_, select, update

from petition import caching, limits
from petition.actions import consents
from petition.actions.confirm import Confirmed, too_late
from petition.actions.move import locked
from petition.actions.turns import place
from petition.clock import now
from petition.database import take, take_in_turn, writing
from petition.exceptions import DecisionConflict, LetterClosed, NotFound
from petition.extensions import db
from petition.mail import outbox
from petition.models import STANDING, Consent, Letter, Revision, Signature
from petition.queries import revisions, signatures

BATCH = 50
"""Signers that are asked in one transaction."""


def ask() -> bool:
    """Ask the next signers of an earlier edition; whether more are to be asked at once.

    The row of the text remembers how far it has come, in the transaction that writes the mails:
    whoever is stopped in between, nobody is asked twice. While such mails wait to leave no more
    are written, so that nobody who signs now waits behind a crowd.
    """
    if not _any_unfinished() or outbox.asking():
        return False
    with writing(db.session):
        # Who signs a text only refers to it, and need not wait.
        revision = db.session.scalar(
            _unfinished().with_for_update(of=Revision, skip_locked=True, key_share=True)
        )
        if revision is None or revision.asked_to is None:
            return False
        signers = db.session.execute(_next(revision, revision.asked_to)).all()
        take_in_turn(db.session, *(place(digest) for digest in sorted(s.digest for s in signers)))
        for signer in signers:
            take(db.session, outbox.ask_again(signer.id, signer.digest))
        revision.asked_to = signers[-1].id if len(signers) == BATCH else None
    return True


def _unfinished() -> Select[Revision]:
    """A text whose earlier signers are not all asked, of a letter that can be signed."""
    at = now()
    return (
        select(Revision)
        .join(Letter, Letter.id == Revision.letter_id)
        .where(
            Revision.asked_to.is_not(None),
            Letter.published_at.is_not(None),
            Letter.withdrawn_at.is_(None),
            or_(Letter.closes_at.is_(None), Letter.closes_at > at),
        )
        .order_by(Revision.id)
        .limit(1)
    )


def _any_unfinished() -> bool:
    """Looked at each second, on every site: a look, and no place in the queue of writers."""
    found = db.session.scalar(select(_unfinished().exists()))
    db.session.rollback()
    return bool(found)


def _next(revision: Revision, asked_to: int) -> Select[int, bytes]:
    earlier = signatures.under_earlier(revision, revision.edition, asked_to)
    return earlier.order_by(Signature.id).limit(BATCH)


def sign_new(signature_id: int, number: int, visitor: str | None) -> Confirmed:
    """Put a standing signature under the newest text in its language. Twice changes nothing.

    Args:
        number: of the text that the signer was shown.

    Raises:
        NotFound: the signature is gone, or does not stand.
        DecisionConflict: another text is in force than the one that was shown.
        LetterClosed: too late.
        TooOften: this network presses too many buttons.
    """
    limits.check("confirm", limits.CONFIRM, visitor)
    with writing(db.session):
        signature = locked(signature_id)
        if signature.state not in STANDING:
            raise NotFound
        if too_late(signature):
            raise LetterClosed
        newest = revisions.in_force_beside(signature.revision_id)
        if newest.number != number:
            raise DecisionConflict
        db.session.execute(
            update(Signature)
            .where(Signature.id == signature.id, Signature.revision_id != newest.id)
            .values(
                revision_id=newest.id,
                consented_at=now(),
                consents=consents.recorded(signature, {Consent.SIGN: True}, newest.number),
            )
            .execution_options(synchronize_session=False)
        )
    caching.recent.forget(signature.slug)
    return Confirmed(signature.id, signature.slug, signature.lang)
