"""What is looked for in the queue: it stands in the address, and is read from there."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as some

from petition import address
from petition.exceptions import FilterInvalid
from petition.models import Signal, State
from petition.queries.filters import NOTICED, Filter
from petition.queries.sought import Sought

_numbers = some.none() | some.integers(0, 2**63 - 1)
_keys = some.none() | some.integers(-(2**63), 2**63 - 1)
_moments = some.none() | some.datetimes(
    datetime.fromisoformat("2000-01-01"),
    datetime.fromisoformat("8999-12-31T23:59:59.999999"),
    timezones=some.just(UTC),
)
FILTERS = some.builds(
    Filter,
    state=some.none() | some.sampled_from(State),
    signal=some.none() | some.sampled_from([*Signal, NOTICED]),
    reason=some.sampled_from(["", "abuse", "not-a-name"]),
    domain=some.sampled_from(["", "example.org", "xn--bcher-kva.example"]),
    network=some.sampled_from(["", "192.0.2.7", "192.0.2.0/24", "2001:db8::/64", "2001:db8::/57"]),
    revision=some.none() | some.integers(0, 2**31 - 1),
    language=some.sampled_from(["", "en", "zh-Hant"]),
    since=_moments,
    until=_moments,
    text=some.sampled_from(["", "ann lee", "O’Hara, C.", "山田"]),
    who=some.sampled_from(["", "0f" * 32]),
    comment=some.sampled_from(["", "any"]),
    sweep=_numbers,
    assignee=_numbers,
    name=_keys,
    from_network=_keys,
).filter(lambda wanted: not (wanted.since and wanted.until and wanted.since > wanted.until))


@given(FILTERS)
def test_what_is_looked_for_is_read_from_an_address_as_it_was_written(wanted: Filter) -> None:
    assert Filter.read(wanted.address()) == wanted
    assert bool(wanted) is (wanted != Filter())


_offsets = some.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_typed = some.dates() | some.datetimes() | some.datetimes(timezones=_offsets)


@given(_typed, _typed, some.integers(0, 2**64))
@example("8999-12-31", "8999-12-31", 2**31)
def test_whatever_is_understood_once_is_understood_again(
    since: object, until: object, number: int
) -> None:
    asked = {"since": since, "until": until, "revision": number, "sweep": number}
    for name, value in asked.items():
        with suppress(FilterInvalid):
            wanted = Filter.read({name: str(value)})
            assert Filter.read(wanted.address()) == wanted


def test_one_box_understands_what_is_typed(app: Flask) -> None:
    ann = address.digest(address.parse("ann@example.org").canonical).hex()
    assert Filter.read({"q": " ann  lee "}).address() == {"q": "ann lee"}
    assert Filter.read({"q": "@Example.ORG"}).address() == {"domain": "example.org"}
    assert Filter.read({"q": "Ann+x@example.org"}).address() == {"who": ann}
    assert Filter.read({"q": "192.0.2.77/24"}).address() == {"network": "192.0.2.0/24"}
    assert Filter.read({"q": "2001:db8::7"}).address() == {"network": "2001:db8::/64"}
    day = Filter.read({"since": "2026-03-01", "until": "2026-03-01"})
    assert day.address() == {"since": "2026-03-01T00:00:00", "until": "2026-03-02T00:00:00"}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("q", "!!!"),
        ("q", "nobody@"),
        ("q", "10.0.0.0/8"),
        ("q", "@no domain"),
        ("state", "gone"),
        ("signal", "x"),
        ("since", "yesterday"),
        ("until", "9999-12-31"),
        ("until", "8999-12-31"),
        ("until", "9999-12-31T23:00:00-12:00"),
        ("since", "0001-01-01T00:00:00+14:00"),
        ("revision", "²"),
        ("revision", str(2**31)),
        ("sweep", str(2**63)),
        ("from", "12"),
        ("look", "g" * 16),
        ("who", "00"),
        ("reason", "A B"),
    ],
)
def test_what_is_not_understood_is_told_by_its_name(name: str, typed: str) -> None:
    with pytest.raises(FilterInvalid) as told:
        Filter.read({name: typed, "language": "en"})
    assert told.value.what == {name}


def test_a_name_is_compared_with_a_pattern_in_one_go() -> None:
    def fits(pattern: str, name: str) -> bool:
        return Sought.read({"pattern": pattern}).fits(name)

    assert fits("spambot ?", "SpamBöt 1")
    assert fits("a[b]*\\^&|.c", "A[B] and \\^&|.C")
    assert fits("[!a]*", "[!A]x")
    assert fits("a*b*c", "a b b c c")
    assert not fits("a*b", "a b c")
    assert not fits("spambot ?", "spambot 22")
    assert not fits("a[b]*", "abc")
    before = process_time()
    assert not fits("*a*a*a*aq", "a" * 200)
    assert not fits("*ل*ل*ل*لq", "\ufdfa" * 56)
    assert process_time() - before < 0.5
    for everybody in ("**", "?*", "*ـ*"):  # the last is nothing but a longer line between letters
        with pytest.raises(FilterInvalid):
            fits(everybody, "Ann Lee")
