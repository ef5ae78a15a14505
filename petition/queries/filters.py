"""What is looked for among the signatures of a letter: read from an address, and said in SQL."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from petition import address, domains, folding, numerals
from petition.exceptions import AddressInvalid, FilterInvalid, NetworkInvalid
from petition.models import NameWord, Revision, Signal, Signature, State, Swept
from petition.models.letter import LANGUAGE_LENGTH
from petition.models.signature import DIGEST_BYTES, REASON_LENGTH
from petition.queries import networks, revisions

MOST_WORDS = 8
"""Words of a name or an affiliation that are looked for."""
MOST_TYPED = 254
"""Characters of what is looked for; no address is longer."""

_FIRST_YEAR, _LAST_YEAR = 2000, 8999
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Filter:
    """What a signature has to be; whatever is not said does not matter."""

    state: State | None = None
    signal: Signal | None = None
    reason: str = ""
    """Why it stands rejected."""
    domain: str = ""
    """Of its address; not known any more, once that is erased."""
    network: str = ""
    """An address or a network, such as 192.0.2.0/24, that it came from of late."""
    revision: int | None = None
    """The number of the text that was signed."""
    language: str = ""
    since: datetime | None = None
    """Signed then or later."""
    until: datetime | None = None
    """Signed before."""
    text: str = ""
    """Beginnings of words of its name and its affiliation."""
    who: str = ""
    """The digest of its address, in hex: the address itself stands in no address of a page."""
    comment: str = ""
    """`any`: there is one."""
    sweep: int | None = None
    """A decision about many that it is part of."""
    assignee: int | None = None
    """The organizer to whom it was handed."""
    name: int | None = None
    """The skeleton of its name."""
    from_network: int | None = None
    """The network that it came from, as it is kept."""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filter":
        """What an address, or a form, asks for; what is empty there is not asked for.

        One box understands an e-mail address, a domain after an @, a network address and words.

        Raises:
            FilterInvalid: with the names of all that cannot be understood.
        """
        values: dict[str, Any] = {}
        wrong = set()
        for field in fields(cls):
            name = _WORDS.get(field.name, field.name)
            typed = args.get(name, "").strip()
            if not typed:
                continue
            try:
                values |= _READ[field.name](typed)
            except ValueError:
                wrong.add(name)
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            wrong.add("until")
        if wrong:
            raise FilterInvalid(wrong)
        return cls(**values)

    def address(self) -> dict[str, str]:
        """What stands for it in an address; read again, it is the same."""
        return {
            _WORDS.get(field.name, field.name): _written(field.name, value)
            for field in fields(self)
            if (value := getattr(self, field.name)) not in (None, "")
        }

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.address())


_WORDS = {"text": "q", "name": "look", "from_network": "from"}
"""What is called otherwise in addresses."""


NOTICED = ~(Signal.UNSOLVED | Signal.ALLOWED)
"""Whatever is a reason to look. That something came unsolved is none by itself on many letters."""
_ANY = "any"


def _signal(typed: str) -> Signal:
    if typed == _ANY:
        return NOTICED
    for signal in Signal:
        if signal.code == typed:
            return signal
    raise ValueError(typed)


def _revision(typed: str) -> int:
    if (number := numerals.row(typed)) > revisions.MOST:
        raise ValueError(typed)
    return number


def _digest(typed: str) -> str:
    if not re.fullmatch(f"[0-9a-f]{{{2 * DIGEST_BYTES}}}", typed):
        raise ValueError(typed)
    return typed


def _any(typed: str) -> str:
    if typed != _ANY:
        raise ValueError(typed)
    return typed


def _code(typed: str) -> str:
    if not re.fullmatch(f"[a-z0-9-]{{1,{REASON_LENGTH}}}", typed):
        raise ValueError(typed)
    return typed


def _language(typed: str) -> str:
    if not re.fullmatch(f"[A-Za-z0-9-]{{1,{LANGUAGE_LENGTH}}}", typed):
        raise ValueError(typed)
    return typed


def _domain(typed: str) -> str:
    try:
        parsed = address.parse(f"anybody@{typed.removeprefix('@')}")
    except AddressInvalid:
        raise ValueError(typed) from None
    return domains.domain(parsed.delivery)


def _network(typed: str) -> str:
    try:
        return networks.written(typed)
    except NetworkInvalid:
        raise ValueError(typed) from None


def _moment(typed: str) -> datetime:
    """A day or a minute, of UTC unless it says otherwise."""
    moment = _in_range(datetime.fromisoformat(typed))
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return _in_range(moment)


def _end(typed: str) -> datetime:
    """As `_moment`; of a day, all of it."""
    whole_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed) is not None
    return _in_range(_moment(typed) + timedelta(days=1 if whole_day else 0))


def _in_range(moment: datetime) -> datetime:
    """What is kept is read again: nothing may be understood the first time alone."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(moment)
    return moment


def _understood(typed: str) -> dict[str, Any]:
    if len(typed) > MOST_TYPED:
        raise ValueError(typed)
    if typed.startswith("@"):
        return {"domain": _domain(typed)}
    if "@" in typed:
        try:
            parsed = address.parse(typed)
        except AddressInvalid:
            raise ValueError(typed) from None
        return {"who": address.digest(parsed.canonical).hex()}
    if networks.is_one(typed):
        return {"network": _network(typed)}
    if not folding.words(typed):
        raise ValueError(typed)
    return {"text": " ".join(typed.split())}


def _as(name: str, read: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    return lambda typed: {name: read(typed)}


_READ: dict[str, Callable[[str], dict[str, Any]]] = {
    "state": _as("state", State),
    "signal": _as("signal", _signal),
    "reason": _as("reason", _code),
    "domain": _as("domain", _domain),
    "network": _as("network", _network),
    "revision": _as("revision", _revision),
    "language": _as("language", _language),
    "since": _as("since", _moment),
    "until": _as("until", _end),
    "text": _understood,
    "who": _as("who", _digest),
    "comment": _as("comment", _any),
    "sweep": _as("sweep", numerals.row),
    "assignee": _as("assignee", numerals.row),
    "name": _as("name", numerals.unhexed),
    "from_network": _as("from_network", numerals.unhexed),
}


def _written(name: str, value: Any) -> str:
    if isinstance(value, Signal):
        return _ANY if value == NOTICED else value.code
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="auto")
    if name in {"name", "from_network"}:
        return numerals.hexed(value)
    return str(value)


@dataclass(frozen=True)
class Stretch:
    """Signatures that came one after the other, by their ids."""

    first: int | None = None
    before: int | None = None

    def holds(self, number: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        """What is true of the id of each of them."""
        bounds = []
        if self.first is not None:
            bounds.append(number >= self.first)
        if self.before is not None:
            bounds.append(number < self.before)
        return bounds


WHOLE = Stretch()
"""All of them."""


def conditions(
    letter_id: int,
    wanted: Filter,
    signature: type[Signature] = Signature,
    among: Stretch = WHOLE,
) -> list[ColumnElement[bool]]:
    """What is exactly true of the signatures of a letter that a filter is for.

    States and lesser bounds are written out, as partial indexes have them. A network costs one
    statement, for the keys of the days.

    Args:
        signature: the table, or another name for it.
        among: where they are looked for. It is for the index of words, of which PostgreSQL would
            else read all that the letter has; the signatures have to be held to it besides.
    """
    exact: list[ColumnElement[bool]] = [signature.letter_id == letter_id]
    if wanted.state is not None:
        exact.append(_stands(signature, wanted.state))
    if wanted.signal is not None:
        exact.append(signature.signals.bitwise_and(wanted.signal.value) != 0)
    if wanted.reason:
        exact += [_stands(signature, State.REJECTED), signature.removed_for == wanted.reason]
    if wanted.revision is not None:
        number = select(Revision.id).where(
            Revision.letter_id == letter_id, Revision.number == wanted.revision
        )
        exact.append(signature.revision_id == number.scalar_subquery())
    if wanted.language:
        exact.append(signature.language == wanted.language)
    if wanted.since is not None:
        exact.append(signature.created_at >= wanted.since)
    if wanted.until is not None:
        exact.append(signature.created_at < wanted.until)
    if wanted.who:
        exact.append(signature.digest == bytes.fromhex(wanted.who))
    if wanted.comment:
        exact.append(signature.comment != literal_column("''"))
    if wanted.sweep is not None:
        swept = exists().where(Swept.sweep_id == wanted.sweep, Swept.signature_id == signature.id)
        exact.append(swept)
    if wanted.assignee is not None:
        exact.append(signature.assignee_id == wanted.assignee)
    if wanted.name is not None:
        exact += [signature.skeleton == wanted.name, signature.confirmed_at.is_not(None)]
    exact += _of_networks(wanted, signature)
    exact += [_has(letter_id, word, signature, among) for word in words(wanted)]
    return exact


def _stands(signature: type[Signature], state: State) -> ColumnElement[bool]:
    return signature.state == literal_column(f"'{state.value}'")


def _of_networks(wanted: Filter, signature: type[Signature]) -> list[ColumnElement[bool]]:
    came: list[ColumnElement[bool]] = []
    if wanted.from_network is not None:
        came.append(signature.network == wanted.from_network)
    if wanted.network:
        known = networks.known_digests(wanted.network)
        came.append(signature.network.in_(known) if known else false())
    return [*came, signature.confirmed_at.is_not(None)] if came else []


@dataclass(frozen=True)
class Word:
    """What stands in the index of words: a beginning of one, or the whole of it."""

    value: str
    whole: bool = False

    def parts(self, column: Any) -> list[ColumnElement[bool]]:
        """The parts of the index, of which each is in its order, where a word is one of these."""
        if self.whole:
            return [column == self.value]
        firsts = (self.value, apart(self.value))
        return [and_(column >= first, column < first + _LAST) for first in firsts]


def words(wanted: Filter) -> list[Word]:
    """What a filter needs the index of words for: of a name, an affiliation, and the domain."""
    said = list(dict.fromkeys(folding.words(wanted.text)))[:MOST_WORDS]
    found = [Word(each[: folding.LENGTH]) for each in said]
    return [*found, Word(at(wanted.domain), whole=True)] if wanted.domain else found


def apart(word: str) -> str:
    """A word as the index has it of those who are not public. No name begins so."""
    return f"#{word}"


def at(domain: str) -> str:
    """The word by which the index knows the domain of an address. No name has such a word."""
    return f"@{domain}"


def is_domain(word: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether a word stands for a domain."""
    return and_(word >= "@", word < "A")  # which follows it


def _has(
    letter_id: int, word: Word, signature: type[Signature], among: Stretch
) -> ColumnElement[bool]:
    known = aliased(NameWord)
    return exists().where(
        known.letter_id == letter_id,
        known.signature_id == signature.id,
        *among.holds(known.signature_id),
        or_(*word.parts(known.word)),
    )
