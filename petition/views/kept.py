"""Words that could not be taken, because their writer was signed out or owes a passkey.

They are handed back on a page that sends them once more to where they were going.
"""

import re

from flask import Response, request

from petition.views import answers, headers
from petition.views.sessions import in_panel, leads_into_panel

_NOBODYS = {
    "base",
    "credential",
    "csrf_token",
    "number",
    "proof-credential",
    "proof-pressed",
    "version",
}
"""Fields that nobody fills in."""
_OF_A_PROOF = "proof-"
"""What the fields begin with that stand on the page where organizers prove who they are."""
_CHOSEN = re.compile("[a-z]*|[0-9]*")
"""What buttons and lists send. It goes along, and is no loss by itself."""


def hand_back(status: int) -> Response | None:
    """The page with everything that was just written.

    Returns:
        Nothing where nothing was written, or another site has made the browser send it.
    """
    if request.method != "POST" or not in_panel(request.path) or headers.from_another_site():
        return None
    sent = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    written = [
        value
        for name, value in sent
        if name not in _NOBODYS
        and not name.startswith(_OF_A_PROOF)
        and not _CHOSEN.fullmatch(value.strip())
    ]
    if not written:
        return None
    return answers.page(
        "kept.html",
        status=status,
        sent=sent,
        written=written,
        here=_where(),
        enctype=request.mimetype,
    )


def _where() -> str:
    """Where the words were going; what went through the page of a proof, to the page behind it."""
    to = request.args.get("to", "")
    if request.blueprint == "proof" and leads_into_panel(to, "POST"):
        return to
    return request.full_path.rstrip("?")
