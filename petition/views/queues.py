"""The pages of moderation: the queue with its tabs, and one signature by itself."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from babel.dates import format_timedelta
from flask import Response, request
from flask_babel import format_decimal, get_locale
from flask_login import current_user

from petition import address, countries, numerals, public, reasons, signals
from petition.actions import roles
from petition.actions.roles import Role
from petition.clock import now
from petition.exceptions import FilterInvalid
from petition.forms.decision import CAUSES, NetworkForm, RejectForm, VerifyForm
from petition.forms.queue import PROBLEMS, FilterForm
from petition.languages import autonym
from petition.queries import (
    alike,
    bursts,
    corrections,
    decisions,
    histories,
    networks,
    notes,
    queue,
    reports,
    revisions,
    surroundings,
    switches,
    tallies,
    teams,
    verifications,
)
from petition.queries import shown as seen
from petition.queries.filters import Filter
from petition.queries.letters import OwnLetter
from petition.queries.queue import Tab
from petition.views import answers, chips, spots
from petition.views.spots import Spot

OF_LATE = timedelta(days=1)
"""For how long the network of a signature can be allowed; then nobody can tell which it was."""
_SWEPT = {Tab.WAITING: "held", Tab.ASIDE: "quarantined", Tab.ALL: None}
"""The tabs of which all that match can be decided about at once, and the state they are of."""
_NOWHERE = Spot()


@dataclass(frozen=True)
class Told:
    """What a page says about something that could not be done."""

    status: int = 200
    problem: str = ""
    rejected: int | None = None
    """The signature for which a reason to reject it is to be chosen."""
    verified: int | None = None
    """The signature that was to be verified; `verify` says what is wrong."""
    verify: VerifyForm | None = None
    network: NetworkForm | None = None
    searched: str = ""
    """What was looked for and is not understood."""


NOTHING = Told()


def show(own: OwnLetter, told: Told = NOTHING, spot: Spot | None = None) -> Response:
    """Where the organizer is: a page of a tab, or the page of one signature."""
    spot = spot or spots.here()
    if spot.signature is not None:
        return one(own, spot.signature, told)
    counts = tallies.of_letter(own.letter.id)
    looked = seen.look(own.letter.id, _swept(spot))
    found = queue.Page([])
    if not (spot.wrong or told.searched or queue.is_empty(counts, spot.tab, spot.wanted)):
        found = queue.page(own.letter.id, spot.tab, spot.wanted, spot.after)
    colleagues = teams.colleagues(own.letter.team_id)
    called = {each.id: each.name or each.email for each in colleagues}
    further = replace(spot, after=found.after).address(own.letter.slug) if found.after else None
    context = _aside(own, told, found.signatures) if spot.tab is Tab.ASIDE else {}
    return _page(
        "moderation/queue.html",
        own,
        told,
        spot,
        found.signatures,
        counts=counts,
        colleagues=colleagues,
        reported=found.reported,
        switched=switches.on(own.letter),
        bursts=bursts.running(own.letter.id),
        shown=looked,
        sweepable=spot.tab in _SWEPT and bool(found.signatures),
        further=further,
        looked_to=found.looked_to,
        number=_at_most(found.number),
        form=_filter_form(own, spot, called),
        chips=chips.of(spot, own.letter.slug, own.reasons, called),
        first=spot.first().address(own.letter.slug) if spot.after else None,
        searched=told.searched or spot.wanted.text,
        meant=None if found.signatures else _meant(spot),
        in_all=None if found.signatures else _in_all(own, spot),
        not_found=PROBLEMS["q"] if told.searched or "q" in spot.wrong else "",
        **context,
    )


def _at_most(number: int | None) -> str:
    """A number that is counted no further than to one more, as it is written."""
    if number is None:
        return ""
    return f"{format_decimal(min(number, queue.MOST))}{'+' if number > queue.MOST else ''}"


def _swept(spot: Spot) -> dict[str, str]:
    """What all have in common that the tab shows, as a decision about many takes it."""
    state = _SWEPT.get(spot.tab)
    return spot.wanted.address() | ({"state": state} if state else {})


def _meant(spot: Spot) -> Spot | None:
    """With the domain, where a lone word was looked for that looks like one."""
    typed = spot.wanted.text
    if "." not in typed or " " in typed:
        return None
    try:
        domain = Filter.read({"domain": typed}).domain
    except FilterInvalid:
        return None
    return replace(spot.first(), wanted=replace(spot.wanted, text="", domain=domain))


def _in_all(own: OwnLetter, spot: Spot) -> "Heading | None":
    """What of all signatures fits, where another tab has nothing of it."""
    if not spot.wanted or spot.tab is Tab.ALL or spot.wrong or spot.after:
        return None
    everywhere = replace(spot, tab=Tab.ALL)
    found = queue.page(own.letter.id, Tab.ALL, spot.wanted)
    if not found.signatures:
        return None
    number = _at_most(found.number) or f"{format_decimal(len(found.signatures))}+"
    return Heading(Tab.ALL.value, number, everywhere.address(own.letter.slug))


def _filter_form(own: OwnLetter, spot: Spot, called: dict[int, str]) -> FilterForm:
    typed = {name: request.values[name] for name in spot.wrong if name in request.values}
    return FilterForm(
        spot.wanted.address() | typed,
        spot.wrong,
        team_reasons=own.reasons,
        languages={each: autonym(each) for each in own.letter.languages},
        colleagues={str(number): name for number, name in called.items()},
    )


def _aside(own: OwnLetter, told: Told, shown: list[Any]) -> dict[str, Any]:
    """What stands beside what is set aside: the networks from which many may sign."""
    stood = decisions.set_aside(each.id for each in shown)
    return {
        "allowed": networks.allowed(own.letter.id),
        "of_late": lambda each: now() - each.created_at < OF_LATE,
        "stood": stood,
        "how_many_stood": Counter(each.from_state for each in stood.values()),
        "from_there": networks.set_aside(own.letter.id, (each.network for each in shown)),
        "network_form": told.network or NetworkForm(formdata=None),
        "visitor": request.remote_addr,
    }


def one(
    own: OwnLetter, signature_id: int, told: Told = NOTHING, whole_address: str = ""
) -> Response:
    """One signature by itself, open.

    Args:
        whole_address: its e-mail address, for who asked for it.
    """
    signature = queue.one(own.letter.id, signature_id)
    return _page(
        "moderation/one.html",
        own,
        told,
        Spot(tab=Tab.ALL, signature=signature_id),
        [signature],
        counts=tallies.of_letter(own.letter.id),
        colleagues=teams.colleagues(own.letter.team_id),
        signature=signature,
        whole_address=whole_address,
    )


def where() -> dict[str, Any]:
    """Where the organizer is; forms send it along, beside the name of the page."""
    return spots.here().along()


def _page(
    template: str,
    own: OwnLetter,
    told: Told,
    spot: Spot,
    listed: Iterable[Any],
    *,
    counts: Any,
    reported: Any = None,
    **context: Any,
) -> Response:
    if own.letter.anonymous_at is not None:
        return _over(own, told, counts)
    rows = list(listed)
    ids = [each.id for each in rows]
    beside = surroundings.beside(own.letter.id, rows)
    like = alike.to(own.letter.id, rows)
    status = told.status if not spot.wrong else 422
    framed = frame(own, _section(spot), counts, spot)
    letter = framed["letter"]
    return answers.page(
        template,
        status=status,
        rows=rows,
        place=spot.at,
        where=spot.along(),
        spot=spot,
        said=lambda each: public.answers(each.answers, letter.asking.questions, letter.language),
        country=lambda each: countries.name(each.country, "en") if each.country else "",
        noticed=lambda each: signals.told(each, beside[each.id]),
        signs=lambda each: signals.words(each, beside[each.id], like[each.id].network),
        notable=signals.is_notable,
        verified=verifications.in_force(ids),
        corrected=corrections.of(ids),
        replaced=lambda correction: public.replaced(correction.before, letter),
        histories=histories.of(rows),
        alike=like,
        comments=alike.comments(own.letter.id, rows),
        beside=beside,
        notes=notes.of(ids),
        said_of=reports.about(ids) if reported is None else {},
        reported=reported or {},
        causes=CAUSES,
        counts=counts,
        may_decide=roles.may(own.role, Role.MODERATOR),
        may_look=roles.may(own.role, Role.OWNER),
        masked=address.masked,
        hexed=numerals.hexed,
        texts=revisions.numbers(own.letter.id),
        age=lambda since: _age(since, own.letter.promise_hours),
        reject=RejectForm(own.reasons, formdata=None),
        called=lambda code: reasons.name(code, own.reasons),
        verify=VerifyForm(formdata=None),
        told=told,
        made_at=now(),
        **framed,
        **context,
    )


def frame(
    own: OwnLetter, section: str, counts: Any = None, spot: Spot = _NOWHERE
) -> dict[str, Any]:
    """What every page of moderation needs for its head, and for the ways to the others.

    Args:
        section: the endpoint of the page, or the name of its tab.
        counts: the numbers of the letter, where they are known already.
    """
    counts = counts or tallies.of_letter(own.letter.id)
    organizer = current_user.organizer_id
    gone = own.letter.anonymous_at is not None
    return {
        "letter": public.letter(own.letter, own.revision, counts),
        "role": own.role,
        "section": section,
        "promise": own.letter.promise_hours,
        "headings": [] if gone else _headings(own, spot, counts),
        "handed": notes.how_many_handed([own.letter.id], organizer)[own.letter.id],
        "looked_for": spot.wanted.address(),
        "may_record": roles.may(own.role, Role.MODERATOR),
    }


def _section(spot: Spot) -> str:
    """The tab that a page stands in; what was handed to oneself has one of its own."""
    mine = spot.wanted.assignee == current_user.organizer_id
    return "handed" if mine and spot.tab is Tab.ALL else spot.at


@dataclass(frozen=True)
class Heading:
    """A tab, its number where there is one, and its address with what is looked for."""

    name: str
    number: str
    address: str


def _headings(own: OwnLetter, spot: Spot, counts: Any) -> list[Heading]:
    kept = replace(spot.wanted, state=None)
    return [
        Heading(tab.value, number, Spot(tab, kept).address(own.letter.slug))
        for tab, number in numbers(own, counts).items()
    ]


def numbers(own: OwnLetter, counts: Any) -> dict[Tab, str]:
    """How many stand in each tab, as it is written there; empty, where nobody counts."""
    reported = reports.some(own.letter.id, queue.MOST)
    return {
        Tab.WAITING: format_decimal(counts.held),
        Tab.REPORTED: _at_most(reported),
        Tab.ASIDE: format_decimal(counts.quarantined),
        Tab.RECENT: "",
        Tab.ALL: format_decimal(sum(vars(counts).values())),
    }


@dataclass(frozen=True)
class Age:
    """How long something waits already, and how that is to what was promised."""

    words: str
    pace: str
    """`young`, `half` when half of the time is over, `late` when all of it is."""


def _age(since: Any, promised: int) -> Age:
    waited = now() - since
    pace = "late" if waited > timedelta(hours=promised) else "half"
    young = waited <= timedelta(hours=promised) / 2
    return Age(format_timedelta(waited, locale=get_locale()), "young" if young else pace)


def _over(own: OwnLetter, told: Told, counts: Any) -> Response:
    """Every page, once the signatures are anonymous: the final numbers."""
    return answers.page(
        "moderation/over.html",
        status=told.status,
        counts=counts,
        told=told,
        **frame(own, Tab.WAITING.value, counts),
    )
