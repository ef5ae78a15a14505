"""What of a letter stands on other sites: to choose it, to see where it is, to say where it may."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import force_locale, gettext
from flask_login import current_user, login_required

from petition import links, public, retention, sites
from petition.actions import embedding, roles, sightings
from petition.actions.embedding import Framing, Said, SiteStanding
from petition.actions.roles import Role
from petition.clock import now
from petition.exceptions import TooManySites
from petition.forms.embedding import MOST_AT_ONCE, ChoiceForm, FramingForm, SiteForm
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import embedding as known
from petition.queries import revisions, tallies
from petition.queries.letters import OwnLetter
from petition.queries.numbers import LEAST_TOLD_APART
from petition.views import answers, done
from petition.views.embed import elsewhere
from petition.views.own_letter import own_letter

bp = Blueprint("embedding", __name__, url_prefix="/organize/letters/<slug:slug>/embed")

_WITHOUT_SAMPLE = {"count", "shields", "feed"}
"""What programs read, and nobody sees as it is."""


@bp.get("")
@login_required
def show(slug: str) -> Response:
    """What to paste, how it looks, and where it stands."""
    return _page(own_letter(slug))


def _page(
    own: OwnLetter,
    site: SiteForm | None = None,
    framing: FramingForm | None = None,
    status: int = 200,
) -> Response:
    form, all_known = _chosen(own), known.known(own.letter.id)
    return elsewhere.showing_samples(
        answers.page(
            "embedding/show.html",
            status=status,
            letter=_public(own),
            role=own.role,
            form=form,
            code=_code(_public(own, form.lang.data), form),
            samples=form.kind.data not in _WITHOUT_SAMPLE,
            may_change=roles.may(own.role, Role.EDITOR),
            site=site or SiteForm(formdata=None),
            framing=framing or FramingForm(formdata=None, framing=own.letter.framing),
            by_list=own.letter.framing == Framing.LISTED,
            known=all_known,
            came=known.came_from_all(all_known),
            of_late=now() - sightings.AGAIN,
            least=LEAST_TOLD_APART,
            kept_days=retention.SIGHTINGS.days,
            kept_days_once=retention.SIGHTED_ONCE.days,
            most=embedding.MOST[SiteStanding.LISTED],
        )
    )


def _chosen(own: OwnLetter) -> ChoiceForm:
    languages = own.letter.languages or [own.letter.language]
    form = ChoiceForm(languages, formdata=request.args)
    form.validate()
    return form


def _public(own: OwnLetter, language: str = "") -> PublicLetter:
    """The letter as the world will see it, with its text in a language, or in its own."""
    text = (revisions.newest(own.letter.id, language) if language else None) or own.revision
    return public.letter(own.letter, text, tallies.of_letter(own.letter.id))


def _code(letter: PublicLetter, form: ChoiceForm) -> str:
    """What is pasted, in the letter's language."""
    of_letter = {"slug": letter.slug, "lang": letter.lang}
    ground = {"theme": form.unusual("theme"), "accent": form.colour}
    looks = {"size": form.unusual("size"), "style": form.unusual("style")}
    with force_locale(closest(letter.language)):
        code = render_template(
            "embed/code.html",
            letter=public.opened(letter),
            chosen=form,
            script=links.absolute("element.script"),
            frame=links.absolute("count_frame.show", **of_letter, **ground),
            badge=links.absolute("badge.picture", **of_letter, **looks),
            count=links.absolute("element.count", slug=letter.slug),
            shields=links.absolute("badge.shields", **of_letter),
            feed=links.absolute("feed.show", **of_letter),
        )
    return code.strip()


@bp.get("/sample")
@login_required
def sample(slug: str) -> Response:
    """A page like somebody else's, with what was chosen in it."""
    own = own_letter(slug)
    form = _chosen(own)
    letter = _public(own, form.lang.data)
    return elsewhere.as_sample(
        answers.page(
            "embedding/sample.html",
            letter=letter,
            kind=form.kind.data,
            code=_code(letter, form),
            frame=links.absolute("count_frame.show", slug=letter.slug, lang=letter.lang),
            ground="dark" if request.args.get("ground") == "dark" else "light",
        )
    )


@bp.post("/framing")
@login_required
def frame_on(slug: str) -> Response:
    """Say on which sites the letter can be signed."""
    own = own_letter(slug, Role.EDITOR)
    form = FramingForm()
    if not form.validate():
        return _page(own, framing=form, status=422)
    before = embedding.frame_on(own.letter, own.role, form.chosen)
    if before is form.chosen:
        done.tell(gettext("Nothing was changed."))
        return answers.see(_at_sites(slug))
    said = {
        Framing.ANYWHERE: gettext("People can sign on all sites that show the form."),
        Framing.LISTED: gettext("People can sign only on the sites that are listed, and here."),
    }
    done.tell(
        said[form.chosen],
        undo=url_for("embedding.frame_on", slug=slug),
        label=gettext("Undo"),
        framing=before.value,
    )
    return answers.see(_at_sites(slug))


@bp.post("/sites")
@login_required
def say(slug: str) -> Response:
    """List or block sites."""
    own = own_letter(slug, Role.EDITOR)
    form = SiteForm()
    if not form.validate():
        return _page(own, form, status=422)
    try:
        said = _say(own, form.names, form.chosen)
    except TooManySites:
        form.site.errors = [_full(form.chosen)]
        return _page(own, form, status=422)
    _tell(own, said)
    return answers.see(_at_sites(slug))


@bp.post("/sites/end")
@login_required
def end(slug: str) -> Response:
    """Take back what was said of sites."""
    own = own_letter(slug, Role.EDITOR)
    asked = request.form.get("site", "").split()[:MOST_AT_ONCE]
    names = [each for each in asked if each == sites.of(f"//{each}")]  # else it is no site's
    _tell(own, _say(own, names, None))
    return answers.see(_at_sites(slug))


@bp.get("/framing")
@bp.get("/sites")
@bp.get("/sites/end")
@login_required
def back(slug: str) -> Response:
    """Who comes back to where something was sent finds the page that it was sent from."""
    own_letter(slug)
    return answers.see(_at_sites(slug))


def _say(own: OwnLetter, names: list[str], standing: SiteStanding | None) -> list[Said]:
    return embedding.say(own.letter, own.role, current_user.organizer_id, names, standing)


def _full(standing: SiteStanding) -> str:
    most = embedding.MOST[standing]
    words = {
        SiteStanding.LISTED: gettext(
            "At most %(most)s sites can be listed. Take some off the list first.", most=most
        ),
        SiteStanding.BLOCKED: gettext(
            "At most %(most)s sites can be blocked. Unblock some first.", most=most
        ),
    }
    return str(words[standing])


def _tell(own: OwnLetter, said: list[Said]) -> None:
    """What was done, and the way to what was before, where it was the same everywhere."""
    words = "\n".join(_told(own, said))
    changed = [each for each in said if each.standing is not each.before]
    befores = {each.before for each in changed}
    if len(befores) != 1:
        done.tell(words or gettext("Nothing was changed."))
        return
    before = befores.pop()
    fields = {"standing": before.value} if before else {}
    done.tell(
        words,
        undo=url_for("embedding.say" if before else "embedding.end", slug=own.letter.slug),
        label=gettext("Undo"),
        site=" ".join(each.name for each in changed),
        **fields,
    )


def _told(own: OwnLetter, said: list[Said]) -> Iterator[str]:
    """What was done with each site, and once what that does."""
    by_list = own.letter.framing == Framing.LISTED
    yield from (_told_of(each, by_list) for each in said)
    new = {each.standing for each in said if each.standing is not each.before}
    if SiteStanding.BLOCKED in new:
        yield gettext("A blocked site shows a link to the letter and nothing else.")
    if SiteStanding.LISTED in new and not by_list:
        yield gettext(
            "A list is only needed if you choose “only on those that you list”: now people can "
            "sign on all sites."
        )


def _told_of(said: Said, by_list: bool) -> str:
    site = sites.spelled(said.name)
    if said.standing is said.before:
        words = {
            SiteStanding.LISTED: gettext("%(site)s is listed already.", site=site),
            SiteStanding.BLOCKED: gettext("%(site)s is blocked already.", site=site),
            None: gettext("%(site)s is neither listed nor blocked.", site=site),
        }[said.standing]
    elif said.standing is SiteStanding.LISTED and by_list:
        words = gettext("People can sign on %(site)s.", site=site)
    elif said.standing is SiteStanding.LISTED:
        words = gettext("%(site)s is on the list.", site=site)
    elif said.standing is SiteStanding.BLOCKED:
        words = gettext("%(site)s is blocked.", site=site)
    elif said.before is SiteStanding.LISTED:
        words = gettext("%(site)s is off the list.", site=site)
    else:
        words = gettext("%(site)s is not blocked any more.", site=site)
    return str(words)


def _at_sites(slug: str) -> str:
    return url_for("embedding.show", slug=slug, _anchor="sites")
