"""Static files, each known by its content; and the script of other sites, by its release."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from flask import current_app


@cache
def files() -> frozenset[str]:
    """The names of all static files, each as its address ends."""
    folder = Path(current_app.static_folder or "")
    return frozenset(
        each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()
    )


@cache
def version(file: str) -> str:
    """Short for the content of a static file: it changes when the content does.

    Raises:
        OSError: there is no such file.
    """
    return hashlib.sha256(content(file)).hexdigest()[:12]


@cache
def content(file: str) -> bytes:
    """What is in a static file.

    Raises:
        OSError: there is no such file.
    """
    return Path(current_app.static_folder or "", file).read_bytes()


RELEASES = range(1)
"""Of `static/embed/v1.*.js`: what other sites have pinned stays as it is, and a change of it is
another file (`tests/guards/test_releases.py`)."""


def script(release: int) -> str:
    """The file of a release of the script of other sites."""
    return f"embed/v1.{release}.js"


@cache
def integrity(file: str) -> str:
    """By what a browser knows a file that another site has pinned (https://www.w3.org/TR/sri/)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content(file)).digest()).decode()
