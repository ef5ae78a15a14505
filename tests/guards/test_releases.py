"""What other sites have pinned stays as it is."""

import hashlib
from pathlib import Path

import pytest
from flask import Flask

from petition import assets

STATIC = Path(__file__).parents[2] / "static"
RELEASED = {
    0: "32b6f67cb7ebe70f66faaf4cfc63bb1c809a9eccfa8f95ffb4b469c55881a8ab",
}
"""SHA-256 of each release of the script for other sites, from the day the changelog tells of it: a
change of it is another file. Until then the last one may change, and stands not here."""


def test_a_released_script_is_never_edited() -> None:
    found = {
        release: hashlib.sha256((STATIC / assets.script(release)).read_bytes()).hexdigest()
        for release in RELEASED
    }
    assert found == RELEASED


def test_each_script_is_a_release_or_the_next() -> None:
    files = {each.name for each in (STATIC / "embed").glob("*.js")}
    assert files == {Path(assets.script(each)).name for each in assets.RELEASES}
    assert set(assets.RELEASES) - set(RELEASED) <= {assets.RELEASES[-1]}


@pytest.mark.parametrize("release", assets.RELEASES)
def test_a_release_says_which_it_is(app: Flask, release: int) -> None:
    assert (
        f"release 1.{release}." in assets.content(assets.script(release)).decode().splitlines()[0]
    )
    assert assets.integrity(assets.script(release)).startswith("sha384-")
