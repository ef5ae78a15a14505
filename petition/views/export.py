"""A letter's signatures, for its organizers to take along."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, request
from flask.globals import app_ctx
from flask_babel import force_locale
from flask_login import current_user, login_required

from petition import public, signals
from petition.actions import roles
from petition.actions.roles import Role
from petition.clock import now
from petition.forms.panel import PanelForm
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import exports, tallies
from petition.queries.exports import Signed
from petition.text import defused
from petition.views import answers
from petition.views.own_letter import own_letter
from petition.views.proof import proof_needed

bp = Blueprint("export", __name__, url_prefix="/organize")

log = structlog.get_logger()

_BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for something else."""
PIECE = 200
"""Signatures that are sent at once."""
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
_MIMETYPES = {"csv": "text/csv", "json": "application/json"}


@bp.get("/letters/<slug:slug>/export")
@login_required
def show(slug: str) -> Response:
    """What is in an export, and the buttons that make one."""
    own = own_letter(slug, Role.VIEWER)
    counts = tallies.of_letter(own.letter.id)
    return answers.page(
        "export/show.html",
        letter=public.letter(own.letter, own.revision, counts),
        role=own.role,
        counts=counts,
        may_export=roles.may(own.role, Role.EDITOR),
        may_have_addresses=roles.may(own.role, Role.OWNER),
        form=PanelForm(),
    )


@bp.post("/letters/<slug:slug>/export.<any(csv, json):format_>")
@login_required
@proof_needed
def make(slug: str, format_: str) -> Response:
    """All confirmed signatures as a file; addresses only for owners who say so, and only of
    signers who want to hear more."""
    addresses = "addresses" in request.form
    own = own_letter(slug, Role.OWNER if addresses else Role.EDITOR)
    letter = public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id))
    records = (
        _record(each, letter, addresses)
        for batch in exports.confirmed(own.letter.id)
        for each in batch
    )
    if format_ == "json":
        pieces = _json(records)
    else:
        pieces = _csv(records, letter, addresses=addresses, bom="bom" in request.form)
    log.info(
        "export.made",
        letter=own.letter.id,
        organizer=current_user.organizer_id,
        format=format_,
        addresses=addresses,
    )
    response = Response(_outside(letter.language, pieces), mimetype=_MIMETYPES[format_])
    name = f"{letter.slug}-{now():%Y-%m-%d}.{format_}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _outside(language: str, pieces: Iterable[str]) -> Iterator[str]:
    """Made while it is sent, when the request is over; the words are those of a language."""
    app = app_ctx.app

    def send() -> Iterator[str]:
        with app.app_context(), force_locale(closest(language)):
            yield from pieces

    return send()


def _record(signed: Signed, letter: PublicLetter, addresses: bool) -> dict[str, Any]:
    """One signature in plain values; times in UTC (ISO 8601)."""
    signature = signed.signature
    record: dict[str, Any] = {
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
        "reason": signed.reason,
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
        record["email"] = signature.email if signature.updates else None
    if not signed.confirmed:
        record = {name: record[name] if name in _OF_WITHDRAWN else None for name in record}
    record["answers"] = _answers(signature.answers if signed.confirmed else None, letter)
    return record


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


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _csv(
    records: Iterable[dict[str, Any]], letter: PublicLetter, *, addresses: bool, bom: bool
) -> Iterator[str]:
    """RFC 4180, every cell quoted, none of which a spreadsheet calculates."""
    if bom:
        yield _BOM
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    questions = [question.label(letter.language) for question in letter.asking.questions]
    columns = [*_COLUMNS, *(["email"] if addresses else []), *questions]
    writer.writerow(defused(column) for column in columns)
    for number, record in enumerate(records, 1):
        answered = [each["answer"] for each in record.pop("answers")]
        writer.writerow(defused(_cell(value)) for value in (*record.values(), *answered))
        if number % PIECE == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _emptied(buffer: io.StringIO) -> str:
    written = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return written


def _json(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One array, one signature a line; of the questions, by their keys, those that it answers."""
    before = "["
    for record in records:
        answered = {each.pop("key"): each for each in record["answers"] if each["answer"]}
        yield f"{before}\n{json.dumps(record | {'answers': answered}, ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"
