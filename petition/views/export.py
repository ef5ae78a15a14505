"""A letter's signatures, for its organizers to take along: to hand over, to work with, to prove.

Each export is of one instant, which its file is named by beside the count that everybody saw then.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import force_locale, gettext
from flask_login import login_required

from petition import public, signals, spreadsheet
from petition.actions import record, roles
from petition.actions.roles import Role
from petition.exceptions import FilterInvalid
from petition.forms.panel import PanelForm
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import exports, revisions, tallies
from petition.queries.exports import Decided, Instant, Signed
from petition.queries.filters import Filter
from petition.queries.letters import OwnLetter
from petition.queries.queue import Tab
from petition.views import ahead, answers, delivery, queues
from petition.views.own_letter import own_letter
from petition.views.proof import proof_needed
from petition.views.spots import Spot

bp = Blueprint("export", __name__, url_prefix="/organize/letters/<slug:slug>/export")

_COLUMNS = (
    "number",
    "name",
    "role",
    "affiliation",
    "location",
    "country",
    "comment",
    "shown_as",
    "name_shown",
    "to_addressee",
    "state",
    "reason",
    "rejected_at",
    "verified",
    "signals",
    "first",
    "language",
    "revision",
    "edition",
    "signed_at",
    "confirmed_at",
    "published_at",
    "wants_news",
    "invented",
)
_OF_WITHDRAWN = {"number", "state", "signed_at", "confirmed_at", "published_at"}
"""The columns that say something of a signature that was taken back."""
_OF_DECISIONS = ("number", "at", "by", "signature", "from", "to", "reason", "sweep", "undoes")


@bp.get("")
@login_required
def show(slug: str) -> Response:
    """What can be exported, the buttons that do it, and who did last."""
    return _page(own_letter(slug, Role.VIEWER), Filter.read(request.args))


@bp.errorhandler(FilterInvalid)
def not_understood(_error: FilterInvalid) -> Response:
    """What was looked for cannot be understood: rather than too much, nothing is exported."""
    own = own_letter((request.view_args or {})["slug"], Role.VIEWER)
    problem = gettext("What was looked for in the queue is not understood. Here is all of it.")
    return _page(own, Filter(), problem, 422)


def _page(own: OwnLetter, wanted: Filter, problem: str = "", status: int = 200) -> Response:
    counts = tallies.of_letter(own.letter.id)
    return answers.page(
        "export/show.html",
        status=status,
        **queues.frame(own, "export.show", counts, Spot(Tab.ALL, wanted)),
        counts=counts,
        may_deliver=roles.may(own.role, Role.EDITOR),
        may_export=roles.may(own.role, Role.MODERATOR),
        may_have_addresses=roles.may(own.role, Role.OWNER),
        wanted=wanted.address(),
        latest=exports.latest(own.letter.id),
        problem=problem,
        form=PanelForm(),
    )


@bp.post("/delivery.<any(csv, html):written>")
@login_required
@proof_needed
def deliver(slug: str, written: str) -> Response:
    """The letter with its names, to be handed over: as a table, or as a page to print."""
    own = _in_wanted_language(own_letter(slug, Role.EDITOR))
    bom = "bom" in request.form

    def pieces(instant: Instant, _letter: PublicLetter) -> Iterable[str]:
        it = delivery.of(own, instant)
        return delivery.printable(it) if written == "html" else delivery.table(it, bom=bom)

    return _send(own, "delivery", written, pieces)


def _in_wanted_language(own: OwnLetter) -> OwnLetter:
    """The letter with its text in the language that the form asks for, or in its own."""
    lang = request.form.get("lang")
    text = revisions.newest(own.letter.id, lang) if lang in own.letter.languages else None
    return replace(own, revision=text) if text else own


@bp.post("/work.<any(csv, jsonl):written>")
@login_required
@proof_needed
def work(slug: str, written: str) -> Response:
    """All confirmed signatures, or those that were looked for in the queue; addresses only for
    owners who say so, and only of signers who want to hear more."""
    addresses, bom = "addresses" in request.form, "bom" in request.form
    own = own_letter(slug, Role.OWNER if addresses else Role.MODERATOR)
    wanted = Filter.read(request.form)

    def pieces(instant: Instant, letter: PublicLetter) -> Iterable[str]:
        records = (
            _record(each, letter, addresses)
            for batch in exports.confirmed(instant.letter.id, wanted)
            for each in batch
        )
        if written == "jsonl":
            return spreadsheet.as_json_lines(map(_with_answers_by_key, records))
        questions = [each.label(letter.language) for each in letter.asking.questions]
        columns = [*_COLUMNS, *(["email"] if addresses else []), *questions]
        return spreadsheet.as_csv(columns, map(_flat, records), bom=bom)

    kind = "selection" if wanted else "work"
    return _send(own, kind, written, pieces, addresses=addresses)


@bp.post("/decisions.<any(csv, jsonl):written>")
@login_required
@proof_needed
def decisions(slug: str, written: str) -> Response:
    """All that organizers decided about signatures."""
    own = own_letter(slug, Role.MODERATOR)
    bom = "bom" in request.form

    def pieces(instant: Instant, _letter: PublicLetter) -> Iterable[str]:
        decided = (
            _decided(each) for batch in exports.decisions(instant.letter.id) for each in batch
        )
        if written == "jsonl":
            return spreadsheet.as_json_lines(decided)
        rows = (each.values() for each in decided)
        return spreadsheet.as_csv(_OF_DECISIONS, rows, bom=bom)

    return _send(own, "decisions", written, pieces)


@dataclass(frozen=True)
class Head:
    """What is known of an export before anything of it leaves."""

    at: datetime
    letter: PublicLetter

    def name(self, kind: str, written: str) -> str:
        """What the file is called: which letter, what of it, when, and the count at that moment."""
        parts = [self.letter.slug, kind, f"{self.at:%Y%m%dT%H%M%SZ}", f"count-{self.letter.count}"]
        if self.letter.paper:
            parts.append(f"paper-{self.letter.paper}")
        return f"{'-'.join(parts)}.{written}"


def _send(
    own: OwnLetter,
    kind: str,
    written: str,
    pieces: Callable[[Instant, PublicLetter], Iterable[str]],
    **about: Any,
) -> Response:
    """Read a letter at one instant, note who takes it along, and let it leave."""

    @contextmanager
    def begin() -> Iterator[tuple[Head, Iterable[str]]]:
        with exports.at_one_instant(own.letter.id) as instant:
            letter = public.letter(instant.letter, own.revision, instant.counts)
            with force_locale(closest(letter.language)):
                yield Head(instant.at, letter), pieces(instant, letter)

    head, made = ahead.made(begin)
    try:
        record.note_export(kind, written, letter=own.letter, number=head.letter.count, **about)
    except BaseException:
        made.close()
        raise
    if written == "html":
        return Response(made, mimetype="text/html")
    return answers.to_keep(head.name(kind, written), made)


def _record(signed: Signed, letter: PublicLetter, addresses: bool) -> dict[str, Any]:
    """One signature in plain values; times in UTC (ISO 8601)."""
    signature = signed.signature
    row: dict[str, Any] = {
        "number": signature.id,
        "name": signature.name,
        "role": signature.role,
        "affiliation": signature.affiliation,
        "location": signature.location,
        "country": signature.country,
        "comment": signature.comment,
        "shown_as": public.shown_as(signature, letter) if signed.public else "",
        "name_shown": signature.show_name,
        "to_addressee": signature.pass_on,
        "state": signature.state,
        "reason": signature.removed_for,
        "rejected_at": _moment(signature.removed_at),
        "verified": _moment(signature.verified_at),
        "signals": signals.codes(signature),
        "first": signature.position,
        "language": signature.language,
        "revision": signed.revision,
        "edition": signed.edition,
        "signed_at": _moment(signature.created_at),
        "confirmed_at": _moment(signature.confirmed_at),
        "published_at": _moment(signature.published_at),
        "wants_news": signature.updates,
        "invented": signature.invented,
    }
    if addresses:
        row["email"] = signature.email if signature.updates else None
    if not signed.confirmed:
        row = {name: row[name] if name in _OF_WITHDRAWN else None for name in row}
    row["answers"] = _answers(signature.answers if signed.confirmed else None, letter)
    return row


def _answers(kept: dict[str, Any] | None, letter: PublicLetter) -> list[dict[str, str]]:
    """Of each of the letter's questions, in their order, what was answered."""
    return [
        {
            "key": question.key,
            "question": question.label(letter.language),
            "answer": "".join(
                answer.words for answer in public.answers(kept, [question], letter.language)
            ),
        }
        for question in letter.asking.questions
    ]


def _flat(row: dict[str, Any]) -> list[Any]:
    """For a table: a cell for each question."""
    answered = [each["answer"] for each in row.pop("answers")]
    return [*row.values(), *answered]


def _with_answers_by_key(row: dict[str, Any]) -> dict[str, Any]:
    """Of the questions, by their keys, those that are answered."""
    answered = {each.pop("key"): each for each in row["answers"] if each["answer"]}
    return row | {"answers": answered}


def _decided(decided: Decided) -> dict[str, Any]:
    """One decision in plain values; times in UTC (ISO 8601)."""
    decision = decided.decision
    return {
        "number": decision.id,
        "at": _moment(decision.created_at),
        "by": decided.by,
        "signature": decision.signature_id,
        "from": decision.from_state,
        "to": decision.to_state,
        "reason": decision.reason,
        "sweep": decision.sweep_id,
        "undoes": decision.undoes_id,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
