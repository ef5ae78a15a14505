"""The names under a letter, as everybody reads them."""

from collections.abc import Callable

from flask import Blueprint, Response, request
from flask_babel import force_locale

from petition import countries, folding, links, public, tokens
from petition.actions import search
from petition.caching import Answer, Policy
from petition.exceptions import NotFound
from petition.languages import closest
from petition.public import PublicLetter
from petition.queries import names, signatures
from petition.queries.letters import LetterText
from petition.queries.names import Group, Grouping
from petition.views import answers
from petition.views.letters import (
    LONGEST_SEARCH,
    in_force,
    other_texts,
    picture_of,
    wanted_language,
    with_count,
)

bp = Blueprint("names", __name__, url_prefix="/letters/<slug:slug>")

MOST_FOUND = 100
"""Names that are shown for one search."""

Making = Callable[[LetterText, PublicLetter], Answer]


@bp.get("/signatures")
def index(slug: str) -> Response:
    """The names, newest first, fifty a page; or those that are searched for, or share something."""
    typed = request.args.get("q", "")[:LONGEST_SEARCH]
    by, group = request.args.get("by"), request.args.get("group")
    if typed.strip():
        return _search(slug, typed)
    if by and group:
        return _answer(slug, lambda found, letter: _group(found, letter, by, group))
    if by:
        return _answer(slug, lambda found, letter: _groups(found, letter, by), f"names by {by}")
    return _answer(slug, _newest, None if request.args.get("after") else "names")


def _answer(slug: str, make: Making, view: str | None = None) -> Response:
    """A page about names, for everybody.

    Args:
        view: what it is remembered as. A page in the middle is not: there are as many as there
            are places to begin.
    """
    language = wanted_language(slug)
    if view is None:
        response = answers.once(Policy.PAGE, _made(slug, language, make))
    else:
        response = answers.shared(
            slug, f"{view}.{language}", Policy.PAGE, lambda: _made(slug, language, make)
        )
    if not in_force(slug, language).letter.indexed:
        _keep_out(response)
    return response


def _made(slug: str, language: str | None, make: Making) -> Answer:
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        letter = with_count(found)
        return hidden(letter) if letter.list_hidden else make(found, letter)


def hidden(letter: PublicLetter) -> Answer:
    """What stands in the place of every page about names while none is shown."""
    return answers.html("names/hidden.html", letter=letter)


def _keep_out(response: Response) -> None:
    """Ask search engines not to keep a page; also those that read no HTML."""
    response.headers["X-Robots-Tag"] = "noindex"


def _newest(found: LetterText, letter: PublicLetter) -> Answer:
    after = request.args.get("after")
    leading = [] if after else signatures.leading(found.letter.id)
    page, others = signatures.page(found.letter.id, after), other_texts(found)
    return answers.html(
        "names/index.html",
        letter=letter,
        leading=public.names(leading, letter, others),
        names=public.names(page.signatures, letter, others),
        after=after,
        next_cursor=page.next_cursor,
    )


def _search(slug: str, typed: str) -> Response:
    search.count_for_names(request.remote_addr)

    def make(found: LetterText, letter: PublicLetter) -> Answer:
        words = folding.words(typed)
        candidates = names.search(found.letter.id, words) if words else names.NOBODY
        listed = public.names(candidates.signatures, letter, other_texts(found))
        # What is not shown of a name is not found either.
        fitting = [each for each in listed if folding.fits(words, each.name, each.affiliation)]
        return answers.html(
            "names/found.html",
            letter=letter,
            typed=typed.strip(),
            names=fitting[:MOST_FOUND],
            more=len(fitting) > MOST_FOUND,
            complete=candidates.complete,
        )

    # What is searched for is remembered nowhere: there is no end of it, and it is nobody's.
    response = answers.once(Policy.NOTHING, _made(slug, wanted_language(slug), make))
    _keep_out(response)
    return response


def _groups(found: LetterText, letter: PublicLetter, by: str) -> Answer:
    grouping = _grouping(letter, by)
    groups = [
        (_label(grouping, each.label, letter), each)
        for each in names.groups(found.letter.id, grouping)
    ]
    return answers.html(
        "names/groups.html",
        letter=letter,
        by=grouping,
        groups=sorted(groups, key=_place),
        most=names.MOST_GROUPS,
        as_of=found.letter.grouped_at,
    )


def _place(group: tuple[str, Group]) -> tuple[int, list[str]]:
    """The largest first; of those of one size, in the order of their names."""
    label, counted = group
    return -counted.number, folding.words(label)


def _grouping(letter: PublicLetter, by: str) -> Grouping:
    if by not in letter.groupings:
        raise NotFound
    return Grouping(by)


def _label(by: Grouping, label: str, letter: PublicLetter) -> str:
    return countries.name(label, letter.language) if by is Grouping.COUNTRY else label


def _group(found: LetterText, letter: PublicLetter, by: str, key: str) -> Answer:
    grouping, after = _grouping(letter, by), request.args.get("after")
    page = names.in_group(found.letter.id, grouping, key, after)
    shared = getattr(page.signatures[0], grouping)
    return answers.html(
        "names/group.html",
        letter=letter,
        by=grouping,
        key=key,
        label=_label(grouping, shared, letter),
        names=public.names(page.signatures, letter, other_texts(found)),
        after=after,
        next_cursor=page.next_cursor,
    )


@bp.get("/comments")
def comments(slug: str) -> Response:
    """Why people sign, in their words."""
    return _answer(slug, _comments, None if request.args.get("after") else "comments")


def _comments(found: LetterText, letter: PublicLetter) -> Answer:
    if not letter.shows_comments:
        raise NotFound
    after = request.args.get("after")
    page = names.commented(found.letter.id, after)
    return answers.html(
        "names/comments.html",
        letter=letter,
        names=public.names(page.signatures, letter, other_texts(found)),
        after=after,
        next_cursor=page.next_cursor,
    )


@bp.get("/names/<line:line>")
def line(slug: str, line: str) -> Response:
    """One public name, to be shared. There is none for who hides it, or is not published."""
    return _answer(slug, lambda found, letter: _line(found, letter, line))


def _line(found: LetterText, letter: PublicLetter, line: str) -> Answer:
    signature = names.one(found.letter, tokens.read_line(line))
    return answers.html(
        "names/line.html",
        letter=letter,
        name=public.name(signature, letter, other_texts(found)),
        signed_at=signature.published_at,
        here=links.absolute("names.line", slug=letter.slug, line=line, lang=letter.lang),
        picture=picture_of(found, letter),
    )
