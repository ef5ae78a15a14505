"""Writing a letter: its draft, in each of its languages, until it is published."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale, get_locale, gettext, ngettext
from flask_login import current_user, login_required

from petition import difference, languages, public
from petition.actions import publish as publishing
from petition.actions import roles, write
from petition.actions.roles import Role
from petition.clock import now
from petition.exceptions import NotPublishable, SlugTaken, TextChanged
from petition.forms.letter import (
    LONGEST,
    BeginForm,
    LanguageForm,
    PublishForm,
    SlugForm,
    TextForm,
)
from petition.forms.signature import form_for
from petition.queries import drafts, signatures, tallies, teams
from petition.queries.drafts import Text, Written
from petition.queries.letters import OwnLetter
from petition.views import answers
from petition.views.done import tell
from petition.views.letters import context as letter_context
from petition.views.own_letter import own_letter

bp = Blueprint("writing", __name__, url_prefix="/organize")

ROOMY = {"writing.save", "writing.preview"}
"""What takes a whole letter; every other form is far smaller."""


@bp.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a letter through where one is expected, before anything looks at the form."""
    if endpoint in ROOMY:
        request.max_content_length = request.max_form_memory_size = LONGEST


@bp.get("/letters/new")
@login_required
def new() -> Response:
    """What a letter needs to begin with."""
    return _begin(_begin_form(formdata=None))


@bp.post("/letters/new")
@login_required
def begin() -> Response:
    """Begin a letter, and go on writing it."""
    form = _begin_form()
    if not form.team.choices or not form.validate():
        return _begin(form, 422)
    organizer = current_user.organizer_id
    slug = write.begin(organizer, form.team.data, form.title.data, form.tag)
    return answers.see(url_for("writing.edit", slug=slug))


def _begin_form(**options: Any) -> BeginForm:
    form = BeginForm(**options)
    mine = teams.mine(current_user.organizer_id)
    form.team.choices = [
        (each.team.id, each.team.name) for each in mine if roles.may(each.role, Role.EDITOR)
    ]
    if len(form.team.choices) == 1:
        form.team.data = form.team.choices[0][0]
    if not form.is_submitted():
        form.language.data = languages.name(_ours(), _ours())
    return form


def _begin(form: BeginForm, status: int = 200) -> Response:
    return answers.page("writing/new.html", status=status, form=form, known=_known())


def _ours() -> str:
    return str(get_locale() or "en")


def _known() -> dict[str, str]:
    return languages.common(_ours())


@bp.get("/letters/<slug:slug>/text")
@login_required
def edit(slug: str) -> Response:
    """The text as it is being written, in one of the letter's languages."""
    own = own_letter(slug, Role.VIEWER)
    return _edit(own, _written(own))


def _written(own: OwnLetter) -> Written:
    return drafts.written(own.letter, request.args.get("lang") or own.letter.language)


def _edit(
    own: OwnLetter,
    written: Written,
    form: TextForm | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    if form is None:
        form = TextForm(formdata=None, obj=written.text, version=written.version)
    original = None
    if written.language != own.letter.language:
        original = drafts.written(own.letter, own.letter.language)
    return answers.page(
        "writing/edit.html",
        status=status,
        **_frame(own),
        written=written,
        original=original,
        form=form,
        tongues=drafts.tongues(own.letter),
        another=more.pop("another", None) or LanguageForm(formdata=None, prefix="another-"),
        place=more.pop("place", None) or SlugForm(formdata=None, slug=own.letter.slug),
        known=_known(),
        spoken=languages.speaks(written.language),
        newest_edition=own.letter.edition,
        asked=_still_asked(own, written),
        **more,
    )


def _can_be_signed(own: OwnLetter) -> bool:
    return own.letter.in_view and (own.letter.closes_at is None or own.letter.closes_at > now())


def _still_asked(own: OwnLetter, written: Written) -> int:
    """How many are still to be asked by mail to sign the text in force too."""
    there = written.published
    if there is None or there.asked_to is None or not _can_be_signed(own):
        return 0
    return signatures.how_many_under_earlier(there, there.edition, there.asked_to)


def _frame(own: OwnLetter) -> dict[str, Any]:
    return {
        "letter": public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id)),
        "role": own.role,
        "may_write": roles.may(own.role, Role.EDITOR),
    }


@bp.post("/letters/<slug:slug>/text")
@login_required
def save(slug: str) -> Response:
    """Save what was written; a colleague's newer words are shown, not overwritten."""
    own = own_letter(slug, Role.EDITOR)
    written = _written(own)
    form = TextForm()
    if not form.validate():
        return _edit(own, written, form, 422)
    said, organizer, over = _said(form), current_user.organizer_id, "over" in request.form
    try:
        write.save(own, organizer, written.language, said, form.version.data, over=over)
    except TextChanged:
        return _overtaken(own, form, said)
    lang = request.args.get("lang")
    kept = _written(own)
    if over and kept.replaced == written.text:
        _tell_replaced(own, kept)
    elif request.form.get("next") != "publish":
        tell(gettext("Saved."))
    if request.form.get("next") == "publish":
        return answers.see(url_for("writing.look", slug=slug, lang=lang))
    return answers.see(url_for("writing.edit", slug=slug, lang=lang))


def _tell_replaced(own: OwnLetter, kept: Written) -> None:
    tell(
        gettext("Saved. The text that stood there is kept, and can be brought back."),
        undo=url_for("writing.bring_back", slug=own.letter.slug, lang=request.args.get("lang")),
        label=gettext("Bring it back"),
        version=kept.version,
    )


@bp.post("/letters/<slug:slug>/text/back")
@login_required
def bring_back(slug: str) -> Response:
    """Bring back what stood there before it was saved over."""
    own = own_letter(slug, Role.EDITOR)
    version, lang = request.form.get("version", -1, int), request.args.get("lang")
    try:
        write.bring_back(own, current_user.organizer_id, _written(own).language, version)
    except TextChanged:
        tell(gettext("Somebody has saved meanwhile. Look at the text first."))
    else:
        tell(
            gettext("Brought back."),
            undo=url_for("writing.bring_back", slug=slug, lang=lang),
            label=gettext("Undo"),
            version=version + 1,
        )
    return answers.see(url_for("writing.edit", slug=slug, lang=lang))


def _said(form: TextForm) -> Text:
    return Text(form.title.data, form.addressee.data, form.sender.data, form.markdown.data)


def _overtaken(own: OwnLetter, form: TextForm, said: Text) -> Response:
    """Both texts and what differs; to save once more overwrites what was shown here."""
    theirs = _written(own)
    form.version.data = theirs.version
    return _edit(
        own,
        theirs,
        form,
        409,
        theirs=theirs,
        differs=difference.between(theirs.text.readable, said.readable),
    )


@bp.post("/letters/<slug:slug>/text/preview")
@login_required
def preview(slug: str) -> Response:
    """The letter's page as it would be with these words. Nothing is saved."""
    own = own_letter(slug, Role.EDITOR)
    write.count_preview(request.remote_addr)
    form = TextForm()
    if not form.validate():
        return _edit(own, _written(own), form, 422)
    language = _written(own).language
    found = drafts.as_published(own.letter, language, _said(form))
    with force_locale(languages.closest(language)):
        shown = letter_context(found, form_for(own.letter, language)(formdata=None))
        shown["letter"] = public.opened(shown["letter"])
        return answers.page("letters/show.html", **shown)


@bp.get("/letters/<slug:slug>/text/publish")
@login_required
def look(slug: str) -> Response:
    """What publishing would do, before it is done."""
    own = own_letter(slug, Role.EDITOR)
    return _look(own, _written(own))


def _look(
    own: OwnLetter,
    written: Written,
    form: PublishForm | None = None,
    status: int = 200,
    overtaken: bool = False,
) -> Response:
    number = publishing.number_of(written)
    form = form or PublishForm(formdata=None)
    form.version.data, form.number.data = written.version, number
    before = Text.of(written.published) if written.published else None
    declare = publishing.must_declare(own.letter, written)
    return answers.page(
        "writing/publish.html",
        status=status,
        **_frame(own),
        written=written,
        form=form,
        hindrances=publishing.hindrances(own.letter, written),
        declare=declare,
        asked=_to_be_asked(written) if declare and _can_be_signed(own) else 0,
        others=drafts.unpublished(own.letter, written.language),
        behind=written.published is not None and written.published.edition < own.letter.edition,
        first=own.letter.published_at is None,
        waits=_waits(own),
        differs=difference.between(before.readable, written.text.readable) if before else None,
        overtaken=overtaken,
    )


def _to_be_asked(written: Written) -> int:
    """How many a change of substance would ask to sign anew."""
    there = written.published
    return signatures.how_many_under_earlier(there, there.edition + 1) if there else 0


def _waits(own: OwnLetter) -> bool:
    return own.letter.opens_at is not None and own.letter.opens_at > now()


@bp.post("/letters/<slug:slug>/text/publish")
@login_required
def publish(slug: str) -> Response:
    """Publish exactly what was shown."""
    own = own_letter(slug, Role.EDITOR)
    written = _written(own)
    form = PublishForm()
    seen = (form.version.data, form.number.data)
    if seen != (written.version, publishing.number_of(written)):
        return _look(own, written, form, 409, overtaken=True)
    if not form.validate_declared(publishing.must_declare(own.letter, written)):
        return _look(own, written, form, 422)
    organizer = current_user.organizer_id
    try:
        done = publishing.publish_draft(own, organizer, written, form.declared, form.note.data)
    except TextChanged:
        return _look(own, _written(own), form, 409, overtaken=True)
    except NotPublishable:
        return _look(own, written, form, 422)
    tell(" ".join(_published(own, _written(own), done.number)))
    return answers.see(url_for("writing.edit", slug=slug, lang=request.args.get("lang")))


def _published(own: OwnLetter, written: Written, number: int) -> Iterator[str]:
    """What came of it, in sentences."""
    if _waits(own):
        yield gettext("The text is fixed, as revision %(number)d.", number=number)
    else:
        yield gettext("Published as revision %(number)d.", number=number)
    asked = _still_asked(own, written)
    if asked:
        yield ngettext(
            "%(num)d person is asked by mail to sign it.",
            "%(num)d people are asked by mail to sign it.",
            asked,
        )
    left = drafts.unpublished(own.letter, written.language)
    if left:
        names = ", ".join(languages.autonym(each.language) for each in left)
        yield gettext("Not published yet: %(languages)s.", languages=names)


@bp.post("/letters/<slug:slug>/languages")
@login_required
def translate(slug: str) -> Response:
    """Begin a translation."""
    own = own_letter(slug, Role.EDITOR)
    form = LanguageForm(prefix="another-")
    if not form.validate():
        return _edit(own, drafts.written(own.letter, own.letter.language), None, 422, another=form)
    if form.tag in {each.language for each in drafts.tongues(own.letter)}:
        form.language.errors = [
            gettext("%(language)s is there already.", language=languages.name(form.tag, _ours()))
        ]
        return _edit(own, drafts.written(own.letter, own.letter.language), None, 422, another=form)
    write.translate(own, current_user.organizer_id, form.tag)
    return answers.see(url_for("writing.edit", slug=slug, lang=form.tag))


@bp.post("/letters/<slug:slug>/languages/discard")
@login_required
def discard(slug: str) -> Response:
    """Give up a translation that was never published."""
    own = own_letter(slug, Role.EDITOR)
    language = request.args.get("lang", "")
    write.discard(own, language)
    tell(
        gettext("Removed: %(language)s.", language=languages.autonym(language)),
        undo=url_for("writing.translate", slug=slug),
        label=gettext("Undo"),
        **{"another-language": language},
    )
    return answers.see(url_for("writing.edit", slug=slug))


@bp.post("/letters/<slug:slug>/address")
@login_required
def rename(slug: str) -> Response:
    """Give the letter another address."""
    own = own_letter(slug, Role.EDITOR)
    form = SlugForm()
    good = form.validate()
    if good:
        try:
            write.rename(own, form.slug.data)
        except SlugTaken:
            form.slug.errors = [gettext("Another letter has this address. Choose another.")]
            good = False
    if not good:
        return _edit(own, drafts.written(own.letter, own.letter.language), None, 422, place=form)
    if own.has_text:
        tell(gettext("The letter has its new address. The old one leads there."))
    else:
        tell(gettext("The letter has its new address."))
    return answers.see(url_for("writing.edit", slug=form.slug.data))
