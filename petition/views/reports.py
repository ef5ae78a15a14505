"""A public signature is reported, by anybody and without an account."""

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale

from petition import public, tokens
from petition.actions import report as reporting
from petition.actions.report import Cause
from petition.caching import Answer, Policy
from petition.forms.report import ReportForm
from petition.languages import closest
from petition.queries import names
from petition.queries.letters import LetterText
from petition.views import answers
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("reports", __name__, url_prefix="/letters/<slug:slug>")


@bp.get("/names/<line:line>/report")
def ask(slug: str, line: str) -> Response:
    """The name, and what can be said about it. What is not public cannot be reported."""
    found = in_force(slug, wanted_language(slug))
    with force_locale(closest(found.revision.language)):
        return _page(found, line, ReportForm(formdata=None))


def _page(found: LetterText, line: str, form: ReportForm, status: int = 200) -> Response:
    letter = with_count(found)
    if letter.list_hidden:
        return answers.page("names/hidden.html", letter=letter)
    signature = names.one(found.letter, tokens.read_line(line))
    return answers.page(
        "reports/ask.html",
        status=status,
        letter=letter,
        name=public.name(signature, letter),
        line=line,
        form=form,
    )


@bp.post("/names/<line:line>/report")
def send(slug: str, line: str) -> Response:
    """Take a report. Whatever address is typed, the answer is the same."""
    language = wanted_language(slug)
    found = in_force(slug, language)
    signature = names.one(found.letter, tokens.read_line(line))
    with force_locale(closest(found.revision.language)):
        form = ReportForm(request.form)
        if not form.validate():
            return _page(found, line, form, 422)
    if not form.from_robot:
        cause, words = Cause(form.cause.data), form.words.data
        reporting.report(signature, cause, words, form.reporter, request.remote_addr)
    return answers.see(url_for("reports.sent", slug=slug, lang=language))


@bp.get("/reported")
def sent(slug: str) -> Response:
    """What happens next; the same for everybody."""
    language = wanted_language(slug)

    def make() -> Answer:
        found = in_force(slug, language)
        with force_locale(closest(found.revision.language)):
            return answers.html("reports/sent.html", letter=with_count(found))

    return answers.shared(slug, f"reported.{language}", Policy.PAGE, make)
