"""Signatures on paper, batch by batch."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition import public
from petition.actions import paper, roles
from petition.actions.paper import Batch
from petition.actions.roles import Role
from petition.forms.paper import BatchForm
from petition.queries import batches, tallies
from petition.queries.letters import OwnLetter
from petition.views import answers, done
from petition.views.own_letter import own_letter

bp = Blueprint("paper", __name__, url_prefix="/organize/letters/<slug:slug>/paper")


@bp.get("")
@login_required
def show(slug: str) -> Response:
    """What has been handed in."""
    return _page(own_letter(slug), BatchForm(formdata=None))


def _page(own: OwnLetter, form: BatchForm, status: int = 200) -> Response:
    return answers.page(
        "paper/show.html",
        status=status,
        letter=public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id)),
        role=own.role,
        may_write=roles.may(own.role, Role.EDITOR),
        handed_in=batches.of_letter(own.letter.id),
        form=form,
    )


@bp.post("")
@login_required
def add(slug: str) -> Response:
    """Count a batch."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = BatchForm()
    if not form.validate():
        return _page(own, form, 422)
    batch = Batch(**form.words)
    number = paper.add(own.letter, own.role, current_user.organizer_id, batch)
    done.tell(
        gettext("Counted: %(number)d signatures on paper.", number=batch.number),
        undo=url_for("paper.remove", slug=slug, batch_id=number),
        label=gettext("Undo"),
    )
    return _back(slug)


@bp.post("/<number:batch_id>/remove")
@login_required
def remove(slug: str, batch_id: int) -> Response:
    """Count a batch no more."""
    own = own_letter(slug)
    paper.remove(own.letter, own.role, batch_id)
    done.tell(
        gettext("The batch is not counted any more."),
        undo=url_for("paper.restore", slug=slug, batch_id=batch_id),
        label=gettext("Undo"),
    )
    return _back(slug)


@bp.post("/<number:batch_id>/restore")
@login_required
def restore(slug: str, batch_id: int) -> Response:
    """Count a batch again."""
    own = own_letter(slug)
    paper.restore(own.letter, own.role, batch_id)
    done.tell(gettext("The batch is counted again."))
    return _back(slug)


def _back(slug: str) -> Response:
    return answers.see(url_for("paper.show", slug=slug))
