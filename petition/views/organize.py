"""The organizers' side. Everything private is reached through the organizer's own team."""

import shlex
from datetime import timedelta

from flask import Blueprint, Response, request, session, url_for
from flask_babel import gettext
from flask_login import UserMixin, current_user, login_required, logout_user
from flask_wtf.csrf import CSRFError

from petition import public
from petition.actions import moderate, organizers
from petition.actions import sessions as ending
from petition.actions.moderate import Reason
from petition.clock import now
from petition.exceptions import DecisionConflict, LinkBroken, LinkExpired, LinkUsed, NotFound
from petition.extensions import login
from petition.forms.decision import PressForm, RejectForm
from petition.queries import letters, sessions, signatures, tallies
from petition.queries import organizers as known
from petition.queries.letters import OwnLetter
from petition.queries.sessions import OpenSession
from petition.queries.signatures import DecidedSignature
from petition.views import answers, errors

bp = Blueprint("organize", __name__, url_prefix="/organize")

DEFAULT_TEAM = "Organizers"
"""The team that `petition letter publish` means where none is named."""
LARGEST = 2**63 - 1
"""The largest number that a row can have; a larger one is nobody's."""
NEWEST = 20
"""Published names shown in the panel."""
MOMENT = timedelta(minutes=1)
"""For how long a decision is repeated at the top of the page."""


class SignedIn(UserMixin):
    """The organizer of this request."""

    def __init__(self, key: str, open_session: OpenSession) -> None:
        self.key = key
        self.organizer_id = open_session.organizer.id
        self.email = open_session.organizer.email

    def get_id(self) -> str:
        """What the cookie carries."""
        return self.key


@login.user_loader
def load(key: str) -> SignedIn | None:
    """The organizer that a cookie speaks for, while their session is open."""
    found = sessions.by_key(key)
    return SignedIn(key, found) if found else None


@login.unauthorized_handler
def stranger() -> Response:
    """Strangers are shown the way in; what they sent is not acted upon."""
    return answers.see(url_for("organize.sign_in"))


@bp.get("/sign-in")
def sign_in() -> Response:
    """How to get in; who is in goes to their letters."""
    if current_user.is_authenticated:
        return answers.see(url_for("organize.home"))
    return answers.page("organize/sign_in.html")


@bp.get("/sign-in/<token>")
def sign_in_link(token: str) -> Response:
    """A one-time link shows a button; opening it spends nothing."""
    return answers.page("organize/sign_in_link.html", token=token, form=PressForm())


@bp.post("/sign-in/<token>")
def enter(token: str) -> Response:
    """Spend the link and begin a new session."""
    try:
        key = organizers.sign_in(token, request.remote_addr, "")
    except (LinkBroken, LinkExpired, LinkUsed):
        return answers.page("organize/sign_in.html", status=410, spent=True)
    session.clear()  # nothing of an earlier, perhaps planted, session lives on
    session.permanent = True
    session["_user_id"] = key
    return answers.see(url_for("organize.home"))


@bp.post("/sign-out")
@login_required
def sign_out() -> Response:
    """End every session of this organizer."""
    ending.end_all(current_user.organizer_id)
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
        teams=[
            "" if team == DEFAULT_TEAM else shlex.quote(team)
            for team in known.teams(current_user.organizer_id)
        ],
    )


@bp.get("/letters/<slug>/moderation")
@login_required
def moderation(slug: str) -> Response:
    """What waits for a decision, and the decisions that can still be undone."""
    own = _own_letter(slug)
    return _queue(own, before=_before(request.args.get("before")))


def _own_letter(slug: str) -> OwnLetter:
    return letters.of_organizer_by_slug(current_user.organizer_id, slug)


def _before(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value[:20]) <= LARGEST):
        raise NotFound
    return int(value)


def _queue(
    own: OwnLetter,
    status: int = 200,
    problem: str = "",
    rejected: int | None = None,
    before: int | None = None,
) -> Response:
    counts = tallies.of_letter(own.letter.id)
    held = signatures.held(own.letter.id)
    decided = signatures.decided(own.letter.id, before)
    looking = status == 200 and before is None
    return answers.page(
        "organize/moderation.html",
        status=status,
        letter=public.letter(own.letter, own.revision, counts),
        counts=counts,
        held=held,
        more=max(0, counts.held - len(held)),
        published=signatures.newest(own.letter.id, NEWEST),
        decided=decided.decisions,
        earlier=decided.earlier,
        before=before,
        just_done=_just_done(decided.decisions) if looking else None,
        role=own.role,
        may_decide=own.role in moderate.DECIDERS,
        reject=RejectForm(),
        problem=problem,
        rejected=rejected,
    )


def _just_done(decided: list[DecidedSignature]) -> DecidedSignature | None:
    """What this organizer decided a moment ago, read from the record of decisions."""
    newest = next((d for d in decided if d.organizer.id == current_user.organizer_id), None)
    if newest is None or now() - newest.decision.created_at > MOMENT:
        return None
    return newest


@bp.post(f"/letters/<slug>/signatures/<int(max={LARGEST}):signature_id>/publish")
@login_required
def publish(slug: str, signature_id: int) -> Response:
    """Publish a held signature."""
    own = _own_letter(slug)
    done = moderate.publish(own.letter, own.role, current_user.organizer_id, signature_id)
    return _back(slug, _next(signatures.held_after(done)))


@bp.post(f"/letters/<slug>/signatures/<int(max={LARGEST}):signature_id>/reject")
@login_required
def reject(slug: str, signature_id: int) -> Response:
    """Reject a signature that waits or is published, for a reason."""
    own = _own_letter(slug)
    form = RejectForm()
    if not form.validate():
        problem = gettext("Choose a reason before you reject.")
        return _queue(own, 422, problem, rejected=signature_id)
    reason = Reason(form.reason.data)
    seen = request.form.get("seen", "held")
    organizer = current_user.organizer_id
    done = moderate.reject(own.letter, own.role, organizer, signature_id, reason, seen)
    if seen != "held":
        return _back(slug, "published")
    return _back(slug, _next(signatures.held_after(done)))


@bp.post(f"/letters/<slug>/decisions/<int(max={LARGEST}):decision_id>/undo")
@login_required
def undo(slug: str, decision_id: int) -> Response:
    """Put a signature back to where it was before a decision."""
    own = _own_letter(slug)
    done = moderate.undo(own.letter, own.role, current_user.organizer_id, decision_id)
    return _back(slug, f"signature-{done.id}")


@bp.errorhandler(DecisionConflict)
def too_late(error: DecisionConflict) -> Response:
    """The second to decide is told whose signature it was, and how things stand now."""
    own = _own_letter((request.view_args or {})["slug"])
    name = next(iter(error.args), "")
    if not name:
        problem = gettext("This cannot be decided any more. Here is how things stand now.")
    else:
        problem = gettext(
            "%(name)s: somebody decided first. Here is how things stand now.", name=name
        )
    return _queue(own, 409, problem)


@bp.errorhandler(CSRFError)
def without_token(error: CSRFError) -> Response:
    """A page that was left open until its session ended is told so."""
    if current_user.is_authenticated or request.endpoint == "organize.enter":
        return errors.of_http(error)
    return answers.page("organize/signed_out.html", status=400)


def _next(waiting: int | None) -> str:
    return "waiting" if waiting is None else f"signature-{waiting}"


def _back(slug: str, place: str) -> Response:
    return answers.see(url_for("organize.moderation", slug=slug, _anchor=place))
