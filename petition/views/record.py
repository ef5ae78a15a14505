"""The record: who did what to whom when."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition import deeds, reasons, spreadsheet
from petition.actions.record import note_export
from petition.actions.roles import Role, must
from petition.clock import now
from petition.forms.record import RecordForm
from petition.queries import record, teams
from petition.queries.letters import OwnLetter
from petition.queries.record import Deed, Mentioned, Scope, Wanted
from petition.queries.teams import OwnTeam
from petition.views import answers, queues
from petition.views.own_letter import own_letter
from petition.views.proof import proof_needed
from petition.views.spots import number

bp = Blueprint("record", __name__, url_prefix="/organize")

_COLUMNS = ("number", "at", "by", "action", "what", "letter", "signature")


@bp.get("/letters/<slug:slug>/record")
@login_required
def of_letter(slug: str) -> Response:
    """What was done about a letter."""
    own = own_letter(slug, Role.MODERATOR)
    return _of_letter(own, _form(own.letter.team_id))


@bp.get("/teams/<number:team_id>/record")
@login_required
def of_team(team_id: int) -> Response:
    """What was done in a team, and about all of its letters."""
    return _of_team(_owned(team_id), _form(team_id))


@bp.post("/letters/<slug:slug>/record.<any(csv, jsonl):written>")
@login_required
@proof_needed
def export_of_letter(slug: str, written: str) -> Response:
    """The record of a letter as a file; of what is not understood, none."""
    own = own_letter(slug, Role.EDITOR)
    form = _form(own.letter.team_id)
    if not form.validate():
        return _of_letter(own, form)
    note_export("record", written, letter=own.letter)
    return _file(slug, written, Scope(letter_id=own.letter.id), form.wanted, own.reasons)


@bp.post("/teams/<number:team_id>/record.<any(csv, jsonl):written>")
@login_required
@proof_needed
def export_of_team(team_id: int, written: str) -> Response:
    """The record of a team as a file; of what is not understood, none."""
    own = _owned(team_id)
    form = _form(team_id)
    if not form.validate():
        return _of_team(own, form)
    note_export("record", written, team_id=team_id)
    scope = Scope(team_id=team_id)
    return _file(f"team-{team_id}", written, scope, form.wanted, own.team.reasons or [])


def _owned(team_id: int) -> OwnTeam:
    own = teams.own(current_user.organizer_id, team_id)
    must(own.role, Role.OWNER)
    return own


def _form(team_id: int) -> RecordForm:
    members = [(each.id, each.email) for each in record.members(team_id)]
    return RecordForm.asking(request.args, members)


def _of_letter(own: OwnLetter, form: RecordForm) -> Response:
    return _page(
        "record/letter.html",
        Scope(letter_id=own.letter.id),
        form,
        own.reasons,
        **queues.frame(own, "record.of_letter"),
        here=partial(url_for, ".of_letter", slug=own.letter.slug),
    )


def _of_team(own: OwnTeam, form: RecordForm) -> Response:
    here = partial(url_for, ".of_team", team_id=own.team.id)
    kept = own.team.reasons or []
    scope = Scope(team_id=own.team.id)
    return _page("record/team.html", scope, form, kept, team=own.team, here=here)


def _page(
    template: str, scope: Scope, form: RecordForm, kept: reasons.Kept, **context: Any
) -> Response:
    valid = form.validate()
    wanted = form.wanted if valid else Wanted()
    before = number(request.args.get("before"))
    page = record.page(scope, wanted, before)
    people = record.mentioned(page.deeds)
    asked = {name: value for name, value in request.args.items() if name != "before" and value}
    return answers.page(
        template,
        status=200 if valid else 422,
        form=form,
        deeds=page.deeds,
        told=lambda deed: _told(deed, people, kept),
        sweep=lambda deed: deeds.sweep(deed.entry.about or {}),
        asked=asked,
        before=before,
        earlier=page.earlier,
        looked_to=page.looked_to,
        **context,
    )


def _told(deed: Deed, people: Mentioned, kept: reasons.Kept) -> str:
    about = dict(deed.entry.about or {})
    if about.get("reason"):
        about["reason"] = reasons.name(about["reason"], kept)
    for name, known in (("organizer", people.organizers), ("invitation", people.invited)):
        if name in about:
            about[name] = known.get(about[name], gettext("somebody who is gone"))
    return deeds.told(deed.entry.action, about)


def _file(name: str, written: str, scope: Scope, wanted: Wanted, kept: reasons.Kept) -> Response:
    if written == "csv":
        rows = (record_.values() for record_ in _records(scope, wanted, kept))
        pieces = spreadsheet.as_csv(_COLUMNS, rows)
    else:
        pieces = spreadsheet.as_json_lines(_records(scope, wanted, kept))
    return answers.file(f"{name}-record-{now():%Y-%m-%d}.{written}", pieces)


def _of_sweep(deed: Deed) -> str:
    said = deeds.sweep(deed.entry.about or {})
    return f"({said})" if said else ""


def _records(scope: Scope, wanted: Wanted, kept: reasons.Kept) -> Iterator[dict[str, Any]]:
    for batch in record.in_batches(scope, wanted):
        people = record.mentioned(batch)
        for deed in batch:
            entry = deed.entry
            yield {
                "number": entry.id,
                "at": entry.created_at.isoformat(timespec="seconds"),
                "by": deed.by,
                "action": entry.action,
                "what": " ".join(filter(None, [_told(deed, people, kept), _of_sweep(deed)])),
                "letter": deed.slug,
                "signature": entry.signature_id,
            }
