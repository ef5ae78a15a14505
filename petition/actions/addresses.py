"""The address of who asked for no updates is erased after a while; its owner is still known."""

from typing import Any

from petition import address, config


def kept(email: str | None, *, updates: bool) -> dict[str, Any]:
    """The columns of a signature's address, as they are to be when it is confirmed."""
    if email is None or updates or config.current().keep_addresses_days:
        return {"email": email}
    return erased(email)


def erased(email: str) -> dict[str, Any]:
    """The columns of a signature's address, once it is erased."""
    return {"email": None, "mailbox": address.mailbox(email)}
