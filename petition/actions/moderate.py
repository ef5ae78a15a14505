"""An organizer decides about a signature, and may think again."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from petition import caching
from petition.actions import settle as settling
from petition.actions import telling
from petition.actions.move import Locked, locked, move
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import writing
from petition.exceptions import DecisionConflict, NotFound, NotVerified
from petition.extensions import db
from petition.models import (
    Actor,
    Cause,
    Decision,
    Letter,
    Report,
    Role,
    Signal,
    State,
    is_held,
    is_undoable,
    is_unsure,
)
from petition.queries import decisions

UNDECIDED = {State.HELD, State.QUARANTINED, State.PUBLISHED}
"""What can be rejected: what waits, what is set aside, and what stands in public."""


def publish(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    seen: str = State.HELD,
) -> Locked:
    """Publish a signature that is held or set aside.

    Args:
        seen: the state in which the organizer was shown it.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it is not in that state any more, or its signer took their words back.
        NotVerified: it has a notable name, and nobody has noted how they made sure of it.
    """
    if seen == State.PUBLISHED:
        raise DecisionConflict
    return _decide(letter, role, organizer_id, signature_id, seen, State.PUBLISHED, None)


def hold(letter: Letter, role: str, organizer_id: int, signature_id: int) -> Locked:
    """Hold a signature that is set aside: it is said to be checked, and waits for a decision.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it is not set aside any more, or its signer took their words back.
    """
    aside = State.QUARANTINED
    return _decide(letter, role, organizer_id, signature_id, aside, State.HELD, None)


class Standing(Protocol):
    """A signature that stands somewhere, with what its letter has to say about that."""

    @property
    def signals(self) -> int: ...
    @property
    def verified_at(self) -> datetime | None: ...
    @property
    def moderation(self) -> str: ...
    @property
    def hold(self) -> int: ...


def stood(signature: Standing) -> State:
    """Where a signature would be, had it not been set aside or rejected."""
    noticed = signature.signals & ~Signal.NETWORK  # for which it was set aside
    known = signature.verified_at is not None
    held = is_held(signature.moderation, signature.hold, noticed, known=known)
    return State.HELD if held else State.PUBLISHED


def reject(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    reason: str,
    seen: str = State.HELD,
    *,
    tells: bool = False,
) -> Locked:
    """Reject a signature that is held, set aside or published, with a reason.

    What was reported about it is settled by that.

    Args:
        reason: the code of one of the team's (`petition.reasons`).
        seen: the state in which the organizer was shown it. Whoever rejects what waits does not
            take down what somebody else has published meanwhile.
        tells: its signer gets a mail about it (`telling`).

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it is not in that state any more.
    """
    rejected = State.REJECTED
    return _decide(letter, role, organizer_id, signature_id, seen, rejected, reason, tells=tells)


def _decide(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    seen: str,
    to: State,
    reason: str | None,
    *,
    tells: bool = False,
) -> Locked:
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = of_letter(letter, signature_id)
        if seen not in UNDECIDED or signature.state != seen or not signature.name:
            raise DecisionConflict(signature.name)
        if is_unsure(signature, to):
            raise NotVerified(signature.name)
        at = move(
            signature,
            to,
            Actor.ORGANIZER,
            organizer_id=organizer_id,
            reason=reason,
            assignee_id=None,
        )
        record(
            Action.DECIDE,
            organizer_id=organizer_id,
            letter=letter,
            signature_id=signature.id,
            before=signature.state,
            after=to,
            reason=reason,
            **({"tells": True} if tells else {}),
        )
        if to is State.REJECTED:
            settling.settle([signature.id], at=at)
        if tells and reason is not None:
            telling.tell(letter, [signature.id], reason)
    caching.recent.forget(letter.slug)
    return signature


def settle(letter: Letter, role: str, report_id: int) -> None:
    """Leave a signature as it is, whatever was reported about it up to this report.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a report of this letter.
        DecisionConflict: it is settled already.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        report = _report(letter, report_id)
        signature = of_letter(letter, report.signature_id)
        if not settling.settle([signature.id], Report.id <= report.id, at=now()):
            raise DecisionConflict(signature.name)
        record(Action.REPORT_SETTLED, letter=letter, signature_id=signature.id)


def reopen(letter: Letter, role: str, report_id: int) -> None:
    """Take up a report again that was settled, with those that were settled by the same press.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a report of this letter.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        report = _report(letter, report_id)
        if report.settled_at is not None:
            signature = of_letter(letter, report.signature_id)
            settling.reopen([signature.id], Report.settled_at == report.settled_at)
            record(Action.REPORT_REOPENED, letter=letter, signature_id=report.signature_id)


def _report(letter: Letter, report_id: int) -> Report:
    report = db.session.get(Report, report_id, populate_existing=True)
    if report is None or report.letter_id != letter.id:
        raise NotFound
    return report


def undo(letter: Letter, role: str, organizer_id: int, decision_id: int) -> Locked:
    """Put a signature back to where a decision had taken it from; this is a decision too.

    What was reported about it, and was settled by that decision, waits again. A signer who knows
    that they were rejected is told that they stand again.

    Returns:
        The signature, in the state in which it is then.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a decision of this letter.
        DecisionConflict: something was decided since, it was itself an undoing, or the signer took
            their words back, which leaves nothing to put anywhere.
        NotVerified: it would be published, has a notable name, and nobody has made sure of it.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        decision = db.session.get(Decision, decision_id)
        if decision is None or decision.letter_id != letter.id:
            raise NotFound
        signature = of_letter(letter, decision.signature_id)
        latest = decisions.number(signature.id) == decision.id
        if not latest or not is_undoable(signature, decision):
            raise DecisionConflict(signature.name)
        if is_unsure(signature, decision.from_state):
            raise NotVerified(signature.name)
        again = [signature.id] if decision.from_state == State.REJECTED else []
        move(
            signature,
            State(decision.from_state),
            Actor.ORGANIZER,
            organizer_id=organizer_id,
            reason=decisions.rejected_for(again).get(signature.id),
            undoes_id=decision.id,
        )
        settling.reopen([signature.id], settling.by_decisions([decision.id]))
        if signature.state == State.REJECTED:
            telling.tell_standing([signature.id])
            settling.settle([signature.id], Report.cause == Cause.APPEAL, at=now())
        record(
            Action.UNDO,
            organizer_id=organizer_id,
            letter=letter,
            signature_id=signature.id,
            before=signature.state,
            after=decision.from_state,
        )
    caching.recent.forget(letter.slug)
    return replace(signature, state=decision.from_state)


def of_letter(letter: Letter, signature_id: int) -> Locked:
    """A letter's signature as it stands now, kept from everybody else; `NotFound`, if not its."""
    signature = locked(signature_id)
    if signature.letter_id != letter.id:
        raise NotFound
    return signature
