"""A form that knows which version of a letter its reader was shown."""

import re

from wtforms import HiddenField

from petition.forms.panel import PanelForm


class VersionedForm(PanelForm):
    """Carries the version along, so that no colleague's change is overwritten unseen."""

    version = HiddenField("")

    @property
    def seen(self) -> int:
        """The version of the letter that was shown; one that never was, where that is unclear."""
        typed = self.version.data or ""
        return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else -1
