"""How many other signatures of a letter share something with one that is looked at."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, Select, Subquery, and_, func, literal_column, select, union_all
from sqlalchemy.orm import aliased

from petition.extensions import db
from petition.models import NameWord, Signature, State
from petition.queries import filters
from petition.signals import COUNTED

MOST = COUNTED
"""They are counted no further than to one more."""
LATEST = 1_000
"""Among so many of each kind comments are compared."""


@dataclass(frozen=True)
class Alike:
    """How many confirmed signatures share something with one, it among them."""

    network: int = 0
    domain: int = 0


def to(letter_id: int, signatures: Iterable[Signature]) -> dict[int, Alike]:
    """What each of a page of a letter's signatures has in common with others, by their ids.

    One statement: of each network and each domain a part of an index. Names are counted with what
    is noticed about them (`surroundings`).
    """
    found = db.session.execute(
        select(_Shown.id, _numbered(_of_network(letter_id)), _numbered(_of_domain(letter_id)))
        .outerjoin(_Own, and_(_Own.signature_id == _Shown.id, filters.is_domain(_Own.word)))
        .where(_Shown.id.in_([each.id for each in signatures]))
    )
    numbers: dict[int, Alike] = defaultdict(Alike)
    for signature_id, network, domain in found:
        numbers[signature_id] = Alike(network, domain)
    return numbers


def comments(letter_id: int, signatures: Iterable[Signature]) -> Counter[str]:
    """How often each comment of a page of a letter's signatures was made, word for word.

    One statement: among the latest comments that are published, and the latest signatures that
    wait, are set aside or were rejected; `LATEST` of each.
    """
    said = {each.comment for each in signatures if each.comment}
    latest = union_all(*(select(part.c.comment) for part in _latest(letter_id))).subquery()
    found = db.session.execute(
        select(latest.c.comment, func.count())
        .where(latest.c.comment.in_(said))
        .group_by(latest.c.comment)
    )
    return Counter({row[0]: row[1] for row in found})


def _latest(letter_id: int) -> Iterator[Subquery]:
    """Comments, each part in the order of an index."""
    made = select(Signature.comment).where(Signature.letter_id == letter_id).limit(LATEST)
    for show_name in (True, False):
        published = made.where(
            Signature.state == literal_column("'published'"),
            Signature.comment != literal_column("''"),
            Signature.show_name.is_(show_name),
        )
        yield published.order_by(Signature.published_at.desc(), Signature.id.desc()).subquery()
    for state, moment in (
        (State.HELD, Signature.confirmed_at),
        (State.QUARANTINED, Signature.confirmed_at),
        (State.REJECTED, Signature.removed_at),
    ):
        apart = made.where(Signature.state == literal_column(f"'{state.value}'"))
        yield apart.order_by(moment.desc(), Signature.id.desc()).subquery()


_Shown = aliased(Signature)
_Own = aliased(NameWord)
"""The word that stands for the domain of its address."""


def _numbered(some: Select[int]) -> ScalarSelect[int]:
    few = some.correlate(_Shown, _Own).limit(MOST + 1).subquery()
    return select(func.count()).select_from(few).scalar_subquery()


def _of_network(letter_id: int) -> Select[int]:
    return select(Signature.id).where(
        Signature.letter_id == letter_id,
        Signature.network == _Shown.network,
        Signature.confirmed_at.is_not(None),
    )


def _of_domain(letter_id: int) -> Select[int]:
    return select(NameWord.signature_id).where(
        NameWord.letter_id == letter_id, NameWord.word == _Own.word
    )
