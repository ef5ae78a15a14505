"""What a team writes about a signature for itself, and to whom it hands it."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import notes, roles
from petition.actions.roles import Role
from petition.exceptions import DecisionConflict
from petition.forms.note import HandOverForm, NoteForm
from petition.forms.panel import PanelForm
from petition.queries import queue, teams
from petition.queries.letters import OwnLetter
from petition.views import answers, done, moderation, queues
from petition.views.own_letter import own_letter

bp = Blueprint("notes", __name__, url_prefix="/organize/letters/<slug:slug>/signatures")
bp.register_error_handler(DecisionConflict, moderation.too_late)


@bp.post("/<number:signature_id>/notes")
@login_required
def write(slug: str, signature_id: int) -> Response:
    """Write a note about a signature."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = NoteForm()
    if not form.validate():
        named = queue.one(own.letter.id, signature_id).name
        return _again(own, gettext("A note about %(name)s", name=named), form)
    organizer = current_user.organizer_id
    noted = notes.write(own.letter, own.role, organizer, signature_id, form.words.data)
    done.tell(gettext("Noted about %(name)s.", name=noted.name))
    return moderation.back(slug, f"signature-{signature_id}")


@bp.post("/<number:signature_id>/hand-over")
@login_required
def hand_over(slug: str, signature_id: int) -> Response:
    """Ask a colleague to decide about a signature."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = HandOverForm()
    if not form.validate():
        named = queue.one(own.letter.id, signature_id).name
        return _again(own, gettext("To hand over %(name)s", name=named), form)
    organizer, to = current_user.organizer_id, form.organizer
    handed = notes.hand_over(
        own.letter, own.role, organizer, signature_id, to, form.words.data or ""
    )
    done.tell(
        gettext("%(name)s is handed over.", name=handed.name),
        undo=url_for(".take_back", slug=slug, signature_id=signature_id),
        label=gettext("Undo"),
        at=moderation.place(),
        **queues.where(),
    )
    return moderation.back(slug, f"signature-{signature_id}")


@bp.post("/<number:signature_id>/hand-back")
@login_required
def take_back(slug: str, signature_id: int) -> Response:
    """Leave a signature in nobody's hands again."""
    own = own_letter(slug)
    left = notes.take_back(own.letter, own.role, current_user.organizer_id, signature_id)
    done.tell(gettext("%(name)s is in nobody's hands now.", name=left.name))
    return moderation.back(slug, f"signature-{signature_id}")


def _again(own: OwnLetter, title: str, form: PanelForm) -> Response:
    """What was typed, and what is wrong with it, on a page of its own."""
    return answers.page(
        "moderation/write.html",
        status=422,
        **queues.frame(own, moderation.place()),
        title=title,
        form=form,
        colleagues=teams.colleagues(own.letter.team_id),
        along={"at": moderation.place(), **queues.where()},
    )
