"""What guards a letter for a while: on and off by one press."""

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import roles, switches
from petition.actions.roles import Role
from petition.actions.switches import Switch
from petition.forms.rules import PauseForm
from petition.views import answers, done, rules
from petition.views.own_letter import own_letter

bp = Blueprint("switches", __name__, url_prefix="/organize/letters/<slug:slug>")


@bp.post("/switches/<any(pause, hold, proof, hide):switch>")
@login_required
def turn(slug: str, switch: str) -> Response:
    """Turn a switch on or off."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    turned, on = Switch(switch), request.form.get("on") == "yes"
    form = PauseForm()
    if on and turned is Switch.PAUSE and not form.validate():
        return rules.with_pause(own, form)
    words = form.sentence.data if turned is Switch.PAUSE else ""
    before = own.letter.paused_words
    rewords = on and turned is Switch.PAUSE and own.letter.paused_at is not None
    switches.turn(own.letter, own.role, current_user.organizer_id, turned, on=on, words=words)
    done.tell(
        gettext("Everybody reads the new sentence.") if rewords else _said(turned, on),
        undo=url_for("switches.turn", slug=slug, switch=switch),
        label=gettext("Undo"),
        on="no" if on and not rewords else "yes",
        sentence=before,
        at=request.form.get("at", ""),
    )
    at_queue = request.form.get("at") == "queue"
    return answers.see(url_for("moderation.queue" if at_queue else "rules.of_letter", slug=slug))


def _said(switch: Switch, on: bool) -> str:
    words = {
        (Switch.PAUSE, True): gettext("Signing is paused. Everybody is told so within seconds."),
        (Switch.PAUSE, False): gettext("The letter can be signed again."),
        (Switch.HOLD, True): gettext("Whatever is confirmed from now on waits for a decision."),
        (Switch.HOLD, False): gettext("What is confirmed stands as the settings say again."),
        (Switch.PROOF, True): gettext("No form is taken without proof of work from now on."),
        (Switch.PROOF, False): gettext("Forms without proof of work are taken again."),
        (Switch.HIDE, True): gettext("No name is shown any more. The count stands."),
        (Switch.HIDE, False): gettext("The names are shown again."),
    }
    return str(words[switch, on])
