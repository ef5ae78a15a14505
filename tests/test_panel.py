"""What the pages of the panel have in common."""

import re
from pathlib import Path

from flask.testing import FlaskClient

from tests.factories import make_letter, make_signature, make_sweep, sign_in

LETTER = "/organize/letters/a-letter"
TEMPLATES = Path(__file__).parent.parent / "templates"


def test_every_page_of_moderation_leads_to_the_others_and_says_which_it_is(
    client: FlaskClient,
) -> None:
    found = make_letter()
    sign_in(client)
    signature = make_signature(found)
    made = make_sweep(found, state="published")
    pages = {
        "moderation": "Waiting",
        "moderation?tab=all": "All",
        "numbers": "Numbers",
        "rules": "Rules and switches",
        "export?tab=all&q=ann": "Export",
        "record": "Record",
        "sweeps": "Decided together",
        f"sweeps/{made.id}": "Decided together",
        "invalidations": "Invalidations",
        f"signatures/{signature.id}": None,
    }
    for path, name in pages.items():
        page = client.get(f"{LETTER}/{path}").text
        tabs = re.search('<nav class="tabs".*?</nav>', page, re.DOTALL)
        ways = re.search('<nav class="numbers".*?</nav>', page, re.DOTALL)
        assert tabs and re.findall('aria-current="page">(.*?)<', tabs[0]) == ["Moderation"], path
        assert ways and re.findall('aria-current="page">([^<]+?) *<', ways[0]) == (
            [name] if name else []
        ), path
        assert "decided within 24 hours" in page, path
    tried = {"effect": "block", "value": "example.org", "reason": "A robot.", "lasts": "day"}
    page = client.post(f"{LETTER}/rules", data=tried).text
    assert "Block addresses at example.org?" in page
    assert 'aria-current="page">Rules and switches<' in page
