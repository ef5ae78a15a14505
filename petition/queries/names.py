"""Public names, looked at by other ways than the list."""

from collections import Counter
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from petition import folding, numerals
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import (
    STANDING,
    Letter,
    Listing,
    NameGroup,
    NameWord,
    Signature,
    State,
)
from petition.models import Grouping as Grouping  # views know it from here
from petition.queries.signatures import NamePage, page_of, published

MOST_WORDS = 4
"""Words of a search that are looked at."""
CANDIDATES = 250
"""Names that are looked at for one search, and words of the index for each word of it."""

MOST_GROUPS = 300
"""Groups of a kind that are kept, the largest."""
COMMENTS = 20
"""Comments on a page."""

_LAST = "\U0010ffff"


def one(letter: Letter, signature_id: int) -> Signature:
    """A public signature of a letter.

    Raises:
        NotFound: there is no such, it is not public, or the letter lists no names.
    """
    found = db.session.scalar(published(letter.id).where(Signature.id == signature_id))
    if found is None or letter.listing == Listing.NOT:
        raise NotFound
    return found


def unsearchable() -> Select[int]:
    """The confirmed signatures whose words the search does not know yet, by number.

    What was withdrawn may have been typed anew and not confirmed since. The two conditions of the
    index are written out as it has them: SQLite compares the very words.
    """
    return select(Signature.id).where(
        Signature.confirmed_at.is_not(None),
        literal_column("NOT signature.searchable"),
        Signature.state.in_([*STANDING, State.REJECTED]),
    )


@dataclass(frozen=True)
class Candidates:
    """Public signatures among which is what a search is for, and whether it may be elsewhere."""

    signatures: list[Signature]
    complete: bool
    """There is none beside them."""


NOBODY = Candidates([], complete=True)


def search(letter_id: int, words: list[str]) -> Candidates:
    """Where to look for names with these folded words, in a bounded number of rows.

    The index is asked for what begins with each word, and with all of them in a row: of each, a
    part. If it had no more of one of them, that is where all must be; otherwise the best guess
    is what came up for several of them.

    Args:
        words: at most `MOST_WORDS` are looked at; not all candidates have all of them.
    """
    words = words[:MOST_WORDS]
    whole = " ".join(words)
    asked = list(dict.fromkeys(each[: folding.LENGTH] for each in (whole, *words)))
    known: list[list[int]] = [[] for _ in asked]
    for number, signature_id in db.session.execute(_beginning_with(letter_id, asked)):
        known[number].append(signature_id)
    of_words = known[1:] if len(words) > 1 else known
    complete = [each for each in of_words if len(each) < CANDIDATES]
    if complete:
        fewest = min(complete, key=len)
        ids = list(dict.fromkeys(fewest))
    else:
        ids = [each for each, _ in Counter(chain.from_iterable(known)).most_common()]
    return Candidates(_public(letter_id, ids[:CANDIDATES]), bool(complete))


def _public(letter_id: int, ids: list[int]) -> list[Signature]:
    """Those of these signatures that are public, newest first.

    Whether they are is asked of each alone: otherwise SQLite would rather read all names of the
    letter, which are in the right order, than these few by number.
    """
    each = aliased(Signature)
    public = published(letter_id).order_by(None).where(Signature.id == each.id).correlate(each)
    return list(
        db.session.scalars(
            select(each)
            .where(each.id.in_(ids), public.exists())
            .order_by(each.published_at.desc(), each.id.desc())
        )
    )


def _beginning_with(letter_id: int, asked: list[str]) -> CompoundSelect[int, int]:
    """Of each of these, by its number, whose names or affiliations begin so: the first few."""
    parts = (
        select(NameWord.signature_id)
        .where(
            NameWord.letter_id == letter_id,
            NameWord.word >= each,
            NameWord.word < each + _LAST,
        )
        .order_by(NameWord.word, NameWord.signature_id)
        .limit(CANDIDATES)
        .subquery()
        for each in asked
    )
    return union_all(
        *(select(literal(number), part.c.signature_id) for number, part in enumerate(parts))
    )


_IN_GROUP = {
    Grouping.AFFILIATION: Signature.affiliation_key,
    Grouping.COUNTRY: Signature.country,
}


@dataclass(frozen=True)
class Group:
    """Public names that share something, as last counted."""

    key: str
    """What stands for it in addresses."""
    label: str
    number: int


def groups(letter_id: int, by: Grouping) -> list[Group]:
    """The largest groups; none in which nobody is shown any more."""
    rows = db.session.execute(
        select(NameGroup.key, NameGroup.label, NameGroup.number).where(
            NameGroup.letter_id == letter_id, NameGroup.grouping == by, _somebody(letter_id, by)
        )
    )
    return [Group(_key(by, key, label), label, number) for key, label, number in rows]


def _somebody(letter_id: int, by: Grouping) -> ColumnElement[bool]:
    shared = NameGroup.key if by is Grouping.AFFILIATION else NameGroup.label
    return _of_group(letter_id, by).where(_IN_GROUP[by] == shared).correlate(NameGroup).exists()


def _of_group(letter_id: int, by: Grouping) -> Select[Signature]:
    """The public names that are in some group; told in the words of the index of each."""
    named = published(letter_id)
    return named if by is Grouping.AFFILIATION else named.where(literal_column("country <> ''"))


def _key(by: Grouping, key: int, label: str) -> str:
    return numerals.hexed(key) if by is Grouping.AFFILIATION else label


def in_group(letter_id: int, by: Grouping, key: str, after: str | None) -> NamePage:
    """The public names of a group that follow a cursor, or the newest.

    Raises:
        NotFound: there is no such group, nobody follows, or the cursor is not one of ours.
    """
    members = _of_group(letter_id, by).where(_IN_GROUP[by] == _read_key(by, key))
    found = page_of(members, after)
    if not found.signatures:
        raise NotFound
    return found


def _read_key(by: Grouping, key: str) -> int | str:
    if by is Grouping.COUNTRY:
        return key
    try:
        return numerals.unhexed(key)
    except ValueError:
        raise NotFound from None


def commented(letter_id: int, after: str | None) -> NamePage:
    """The public names with a comment that follow a cursor, or the newest.

    Raises:
        NotFound: the cursor is not one of ours.
    """
    said = published(letter_id).where(literal_column("comment <> ''"))
    return page_of(said, after, COMMENTS)
