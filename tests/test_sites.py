"""Other web sites, as people and browsers name them."""

import pytest
from flask import Flask

from petition import sites, sources
from petition.exceptions import SiteCutShort, SiteInvalid, SiteTooWide
from petition.models import Sighting, Signature, Site, Statistic


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://news.example", "news.example"),
        ("https://www.news.example/a/path?a=query#b", "news.example"),
        ("http://NEWS.Example.:8080/", "news.example:8080"),
        ("https://news.example:443", "news.example"),
        ("http://news.example:80", "news.example"),
        ("https://user:password@news.example/", "news.example"),
        ("https://news.example@other.example/", "other.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://STRASSE.example/", "strasse.example"),
        ("https://straße.example/", "xn--strae-oqa.example"),  # as browsers ask for it
        ("https://مثال.إختبار/", "xn--mgbh0fb.xn--kgbechtv"),
        ("https://www.com/", "www.com"),
        ("http://localhost:8000/", "localhost:8000"),
        ("http://192.0.2.7/", "192.0.2.7"),
        ("http://[2001:db8::7]/", ""),
        ("http://[broken/", ""),
        ("https://news.example:99999/", ""),
        ("https://news..example/", ""),
        ("https://-news.example/", ""),
        ("https://news .example/", ""),
        ("https://news.example;script-src", ""),
        (f"https://{'a' * 64}.example/", ""),
        (f"https://{'abc.' * 30}example/", ""),
        ("ftp://news.example/", ""),
        ("about:blank", ""),
        ("null", ""),
        ("/a/path", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_tells_its_site_or_nothing(address: str | None, name: str) -> None:
    assert sites.of(address) == name


def test_a_site_is_understood_however_it_is_written(app: Flask) -> None:
    for typed in (
        "news.example",
        " https://www.news.example/politics?page=2 ",
        "NEWS.example./",
        "news.example:443/",
        "//news.example",
        "https://news.example/@somebody/a-story",
        "news.example/?of=a@b.example#@",
        "news.example/?of=https://other.example/",
    ):
        assert sites.understood(typed) == "news.example", typed
    assert sites.understood("bücher.example:8443") == "xn--bcher-kva.example:8443"
    assert sites.understood("somebody.github.io") == "somebody.github.io"


def test_what_is_no_site_or_that_of_strangers_is_refused(app: Flask) -> None:
    for typed in (
        "", "192.0.2.7", "[2001:db8::7]", "a news.example", "*", "[broken/@",
        "somebody@news.example", "https://somebody:secret@news.example/", "*.news.example",
        "ftp://news.example", "javascript:alert(1)",
        "mailto:somebody@news.example", "news.example, other.example", "'self'", "x" * 2000,
    ):  # fmt: skip
        with pytest.raises(SiteInvalid) as refused:
            sites.understood(typed)
        assert refused.type is SiteInvalid, typed
    for typed in ("news", "https://www", "localhost:8000", "zeit"):
        with pytest.raises(SiteCutShort):
            sites.understood(typed)
    for typed in ("co.uk", "www.co.uk", "https://github.io/"):
        with pytest.raises(SiteTooWide):
            sites.understood(typed)


def test_several_sites_are_told_apart_and_an_address_stays_whole() -> None:
    names = ["one.example", "two.example", "three.example"]
    for between in ("\r\n", "\n\n", ",", ", ", " ; ", ",\n", " "):
        assert sites.apart(between.join(names)) == names, between
        assert sites.apart(f" {between.join(names)}{between}") == names, between
    assert sites.apart("https://one.example/1,2;3,https://two.example/, three.example") == [
        "https://one.example/1,2,3", "https://two.example/", "three.example",
    ]  # fmt: skip
    addresses = ["news.example/story,5.html", "other.org/2", "third.com"]
    assert sites.apart(",".join(addresses)) == addresses, "none is lost"
    assert sites.apart(" ,;\n") == []


@pytest.mark.parametrize(
    ("site", "other", "covered"),
    [
        ("news.example", "news.example", True),
        ("news.example", "blog.news.example", True),
        ("news.example", "news.example:8080", True),
        ("news.example", "blog.news.example:8080", True),
        ("news.example:8080", "news.example:8080", True),
        ("news.example:8080", "news.example", False),
        ("news.example", "fakenews.example", False),
        ("blog.news.example", "news.example", False),
        ("news.example", "news.example.evil.test", False),
        ("news.example", "", False),
    ],
)
def test_what_is_said_of_a_site_holds_for_all_below_it(
    site: str, other: str, covered: bool
) -> None:
    assert sites.covers(site, other) is covered


def test_browsers_are_told_of_each_host_and_all_below_it(app: Flask) -> None:
    assert sites.ancestors(["news.example:8443"]) == (
        "https://news.example:8443 http://news.example:8443 "
        "https://*.news.example:8443 http://*.news.example:8443"
    )
    assert "*.127.0.0.1" not in sites.ancestors(["127.0.0.1:8000"])
    assert "www" in sites.exactly("news.example")
    assert "www" not in sites.exactly("com"), "which is another site"


@pytest.mark.parametrize(
    ("name", "digits"),
    [("", "811c9dc5"), ("a", "e40c292c"), ("foobar", "bf9cf968")],
)
def test_the_shorthand_is_that_of_everybodys_fnv(name: str, digits: str) -> None:
    """The vectors of draft-eastlake-fnv, appendix C."""
    assert sites.shorthand(name) == digits


def test_names_fit_where_they_are_kept() -> None:
    for column, longest in (
        (Site.name, sites.LONGEST),
        (Sighting.name, sites.LONGEST),
        (Signature.source, sources.LONGEST),
        (Statistic.key, sources.LONGEST),
    ):
        assert column.type.length == longest, column
    host = f"{'a' * 63}.example"
    for label, kept in (("bb.", True), ("bbb.", False)):
        for kind in ("embed", "badge"):
            said = sources.read(f"{kind}:{label}{host}")
            assert said == (f"{kind}:{label}{host}" if kept else kind)
            assert len(said) <= sources.LONGEST
