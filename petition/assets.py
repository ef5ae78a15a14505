"""Static files, each known by its content."""

import hashlib
from functools import cache
from pathlib import Path

from flask import current_app


@cache
def version(file: str) -> str:
    """Short for the content of a static file: it changes when the content does.

    Raises:
        OSError: there is no such file.
    """
    content = Path(current_app.static_folder or "", file).read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]
