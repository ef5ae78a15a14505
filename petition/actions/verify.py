"""An organizer notes how they made sure that a signature is of the person it names."""

from dataclasses import dataclass, replace

from sqlalchemy import update

from petition import caching
from petition.actions import moderate
from petition.actions.move import Locked, move
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import writing
from petition.exceptions import DecisionConflict
from petition.extensions import db
from petition.models import STANDING, Actor, Letter, Role, Signal, Signature, State, Verification


@dataclass(frozen=True)
class Who:
    """Who somebody says they are, and for whom they stand."""

    name: str
    role: str = ""
    affiliation: str = ""


def verify(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    who: Who,
    evidence: str,
    *,
    publish_from: str | None = None,
) -> Locked:
    """Note that a signature is verified, by whom, when and how. Noting it anew adds to the record.

    Args:
        who: that was made sure of. A signer may have changed what they say meanwhile.
        evidence: how, in the organizer's words; already tidied, and not empty.
        publish_from: the state in which the organizer was shown it, where they publish it by the
            same press.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it does not stand any more, not with these words, or not in that state.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = moderate.of_letter(letter, signature_id)
        said = Who(signature.name, signature.role, signature.affiliation)
        if signature.state not in STANDING or not said.name or said != who:
            raise DecisionConflict(signature.name)
        end(signature.id)
        db.session.add(
            Verification(signature_id=signature.id, organizer_id=organizer_id, evidence=evidence)
        )
        _note(signature.id, verified_at=now())
        record(Action.VERIFY, organizer_id=organizer_id, letter=letter, signature_id=signature.id)
        if publish_from is not None:
            moderate.publish(letter, role, organizer_id, signature.id, publish_from)
    caching.recent.forget(letter.slug)
    return signature


def take_back(letter: Letter, role: str, organizer_id: int, signature_id: int) -> Locked:
    """Say no longer that a signature is verified. A notable name that is published waits again.

    Returns:
        The signature, in the state in which it is then.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it is not verified any more.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = moderate.of_letter(letter, signature_id)
        if signature.verified_at is None:
            raise DecisionConflict(signature.name)
        end(signature.id)
        if signature.state == State.PUBLISHED and signature.signals & Signal.NOTABLE:
            move(signature, State.HELD, Actor.ORGANIZER, organizer_id=organizer_id)
            signature = replace(signature, state=State.HELD)
        record(
            Action.VERIFY_NO_MORE,
            organizer_id=organizer_id,
            letter=letter,
            signature_id=signature.id,
        )
    caching.recent.forget(letter.slug)
    return signature


def end(signature_id: int) -> None:
    """End a signature's verification, if it has one, inside the caller's transaction."""
    db.session.execute(
        update(Verification)
        .where(Verification.signature_id == signature_id, Verification.ended_at.is_(None))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )
    _note(signature_id, verified_at=None)


def _note(signature_id: int, **values: object) -> None:
    db.session.execute(
        update(Signature)
        .where(Signature.id == signature_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
