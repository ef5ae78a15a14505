"""What the pages of the panel have in common."""

import re
from fnmatch import fnmatch

from flask.testing import FlaskClient

from tests.catalogues import PANEL, ROOT
from tests.factories import make_letter, make_signature, make_sweep, sign_in

LETTER = "/organize/letters/a-letter"


def _marked(kind: str, page: str) -> list[str]:
    """What of the ways of a page is said to be the present one."""
    ways = page.split(f'<nav class="{kind}"', 1)[1].split("</nav>", 1)[0]
    return re.findall('aria-current="page">([^<]+?) *<', ways)


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
        assert _marked("tabs", page) == ["Moderation"], path
        assert _marked("numbers", page) == ([name] if name else []), path
        assert "decided within 24 hours" in page, path
    tried = {"effect": "block", "value": "example.org", "reason": "A robot.", "lasts": "day"}
    page = client.post(f"{LETTER}/rules", data=tried).text
    assert "Block addresses at example.org?" in page
    assert 'aria-current="page">Rules and switches<' in page


def test_what_was_wrong_stays_in_no_address_of_the_panel() -> None:
    """A redirect keeps the fragment of the form's address; focus comes by itself."""
    forms = {
        file.relative_to(ROOT).as_posix(): "#problems" in file.read_text()
        for file in (ROOT / "templates").rglob("*.html")
    }
    assert [
        name for name in forms if forms[name] and any(fnmatch(name, each) for each in PANEL)
    ] == []
    assert any(forms.values())  # those of the public keep it
