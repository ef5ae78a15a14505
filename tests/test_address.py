"""E-mail addresses: which are valid, and which are one person."""

import pytest
from flask import Flask

from petition import address
from petition.exceptions import AddressInvalid


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.b+x@gmail.com", "ab@googlemail.com", True),
        ("A@EXAMPLE.com", "a@example.com", True),
        ("ann+letters@example.org", "ann@example.org", True),
        ("a.b@fastmail.com", "ab@fastmail.com", False),
        ("user@bücher.de", "user@xn--bcher-kva.de", True),
        ("user@BÜCHER.de", "user@bücher.de", True),
        ("ann@example.org", "ann@example.com", False),
        ("ann@gmail.com", "ann@gmail.co", False),
        ("a.n-n_lee@protonmail.com", "ANNLEE+x@pm.me", True),
        ("ann_lee@outlook.com", "annlee@outlook.com", False),
        ("ann@mac.com", "ann+x@icloud.com", True),
        ("a.nn@me.com", "ann@me.com", False),
        ("ann.lee@ya.ru", "ann-lee@yandex.com.tr", True),
        ("ann.lee@yandex.ru", "annlee@yandex.ru", False),
        ("any+x@ann.fastmail.com", "ann+y@fastmail.com", True),
        ("ann@fastmail.com", "ann@fastmail.fm", False),
        ("x@ann.example.org", "ann@example.org", False),
        ("+x@example.org", "+y@example.org", False),
    ],
)
def test_spellings_of_one_mailbox(one: str, other: str, same: bool) -> None:
    assert (address.parse(one).canonical == address.parse(other).canonical) is same


def test_mail_goes_to_what_was_typed() -> None:
    assert address.parse("  Ann.Lee+x@GMail.com ").delivery == "Ann.Lee+x@gmail.com"
    assert address.parse("ann@bücher.de").delivery == "ann@xn--bcher-kva.de"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@localhost",
        "ann@[127.0.0.1]",
        '"ann lee"@example.org',
        "Ann <ann@example.org>",
        "ann@example.org, bob@example.org",
        "ann@example.org\nBcc: bob@example.org",
        "ann@exam\u200bple.org",
        "jürg@example.org",
        "a" * 65 + "@example.org",
        "ann@" + "a" * 250 + ".org",
    ],
)
def test_what_mail_cannot_reach_is_refused(typed: str) -> None:
    with pytest.raises(AddressInvalid):
        address.parse(typed)


def test_the_digest_needs_the_key(app: Flask) -> None:
    before = address.digest("ann@example.org")
    assert before == address.digest("ann@example.org")
    assert len(before) == 32
    kept, app.config["PETITION_DIGEST"] = app.config["PETITION_DIGEST"], b"another key"
    assert address.digest("ann@example.org") != before
    app.config["PETITION_DIGEST"] = kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A.nn+x@gmail.com", "ann@googlemail.com", True),
        ("ann+x@proton.me", "ann@proton.me", True),
        ("a.nn@proton.me", "ann+x@protonmail.com", True),
        ("x@ann.fastmail.com", "ann+y@fastmail.com", True),
        ("ann.lee@yandex.ru", "ann-lee@ya.ru", True),
        ("ann+x@me.com", "ann@icloud.com", True),
        ("a.nn@posteo.de", "ann@posteo.de", False),
        ("ANN@example.org", "ann@EXAMPLE.org", True),
        ("ann+x@example.org", "ann@example.org", False),
        ("ann@example.org", "ann@example.com", False),
        ("+x@gmail.com", "+x@gmail.com", True),
    ],
)
def test_what_surely_reaches_one_mailbox(app: Flask, one: str, other: str, same: bool) -> None:
    digests = [address.mailbox(address.parse(each).delivery) for each in (one, other)]
    assert (digests[0] == digests[1]) is same
    assert len(digests[0]) == 16
