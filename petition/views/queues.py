"""The pages of moderation: what waits, is set aside, reported, noticed, and published."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, request

from petition import countries, public, reasons, signals
from petition.actions import roles
from petition.actions.roles import Role
from petition.clock import now
from petition.exceptions import NotFound
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
from petition.queries.reports import Place
from petition.views import answers
from petition.views.converters import LARGEST

NEWEST = 20
"""Published names shown in the panel."""
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
    )


def aside(own: OwnLetter, told: Told = NOTHING) -> Response:
    """What is set aside, and the networks from which many may sign."""
    counts = tallies.of_letter(own.letter.id)
    shown = signatures.quarantined(own.letter.id)
    stood = signatures.stood(each.id for each in shown)
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
        stood=stood,
        how_many_stood=Counter(each.from_state for each in stood.values()),
        from_there=networks.set_aside(own.letter.id, (each.network for each in shown)),
        form=told.network or NetworkForm(formdata=None),
        visitor=request.remote_addr,
    )


def reported(own: OwnLetter, told: Told = NOTHING) -> Response:
    """The signatures that are reported, each with what is said of it."""
    page = reports.unsettled(own.letter.id, _after(request.values.get("after")))
    return _page(
        "moderation/reports.html",
        own,
        told,
        [each.signature for each in page.reported],
        counts=tallies.of_letter(own.letter.id),
        reported=page.reported,
        further=page.more and f"{page.more.rank}-{page.more.oldest}",
        causes=CAUSES,
        where=where(),
    )


def noticed(own: OwnLetter, told: Told = NOTHING) -> Response:
    """What stands in public though something was noticed about it; of one signal, or of all."""
    code = request.values.get("signal")
    chosen = None if code is None else signals.by_code(code)
    return _counted(
        "moderation/noticed.html",
        own,
        told,
        signatures.noticed(own.letter.id, chosen),
        kinds={signal.code: words for signal, words in signals.NAMES.items()},
        chosen=code,
    )


def published(own: OwnLetter, told: Told = NOTHING) -> Response:
    """All that is published, names not shown among it."""
    return _counted("moderation/published.html", own, told, signatures.counted(own.letter.id))


def _counted(template: str, own: OwnLetter, told: Told, statement: Any, **context: Any) -> Response:
    page = signatures.counted_page(statement, number(request.values.get("before")))
    return _page(
        template,
        own,
        told,
        page.signatures,
        counts=tallies.of_letter(own.letter.id),
        listed=page.signatures,
        earlier=page.earlier,
        where=where(),
        **context,
    )


PAGES: dict[str, Callable[[OwnLetter, Told], Response]] = {
    "queue": waiting,
    "quarantine": aside,
    "reports": reported,
    "noticed": noticed,
    "published": published,
}
"""By the name that the forms of a page send along, to be led back to it."""


def where() -> dict[str, Any]:
    """Where on a long page the organizer is; its forms send that along too."""
    sent = request.values
    return {name: sent[name] for name in ("signal", "before", "after") if name in sent}


def number(value: str | None) -> int | None:
    """The number of a row, out of an address.

    Raises:
        NotFound: it is none.
    """
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value[:20]) <= LARGEST):
        raise NotFound
    return int(value)


def _after(value: str | None) -> Place | None:
    if value is None:
        return None
    found = re.fullmatch("([01])-([0-9]+)", value)
    oldest = number(found[2]) if found else None
    if found is None or oldest is None:
        raise NotFound
    return Place(int(found[1]), oldest)


def _page(
    template: str,
    own: OwnLetter,
    told: Told,
    shown: Iterable[Any],
    *,
    counts: Any,
    **context: Any,
) -> Response:
    if own.letter.anonymous_at is not None:
        return _over(own, told, counts)
    rows = list(shown)
    beside = surroundings.beside(own.letter.id, rows)
    letter = public.letter(own.letter, own.revision, counts)
    return answers.page(
        template,
        status=told.status,
        letter=letter,
        said=lambda each: public.answers(each.answers, letter.asking.questions, letter.language),
        country=lambda each: countries.name(each.country, "en") if each.country else "",
        noticed=lambda each: signals.told(each, beside[each.id]),
        flagged=signatures.how_many_noticed(own.letter.id),
        page_size=signatures.PAGE,
        notable=signals.is_notable,
        verified=verifications.in_force(each.id for each in rows),
        corrected=corrections.of(each.id for each in rows),
        replaced=lambda correction: public.replaced(correction.before, letter),
        counts=counts,
        reports=reports.how_many([own.letter.id])[own.letter.id],
        role=own.role,
        may_decide=roles.may(own.role, Role.MODERATOR),
        reject=RejectForm(own.reasons, formdata=None),
        called=lambda code: reasons.name(code, own.reasons),
        verify=VerifyForm(formdata=None),
        told=told,
        made_at=now(),
        **context,
    )


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
