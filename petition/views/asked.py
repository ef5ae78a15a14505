"""What stands behind the question mark of an address."""

from urllib.parse import parse_qsl, urlsplit

from flask import request

MOST = 20
"""Parameters of an address; one with more says nothing."""


def here() -> dict[str, str]:
    """The parameters of the address that is asked for, and, for a form, of the one that it was
    sent from."""
    # A page that a cache may keep is made from its own address alone.
    before = of(request.referrer) if request.method == "POST" else {}
    return before | request.args.to_dict()


def of(address: str | None) -> dict[str, str]:
    """The parameters of an address; none, where it makes no sense."""
    try:
        return dict(parse_qsl(urlsplit(address or "").query, max_num_fields=MOST))
    except ValueError:
        return {}
