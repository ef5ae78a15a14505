"""Taking out many signatures that have something in common: tried first, begun, undone."""

from flask import Blueprint, Response, url_for
from flask_login import current_user, login_required

from petition import reasons, signals
from petition.actions import roles, sweep
from petition.actions.roles import Role
from petition.actions.sweep import Act, Asked, Origin
from petition.forms import sweep as words
from petition.forms.sweep import InvalidationForm
from petition.queries import shown, sweeps
from petition.queries.letters import OwnLetter
from petition.views import answers, queues
from petition.views.own_letter import own_letter
from petition.views.sweeps import line

bp = Blueprint("invalidations", __name__, url_prefix="/organize/letters/<slug:slug>/invalidations")


@bp.get("")
@login_required
def show(slug: str) -> Response:
    """Those there were, and the form of the next."""
    own = own_letter(slug)
    return _page(own, _form(own, formdata=None))


@bp.post("")
@login_required
def look(slug: str) -> Response:
    """Look which signatures it would be about; nothing is moved."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = _form(own)
    if not form.validate():
        return _page(own, form, 422)
    asked = Asked(Act.REJECT, form.reason.data, form.words.data or "", form.tells.data)
    looked = shown.look(own.letter.id, form.sought.conditions())
    organizer = current_user.organizer_id
    found = sweep.freeze(own.letter, own.role, organizer, looked, asked, Origin.INVALIDATION)
    return answers.see(url_for("sweeps.show", slug=slug, sweep_id=found.id))


def _form(own: OwnLetter, **options: None) -> InvalidationForm:
    noticed = {signal.code: said for signal, said in signals.NAMES.items()}
    return InvalidationForm(own.reasons, noticed, **options)


def _page(own: OwnLetter, form: InvalidationForm, status: int = 200) -> Response:
    return answers.page(
        "invalidations/show.html",
        status=status,
        **queues.frame(own, "invalidations.show"),
        may_decide=roles.may(own.role, Role.MODERATOR),
        form=form,
        listed=sweeps.of_letter(own.letter.id, Origin.INVALIDATION).sweeps,
        line=line,
        stages=words.STAGES,
        called=lambda code: reasons.name(code, own.reasons),
    )
