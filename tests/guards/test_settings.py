"""README's table of settings equals config.py, and that of what is kept retention.py."""

import re
from datetime import timedelta
from pathlib import Path

from petition import retention
from petition.config import SETTINGS

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `(PETITION_\w+)` \| (.*?) \| (.*) \|$", re.MULTILINE)
KEPT = {
    "UNCONFIRMED": "what was typed and never confirmed",
    "NETWORKS": "a fingerprint of the network a form came from",
    "MAILS": "records of mails",
    "REPORTS": "reports, what rejected signers wrote, and what they were answered",
    "SIGHTINGS": "the name of a site that shows a letter",
    "SIGHTED_ONCE": "the name of a site that shows a letter",
}
OF_LINKS = {"LINK", "GRACE"}
"""How long something works, rather than how long it is kept."""


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    written = [match.groups() for match in ROW.finditer(README.read_text())]
    declared = [(s.name, f"`{s.default}`" if s.default else "", s.meaning) for s in SETTINGS]
    assert written == declared


def test_the_readme_says_how_long_each_thing_is_kept() -> None:
    lasting = {name: v for name, v in vars(retention).items() if isinstance(v, timedelta)}
    assert lasting.keys() - OF_LINKS == KEPT.keys()
    _, _, section = README.read_text().partition("## What is kept, and how long")
    rows = dict(re.findall(r"^\| (.*?) \| (.*?) \|$", section.partition("\n## ")[0], re.MULTILINE))
    for name, what in KEPT.items():
        assert re.search(rf"\b{lasting[name].days} days\b", rows[what]), name
