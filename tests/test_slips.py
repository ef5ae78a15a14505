"""Slips in well-known mail domains: offered corrected, and never where the domain is right."""

import pytest

from petition import slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gamil.com", "gmail.com"),
        ("gmial.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail,com", "gmail.com"),
        ("GNAIL.com", "gmail.com"),
        ("hotmial.fr", "hotmail.fr"),
        ("wanado.fr", "wanadoo.fr"),
        ("t-onlin.de", "t-online.de"),
        ("gxm.de", "gmx.de"),
        ("maktob.com", "maktoob.com"),
        ("gmx.net", None),
        ("gmx.de", None),
        ("hotmail.fr", None),
        ("mail.com", None),
        ("Yahoo.FR", None),
        ("example.org", None),
        ("orange.com", None),
        ("hm.com", None),  # so short that a slip leads from anywhere to anywhere
        ("", None),
    ],
)
def test_it_offers_what_was_perhaps_meant(typed: str, meant: str | None) -> None:
    expected = f"ann.lee+x@{meant}" if meant else None
    assert slips.meant(f" ann.lee+x@{typed} ") == expected


def test_what_is_no_address_means_nothing() -> None:
    assert [slips.meant(each) for each in ("", "@", "@gamil.com", "gamil.com")] == [None] * 4


def test_no_known_domain_is_taken_for_another() -> None:
    assert [each for each in slips.KNOWN if slips.meant(f"ann@{each}")] == []
    assert len(slips.KNOWN) == len(set(slips.KNOWN))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("", "", 0), ("ab", "ba", 1), ("ca", "abc", 3), ("gamil", "gmail", 1), ("", "abc", 3)],
)
def test_two_neighbours_swapped_are_one_slip(one: str, other: str, expected: int) -> None:
    assert slips.distance(one, other) == slips.distance(other, one) == expected
