"""README's table of settings equals config.py."""

import re
from pathlib import Path

from petition.config import SETTINGS

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `(PETITION_\w+)` \| (.*?) \| (.*) \|$", re.MULTILINE)


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    written = [match.groups() for match in ROW.finditer(README.read_text())]
    declared = [(s.name, f"`{s.default}`" if s.default else "", s.meaning) for s in SETTINGS]
    assert written == declared
