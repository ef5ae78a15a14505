"""Deciding about signatures: the queues, and the decisions that can be undone."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import format_decimal, gettext
from flask_login import current_user, login_required

from petition import reasons
from petition.actions import look, moderate, networks, roles
from petition.actions import verify as verification
from petition.actions.move import Locked as Signed
from petition.actions.roles import Role
from petition.exceptions import DecisionConflict, NetworkInvalid, NotVerified
from petition.forms.decision import NetworkForm, RejectForm, VerifyForm
from petition.queries import attention, decisions, signatures
from petition.queries.letters import OwnLetter
from petition.queries.queue import Tab
from petition.views import answers, done, queues, spots, standings
from petition.views.own_letter import own_letter
from petition.views.queues import Told
from petition.views.spots import Spot

bp = Blueprint("moderation", __name__, url_prefix="/organize/letters/<slug:slug>")


@bp.get("/moderation")
@login_required
def queue(slug: str) -> Response:
    """A page of the queue."""
    return queues.show(own_letter(slug))


@bp.get("/moderation/<any(aside,reports,noticed,published):former>")
@login_required
def former(slug: str, former: str) -> Response:
    """Where a part of the queue stood before it became a tab."""
    own = own_letter(slug)
    words: dict[str, dict[str, Any]] = {
        "aside": {"tab": "aside"},
        "reports": {"tab": "reported"},
        "noticed": {
            "tab": "all",
            "state": "published",
            "signal": request.args.get("signal", "any"),
        },
        "published": {"tab": "all", "state": "published"},
    }
    return answers.see(url_for(".queue", slug=own.letter.slug, **words[former]))


@bp.post("/moderation/find")
@login_required
def find(slug: str) -> Response:
    """Look for what was typed among all signatures, beside what is looked for already.

    It is posted because it may be an e-mail address, which stands in no address of a page.
    """
    own, spot = own_letter(slug), spots.here()
    typed = request.form.get("q", "").strip()
    kept = {name: value for name, value in spot.wanted.address().items() if name not in _SEARCHED}
    found = spots.asked(Tab.ALL.value, kept | {"q": typed})
    if found.wrong:
        return queues.show(own, Told(422, searched=typed), spot.first())
    return answers.see(found.address(own.letter.slug))


_SEARCHED = {"q", "who", "domain", "network"}
"""What one box is for; what was typed there before is not looked for any more."""


@bp.get("/signatures/<number:signature_id>")
@login_required
def signature(slug: str, signature_id: int) -> Response:
    """One signature by itself."""
    return queues.one(own_letter(slug), signature_id)


@bp.post("/signatures/<number:signature_id>/address")
@login_required
def address(slug: str, signature_id: int) -> Response:
    """Show the whole address of a signer, on this one answer."""
    own = own_letter(slug)
    whole = look.address(own.letter, own.role, current_user.organizer_id, signature_id)
    return queues.one(own, signature_id, whole_address=whole)


@bp.post("/signatures/<number:signature_id>/publish")
@login_required
def publish(slug: str, signature_id: int) -> Response:
    """Publish a signature that is held or set aside."""
    own = own_letter(slug)
    organizer = current_user.organizer_id
    seen = _seen()
    decided = moderate.publish(own.letter, own.role, organizer, signature_id, seen)
    words = gettext("Published %(name)s.", name=decided.name)
    return _done(own, decided, words, _next(decided))


@bp.post("/signatures/<number:signature_id>/hold")
@login_required
def hold(slug: str, signature_id: int) -> Response:
    """Hold a signature that is set aside."""
    own = own_letter(slug)
    decided = moderate.hold(own.letter, own.role, current_user.organizer_id, signature_id)
    return _done(own, decided, gettext("%(name)s waits now.", name=decided.name))


@bp.post("/signatures/<number:signature_id>/reject")
@login_required
def reject(slug: str, signature_id: int) -> Response:
    """Reject a signature that waits, is set aside or is published, for a reason: which, is asked
    in its row."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = RejectForm(own.reasons)
    if form.reason.name not in request.form and not standings.wanted():
        return _at(own, Told(rejected=signature_id))
    if not form.validate():
        problem = gettext("Choose a reason before you reject.")
        return _refused(own, Told(422, problem, rejected=signature_id))
    reason, seen = form.reason.data, _seen()
    organizer = current_user.organizer_id
    decided = moderate.reject(
        own.letter, own.role, organizer, signature_id, reason, seen, tells=form.tells.data
    )
    why = reasons.name(reason, own.reasons)
    words = gettext("Rejected %(name)s: %(reason)s.", name=decided.name, reason=why)
    if form.tells.data and decided.email:
        words += " " + gettext("The mail to the signer leaves in ten minutes, unless you undo it.")
    return _done(own, decided, words, _next(decided))


@bp.post("/signatures/<number:signature_id>/verify")
@login_required
def verify(slug: str, signature_id: int) -> Response:
    """Note how an organizer made sure who somebody is; publish them, if asked to."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = VerifyForm()
    if not form.validate():
        return _at(own, Told(422, form.problems[0][1], verified=signature_id, verify=form))
    decided = verification.verify(
        own.letter,
        own.role,
        current_user.organizer_id,
        signature_id,
        verification.Who(form.name.data, form.role.data or "", form.affiliation.data or ""),
        form.evidence.data,
        publish_from=form.publish.data or None,
    )
    done.tell(
        _verified(decided, bool(form.publish.data)),
        undo=url_for(".take_back", slug=slug, signature_id=signature_id),
        label=gettext("Undo"),
        at=place(),
        **queues.where(),
    )
    return back(slug, f"signature-{signature_id}")


def _verified(signature: Signed, published: bool) -> str:
    if published:
        words = gettext("Published %(name)s, and noted how you made sure.", name=signature.name)
    elif signature.state == "held":
        words = gettext(
            "Noted how you made sure of %(name)s. It still waits until you publish it.",
            name=signature.name,
        )
    elif signature.state == "quarantined":
        words = gettext(
            "Noted how you made sure of %(name)s. It is still set aside until you let it stand.",
            name=signature.name,
        )
    else:
        words = gettext("Noted how you made sure that it is %(name)s.", name=signature.name)
    return str(words)


@bp.post("/signatures/<number:signature_id>/take-back")
@login_required
def take_back(slug: str, signature_id: int) -> Response:
    """Say no longer that somebody is verified."""
    own = own_letter(slug)
    organizer = current_user.organizer_id
    decided = verification.take_back(own.letter, own.role, organizer, signature_id)
    if decided.state == "held":
        words = gettext("%(name)s is not verified any more, and waits.", name=decided.name)
    else:
        words = gettext("%(name)s is not verified any more.", name=decided.name)
    done.tell(words)
    return back(slug, f"signature-{signature_id}")


@bp.post("/decisions/<number:decision_id>/undo")
@login_required
def undo(slug: str, decision_id: int) -> Response:
    """Put a signature back to where it was before a decision."""
    own = own_letter(slug)
    decided = moderate.undo(own.letter, own.role, current_user.organizer_id, decision_id)
    return _done(own, decided, _undone(decided), f"signature-{decided.id}", undoable=False)


def _done(
    own: OwnLetter, decided: Signed, words: str, anchor: str = "", *, undoable: bool = True
) -> Response:
    """Say what was decided, with a button that undoes just that: in the row, if its script asks,
    or on the page that comes next."""
    if standings.wanted():
        return standings.answer({"said": words, "row": _row(own, decided.id)})
    if undoable:
        decision = decisions.number(decided.id)
        undo = url_for(".undo", slug=own.letter.slug, decision_id=decision)
        done.tell(words, undo=undo, label=gettext("Undo"), at=place(), **queues.where())
    else:
        done.tell(words)
    return back(own.letter.slug, anchor)


def _row(own: OwnLetter, signature_id: int) -> dict[str, Any] | None:
    found = attention.standings(own.letter.id, [signature_id])
    return standings.row(own, found[0], current_user.organizer_id) if found else None


def _undone(signature: Signed) -> str:
    if signature.state == "published":
        words = gettext("%(name)s is published again.", name=signature.name)
    elif signature.state == "quarantined":
        words = gettext("%(name)s is set aside again.", name=signature.name)
    else:
        words = gettext("%(name)s waits again.", name=signature.name)
    return str(words)


@bp.post("/reports/<number:report_id>/settle")
@login_required
def settle(slug: str, report_id: int) -> Response:
    """Leave a signature as it is, whatever was reported about it."""
    own = own_letter(slug)
    moderate.settle(own.letter, own.role, report_id)
    done.tell(
        gettext("What was reported is settled; the signature stays as it is."),
        undo=url_for(".reopen", slug=slug, report_id=report_id),
        label=gettext("Undo"),
        at=place(),
        **queues.where(),
    )
    return back(slug)


@bp.post("/reports/<number:report_id>/reopen")
@login_required
def reopen(slug: str, report_id: int) -> Response:
    """Take up again what was reported."""
    own = own_letter(slug)
    moderate.reopen(own.letter, own.role, report_id)
    return back(slug)


@bp.post("/signatures/<number:signature_id>/allow")
@login_required
def allow(slug: str, signature_id: int) -> Response:
    """Let many sign from the network of a signature, for a day."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    network = signatures.network(own.letter.id, signature_id)
    _tell_allowed(networks.allow(own.letter, own.role, current_user.organizer_id, network))
    return back(slug, "networks")


@bp.post("/networks")
@login_required
def allow_address(slug: str) -> Response:
    """Let many sign from a network that an organizer names, for a day."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = NetworkForm()
    try:
        if form.validate():
            organizer = current_user.organizer_id
            typed = form.network.data
            _tell_allowed(networks.allow_address(own.letter, own.role, organizer, typed))
            return back(slug, "networks")
    except NetworkInvalid:
        form.network.errors = [
            gettext("Write an address, such as 192.0.2.7, or a network, such as 192.0.2.0/24.")
        ]
    return queues.show(own, Told(422, network=form), Spot(Tab.ASIDE))


def _tell_allowed(allowed: networks.Allowed) -> None:
    if allowed.published or allowed.held:
        back = gettext(
            "Of what came from there before: %(published)s published now, %(held)s waiting.",
            published=format_decimal(allowed.published),
            held=format_decimal(allowed.held),
        )
    else:
        back = gettext(
            "Nothing that is set aside came back by that: of a wider network it is not known what "
            "came from there before. Let stand by hand what is honest."
        )
    done.tell(gettext("For a day, many may sign from this network.") + " " + back)


@bp.post("/networks/<number:network_id>/end")
@login_required
def disallow(slug: str, network_id: int) -> Response:
    """End an allowance before its time."""
    own = own_letter(slug)
    networks.disallow(own.letter, own.role, network_id)
    done.tell(gettext("This network counts like any other again. What was signed stays."))
    return back(slug, "networks")


@bp.errorhandler(DecisionConflict)
def too_late(error: DecisionConflict) -> Response:
    """The second to decide is told whose signature it was, and how things stand now."""
    name = next(iter(error.args), "")
    if not name:
        problem = gettext("This cannot be decided any more. Here is how things stand now.")
    else:
        problem = gettext(
            "%(name)s: somebody decided first. Here is how things stand now.", name=name
        )
    return _refused(own_letter((request.view_args or {})["slug"]), Told(409, problem))


@bp.errorhandler(NotVerified)
def not_sure(error: NotVerified) -> Response:
    """Whoever publishes a notable name is told what to do first."""
    problem = gettext(
        "%(name)s: note first how you made sure that it is them. Then it can be published.",
        name=error.args[0],
    )
    return _refused(own_letter((request.view_args or {})["slug"]), Told(409, problem))


def _seen() -> str:
    """The state in which the organizer was shown a signature."""
    return request.form.get("seen", "held")


def place() -> str:
    """The page that a form was sent from."""
    return spots.here().at


def _refused(own: OwnLetter, told: Told) -> Response:
    """Say what could not be done, and how things stand: in the row, or on the page."""
    if not standings.wanted():
        return _at(own, told)
    row = _row(own, (request.view_args or {}).get("signature_id", 0))
    return standings.answer({"said": told.problem, "row": row}, told.status)


def _at(own: OwnLetter, told: Told) -> Response:
    return queues.show(own, told)


def _next(decided: Signed) -> str:
    """Where the organizer goes on: at the next signature that waits, or at this one."""
    if spots.here().tab is not Tab.WAITING:
        return f"signature-{decided.id}"
    following = signatures.held_after(decided)
    return "waiting" if following is None else f"signature-{following}"


def back(slug: str, anchor: str = "") -> Response:
    """Go on where the form was sent from."""
    return answers.see(spots.here().address(slug, anchor))
