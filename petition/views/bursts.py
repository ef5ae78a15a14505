"""More signatures than usual: somebody has looked at them."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import bursts
from petition.views import answers, done
from petition.views.own_letter import own_letter

bp = Blueprint("bursts", __name__, url_prefix="/organize/letters/<slug:slug>")


@bp.post("/bursts/<number:burst_id>/dismiss")
@login_required
def dismiss(slug: str, burst_id: int) -> Response:
    """Say that a burst is no cause for worry."""
    own = own_letter(slug)
    bursts.dismiss(own.letter, own.role, current_user.organizer_id, burst_id)
    done.tell(
        gettext("Nothing is said of these for a day."),
        undo=url_for("bursts.take_up", slug=slug, burst_id=burst_id),
        label=gettext("Undo"),
    )
    return answers.see(url_for("moderation.queue", slug=slug))


@bp.post("/bursts/<number:burst_id>/take-up")
@login_required
def take_up(slug: str, burst_id: int) -> Response:
    """Tell of a burst again that was dismissed."""
    own = own_letter(slug)
    bursts.take_up(own.letter, own.role, current_user.organizer_id, burst_id)
    return answers.see(url_for("moderation.queue", slug=slug))
