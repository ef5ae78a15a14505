"""How long what is kept is kept."""

import calendar
from datetime import MAXYEAR, datetime, timedelta

from petition import config
from petition.tokens import Purpose

UNCONFIRMED = timedelta(days=30)
"""What was typed and never confirmed."""
LINK = Purpose.CONFIRM.age
"""For as long after its mail a link to confirm works, and what it leads to is there."""
NETWORKS = timedelta(days=30)
"""The digest of the network that a form came from."""
MAILS = timedelta(days=30)
"""What is known of mails that left or failed: that there was one, of a kind, at a time."""
REPORTS = timedelta(days=180)
"""Reports about signatures, after they were settled."""
SIGHTINGS = timedelta(days=90)
"""The name of a site that shows a letter, after it was last seen."""
SIGHTED_ONCE = timedelta(days=7)
"""The same, where it was seen at one moment only: such a name may be made up."""
GRACE = timedelta(hours=24)
"""How long after closing a confirmation is still taken: its mail left before."""


def addresses() -> timedelta:
    """How long after confirming the address is kept of somebody who asked for no updates."""
    return timedelta(days=config.current().keep_addresses_days)


def anonymous_from(ended: datetime) -> datetime:
    """When the signatures of a letter are made anonymous that ended at a moment."""
    return max(_later(ended, config.current().keep_names_months), ended + GRACE)


def _later(moment: datetime, months: int) -> datetime:
    """So many months later; on the last day of a month that is too short."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = min(moment.year + years, MAXYEAR)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
