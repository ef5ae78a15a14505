"""The organizers' side. Everything private is reached through the organizer's own team."""

from flask import Blueprint, Response, request, session, url_for
from flask_babel import gettext
from flask_login import UserMixin, current_user, login_required, login_user, logout_user

from petition import public
from petition.actions import moderate, organizers
from petition.actions.moderate import Reason
from petition.exceptions import DecisionConflict, LinkBroken, LinkExpired, LinkUsed
from petition.extensions import login
from petition.forms.decision import PressForm, RejectForm
from petition.queries import letters, signatures, tallies
from petition.queries import organizers as known
from petition.queries.letters import OwnLetter
from petition.views import answers

bp = Blueprint("organize", __name__, url_prefix="/organize")


class SignedIn(UserMixin):
    """The organizer of this request."""

    def __init__(self, organizer_id: int, epoch: int, email: str) -> None:
        self.organizer_id = organizer_id
        self.epoch = epoch
        self.email = email

    def get_id(self) -> str:
        """What the cookie carries: who, and since which ending of sessions."""
        return f"{self.organizer_id}.{self.epoch}"


@login.user_loader
def load(session_id: str) -> SignedIn | None:
    """The organizer that a cookie speaks for, unless their sessions were ended."""
    number, _, epoch = session_id.partition(".")
    if not (number.isdigit() and epoch.isdigit()):
        return None
    organizer = known.by_session(int(number), int(epoch))
    if organizer is None:
        return None
    return SignedIn(organizer.id, organizer.session_epoch, organizer.email)


@login.unauthorized_handler
def stranger() -> Response:
    """Strangers are shown the way in; what they sent is not acted upon."""
    return answers.see(url_for("organize.sign_in"))


@bp.get("/sign-in")
def sign_in() -> Response:
    """How to get in."""
    return answers.page("organize/sign_in.html")


@bp.get("/sign-in/<token>")
def sign_in_link(token: str) -> Response:
    """A one-time link shows a button; opening it spends nothing."""
    return answers.page("organize/sign_in_link.html", token=token, form=PressForm())


@bp.post("/sign-in/<token>")
def enter(token: str) -> Response:
    """Spend the link and begin a new session."""
    try:
        organizer = organizers.sign_in(token, request.remote_addr)
    except (LinkBroken, LinkExpired, LinkUsed):
        return answers.page("organize/sign_in.html", status=410, spent=True)
    session.clear()  # nothing of an earlier, perhaps planted, session lives on
    session.permanent = True
    login_user(SignedIn(organizer.id, organizer.session_epoch, organizer.email))
    return answers.see(url_for("organize.home"))


@bp.post("/sign-out")
@login_required
def sign_out() -> Response:
    """End every session of this organizer."""
    organizers.sign_out(current_user.organizer_id)
    logout_user()
    session.clear()
    return answers.see(url_for("organize.sign_in"))


@bp.get("/")
@login_required
def home() -> Response:
    """The letters of my teams, with their numbers."""
    mine = letters.of_organizer(current_user.organizer_id)
    counts = tallies.of_letters(each.letter.id for each in mine)
    return answers.page(
        "organize/home.html",
        letters=[public.letter(t.letter, t.revision, counts[t.letter.id]) for t in mine],
        form=PressForm(),
    )


@bp.get("/letters/<slug>/moderation")
@login_required
def moderation(slug: str) -> Response:
    """What waits for a decision, and the decisions that can still be undone."""
    return _queue(_own_letter(slug))


def _own_letter(slug: str) -> OwnLetter:
    return letters.of_organizer_by_slug(current_user.organizer_id, slug)


def _queue(
    own: OwnLetter, status: int = 200, problem: str = "", rejected: int | None = None
) -> Response:
    counts = tallies.of_letter(own.letter.id)
    return answers.page(
        "organize/moderation.html",
        status=status,
        letter=public.letter(own.letter, own.revision, counts),
        counts=counts,
        held=signatures.held(own.letter.id),
        decided=signatures.decided(own.letter.id),
        may_decide=own.role in moderate.DECIDERS,
        reject=RejectForm(),
        problem=problem,
        rejected=rejected,
    )


@bp.post("/letters/<slug>/signatures/<int:signature_id>/publish")
@login_required
def publish(slug: str, signature_id: int) -> Response:
    """Publish a held signature."""
    own = _own_letter(slug)
    try:
        moderate.publish(own.letter, own.role, current_user.organizer_id, signature_id)
    except DecisionConflict:
        return _too_late(own)
    return _back(slug)


@bp.post("/letters/<slug>/signatures/<int:signature_id>/reject")
@login_required
def reject(slug: str, signature_id: int) -> Response:
    """Reject a held signature, for a reason."""
    own = _own_letter(slug)
    form = RejectForm()
    if not form.validate():
        problem = gettext("Choose a reason before you reject.")
        return _queue(own, 422, problem, rejected=signature_id)
    reason = Reason(form.reason.data)
    try:
        moderate.reject(own.letter, own.role, current_user.organizer_id, signature_id, reason)
    except DecisionConflict:
        return _too_late(own)
    return _back(slug)


@bp.post("/letters/<slug>/decisions/<int:decision_id>/undo")
@login_required
def undo(slug: str, decision_id: int) -> Response:
    """Put a signature back to where it was before a decision."""
    own = _own_letter(slug)
    try:
        moderate.undo(own.letter, own.role, current_user.organizer_id, decision_id)
    except DecisionConflict:
        return _too_late(own)
    return _back(slug)


def _too_late(own: OwnLetter) -> Response:
    problem = gettext("Somebody decided about this signature first. Here is how things stand now.")
    return _queue(own, 409, problem)


def _back(slug: str) -> Response:
    return answers.see(url_for("organize.moderation", slug=slug))
