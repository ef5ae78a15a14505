"""What is left in the columns of a signature whose signer goes."""

from typing import Any

WORDS: dict[str, Any] = {
    "email": None,
    "mailbox": None,
    "name": "",
    "affiliation": "",
    "role": "",
    "location": "",
    "comment": "",
    "country": "",
    "answers": None,
    "initials": False,
    "updates": False,
    "pass_on": False,
    "consents": None,
    "source": None,
    "skeleton": None,
    "affiliation_key": None,
    "searchable": True,
    "verified_at": None,
    "assignee_id": None,
}
"""Instead of the words of somebody who withdraws. The digest stays: it holds their place."""

NOTHING: dict[str, Any] = {
    **WORDS,
    "show_name": False,
    "requests": 1,
    "position": None,
    "network": None,
    "solved": False,
    "signals": 0,
    "told": None,
}
"""Of somebody of whom nothing but their place in the numbers is kept."""
