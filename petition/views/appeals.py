"""What signers write who do not agree that they were rejected: answered, or granted."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import appeals, roles
from petition.actions.roles import Role
from petition.exceptions import DecisionConflict
from petition.forms.note import AnswerForm
from petition.queries import decisions
from petition.views import answers, done, moderation, queues
from petition.views.own_letter import own_letter

bp = Blueprint("appeals", __name__, url_prefix="/organize/letters/<slug:slug>/reports")
bp.register_error_handler(DecisionConflict, moderation.too_late)


@bp.post("/<number:report_id>/answer")
@login_required
def answer(slug: str, report_id: int) -> Response:
    """Answer a signer by mail; the signature stays rejected."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = AnswerForm()
    if not form.validate():
        return answers.page(
            "moderation/write.html",
            status=422,
            **queues.frame(own, moderation.place()),
            title=gettext("An answer to the signer"),
            form=form,
            along={"at": moderation.place(), **queues.where()},
        )
    organizer = current_user.organizer_id
    answered = appeals.answer(own.letter, own.role, organizer, report_id, form.words.data)
    if answered.email:
        told = gettext("A mail with your answer goes to %(name)s.", name=answered.name)
    else:
        told = gettext(
            "The address of %(name)s is erased: your answer stands on their own page.",
            name=answered.name,
        )
    done.tell(told)
    return moderation.back(slug)


@bp.post("/<number:report_id>/grant")
@login_required
def grant(slug: str, report_id: int) -> Response:
    """Let a signature stand again that should not have been rejected."""
    own = own_letter(slug)
    granted = appeals.grant(own.letter, own.role, current_user.organizer_id, report_id)
    if granted.state == "published":
        words = gettext("%(name)s is published again.", name=granted.name)
    else:
        words = gettext("%(name)s waits again.", name=granted.name)
    decision = decisions.number(granted.id)
    done.tell(
        words + " " + gettext("The mail to the signer leaves in ten minutes, unless you undo it."),
        undo=url_for("moderation.undo", slug=slug, decision_id=decision),
        label=gettext("Undo"),
        at=moderation.place(),
        **queues.where(),
    )
    return moderation.back(slug)
