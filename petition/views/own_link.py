"""The way back to one's signature: its link is mailed again."""

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale

from petition.actions import own_link
from petition.caching import Answer, Policy
from petition.forms.own_link import OwnLinkForm
from petition.languages import closest
from petition.views import answers
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("own_link", __name__, url_prefix="/letters/<slug:slug>/link")


@bp.get("")
def ask(slug: str) -> Response:
    """A field for the address; the same for everybody."""
    return _shared(slug, "own_link/ask.html")


@bp.post("")
def send(slug: str) -> Response:
    """Mail the link. Whatever the address has done before, the answer is the same."""
    language = wanted_language(slug)
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        form = OwnLinkForm(request.form)
        if not form.validate():
            return answers.page(
                "own_link/ask.html", status=422, letter=with_count(found), form=form
            )
    if not form.from_robot:
        own_link.send(found.letter, form.address, request.remote_addr)
    return answers.see(url_for("own_link.sent", slug=slug, lang=language))


@bp.get("/sent")
def sent(slug: str) -> Response:
    """What happens next; the same for everybody."""
    return _shared(slug, "own_link/sent.html")


def _shared(slug: str, template: str) -> Response:
    language = wanted_language(slug)

    def make() -> Answer:
        found = in_force(slug, language)
        with force_locale(closest(found.revision.language)):
            form = OwnLinkForm(formdata=None)
            return answers.html(template, letter=with_count(found), form=form)

    return answers.shared(slug, f"{template}.{language}", Policy.PAGE, make)
