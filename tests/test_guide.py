"""The page for developers: which letter its examples are about, and that a title changes none."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from tests.factories import make_letter

GUIDE = "/embed/"


def _examples(page: str) -> str:
    """All that stands there to be copied, as it is copied."""
    return unescape("\n".join(re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)))


@pytest.fixture
def only(app: Flask) -> Iterator[None]:
    """A site of one letter."""
    usual = app.config["PETITION"]
    app.config["PETITION"] = replace(usual, site_letter="the-only-one")
    yield
    app.config["PETITION"] = usual


def test_its_examples_are_about_the_newest_letter_that_takes_signatures(
    client: FlaskClient,
) -> None:
    page = client.get(GUIDE).text
    assert 'letter="your-letter"' in _examples(page)
    assert "<script" not in page
    make_letter(slug="an-older")
    make_letter(slug="a-coming", opens=now() + timedelta(days=1))
    assert 'letter="an-older"' in _examples(client.get(GUIDE).text)
    paused = make_letter(slug="a-paused")
    with writing(db.session):
        paused.letter.paused_at = now()
    caching.recent.clear()
    assert 'letter="an-older"' in _examples(client.get(GUIDE).text)


def test_its_examples_are_about_the_only_letter_of_a_site(client: FlaskClient, only: None) -> None:
    make_letter(slug="another")
    assert 'letter="your-letter"' in _examples(client.get(GUIDE).text)
    make_letter(slug="the-only-one", closes=now() - timedelta(days=1))
    assert 'letter="the-only-one"' in _examples(client.get(GUIDE).text)


def test_a_title_stays_a_title_in_what_is_copied(client: FlaskClient) -> None:
    make_letter(title='"><script>alert(1)</script> & <b>')
    page = client.get(GUIDE).text
    assert "<script>alert" not in page
    copied = _examples(page)
    # Only in JSON, which no browser takes for a page, stands what was typed.
    assert copied.count("<script>alert") == 1
    assert '"title": "\\"><script>alert(1)</script> & <b>"' in copied
    assert "&#34;&gt;&lt;script&gt;" in copied
