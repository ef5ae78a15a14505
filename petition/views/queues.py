"""The three pages of moderation: what waits, what is set aside, what is reported."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from flask import Response, request
from flask_login import current_user

from petition import public, signals
from petition.actions import roles
from petition.actions.roles import Role
from petition.clock import now
from petition.forms.decision import CAUSES, NetworkForm, RejectForm, VerifyForm
from petition.queries import (
    corrections,
    networks,
    reports,
    signatures,
    surroundings,
    tallies,
    verifications,
)
from petition.queries.letters import OwnLetter
from petition.queries.signatures import DecidedSignature
from petition.views import answers

NEWEST = 20
"""Published names shown in the panel."""
MOMENT = timedelta(minutes=1)
"""For how long a decision is repeated at the top of the page."""

OF_LATE = timedelta(days=1)
"""For how long the network of a signature can be allowed; then nobody can tell which it was."""


@dataclass(frozen=True)
class Told:
    """What a page says about something that could not be done."""

    status: int = 200
    problem: str = ""
    rejected: int | None = None
    """The signature that was to be rejected without a reason."""
    verified: int | None = None
    """The signature that was to be verified; `verify` says what is wrong."""
    verify: VerifyForm | None = None
    network: NetworkForm | None = None


NOTHING = Told()


def waiting(own: OwnLetter, told: Told = NOTHING, before: int | None = None) -> Response:
    """What waits for a decision, the newest names, and decisions that can be undone.

    Args:
        before: the decision before which the decisions shown end.
    """
    counts = tallies.of_letter(own.letter.id)
    held = signatures.held(own.letter.id)
    published = signatures.newest(own.letter.id, NEWEST)
    decided = signatures.decided(own.letter.id, before)
    return _page(
        "moderation/queue.html",
        own,
        told,
        [*held, *published],
        counts=counts,
        held=held,
        more=max(0, counts.held - len(held)),
        published=published,
        decided=decided.decisions,
        earlier=decided.earlier,
        before=before,
        just_done=_just_done(decided.decisions) if told is NOTHING and before is None else None,
    )


def aside(own: OwnLetter, told: Told = NOTHING) -> Response:
    """What is set aside, and the networks from which many may sign."""
    counts = tallies.of_letter(own.letter.id)
    shown = signatures.quarantined(own.letter.id)
    return _page(
        "moderation/quarantine.html",
        own,
        told,
        shown,
        counts=counts,
        aside=shown,
        more=max(0, counts.quarantined - len(shown)),
        allowed=networks.allowed(own.letter.id),
        of_late=lambda each: now() - each.created_at < OF_LATE,
        form=told.network or NetworkForm(formdata=None),
        visitor=request.remote_addr,
        just_done=_lately(own, told),
    )


def reported(own: OwnLetter, told: Told = NOTHING) -> Response:
    """What is reported, by the signature that it is about."""
    found = reports.unsettled(own.letter.id)
    by_signature = [list(each) for _, each in groupby(found, lambda each: each.signature.id)]
    return _page(
        "moderation/reports.html",
        own,
        told,
        [each[0].signature for each in by_signature],
        counts=tallies.of_letter(own.letter.id),
        reported=by_signature,
        causes=CAUSES,
        just_done=_lately(own, told),
    )


PAGES: dict[str, Callable[[OwnLetter, Told], Response]] = {
    "queue": waiting,
    "quarantine": aside,
    "reports": reported,
}
"""By the name that the forms of a page send along, to be led back to it."""


def _page(
    template: str,
    own: OwnLetter,
    told: Told,
    shown: Iterable[Any],
    *,
    counts: Any,
    **context: Any,
) -> Response:
    rows = list(shown)
    beside = surroundings.beside(own.letter.id, rows)
    letter = public.letter(own.letter, own.revision, counts)
    return answers.page(
        template,
        status=told.status,
        letter=letter,
        said=lambda each: public.answers(each.answers, letter.asking.questions, letter.language),
        noticed=lambda each: signals.told(each, beside[each.id]),
        notable=signals.is_notable,
        verified=verifications.in_force(each.id for each in rows),
        corrected=corrections.of(each.id for each in rows),
        replaced=lambda correction: public.replaced(correction.before, letter),
        counts=counts,
        reports=reports.how_many_unsettled([own.letter.id])[own.letter.id],
        role=own.role,
        may_decide=roles.may(own.role, Role.MODERATOR),
        reject=RejectForm(formdata=None),
        verify=VerifyForm(formdata=None),
        told=told,
        **context,
    )


def _lately(own: OwnLetter, told: Told) -> DecidedSignature | None:
    return _just_done(signatures.decided(own.letter.id).decisions) if told is NOTHING else None


def _just_done(decided: list[DecidedSignature]) -> DecidedSignature | None:
    """What this organizer decided a moment ago, read from the record of decisions."""
    newest = next((d for d in decided if d.organizer.id == current_user.organizer_id), None)
    if newest is None or now() - newest.decision.created_at > MOMENT:
        return None
    return newest
    if own.letter.anonymous_at is not None:
        return _over(own, told, counts)
def _over(own: OwnLetter, told: Told, counts: Any) -> Response:
    """Every page, once the signatures are anonymous: the final numbers."""
    return answers.page(
        "moderation/over.html",
        status=told.status,
        letter=public.letter(own.letter, own.revision, counts),
        counts=counts,
        role=own.role,
        told=told,
    )


