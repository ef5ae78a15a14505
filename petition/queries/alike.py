"""How many other signatures of a letter share something with one that is looked at."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import aliased

from petition.extensions import db
from petition.models import NameWord, Signature
from petition.queries import filters

MOST = 100
"""They are counted no further than to one more."""


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
