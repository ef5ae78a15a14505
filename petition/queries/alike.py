"""How many other signatures of a letter share something with one that is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from petition import domains
from petition.extensions import db
from petition.models import NameWord, Signature
from petition.queries.filters import at

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
    shown = list(signatures)
    networks = {each.network for each in shown if each.network is not None}
    hosts = {domains.domain(each.email) for each in shown if each.email}
    parts = [
        *(("network", each, _of_network(letter_id, each)) for each in networks),
        *(("domain", each, _of_domain(letter_id, each)) for each in hosts),
    ]
    numbers = _numbers(parts)
    return {
        each.id: Alike(
            numbers.get(("network", each.network), 0),
            numbers.get(("domain", domains.domain(each.email)), 0) if each.email else 0,
        )
        for each in shown
    }


def _numbers(parts: list[tuple[str, Any, Select[int]]]) -> dict[tuple[str, Any], int]:
    if not parts:
        return {}
    counted = (
        select(literal(place), func.count()).select_from(some.limit(MOST + 1).subquery())
        for place, (_, _, some) in enumerate(parts)
    )
    rows = db.session.execute(union_all(*counted))
    return {parts[place][:2]: number for place, number in rows}


def _of_network(letter_id: int, network: int) -> Select[int]:
    return select(Signature.id).where(
        Signature.letter_id == letter_id,
        Signature.network == network,
        Signature.confirmed_at.is_not(None),
    )


def _of_domain(letter_id: int, host: str) -> Select[int]:
    return select(NameWord.signature_id).where(
        NameWord.letter_id == letter_id, NameWord.word == at(host)
    )
