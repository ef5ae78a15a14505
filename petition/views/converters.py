"""What may stand in an address where a name is expected."""

from werkzeug.routing import BaseConverter


class SlugConverter(BaseConverter):
    """A letter's slug: what cannot be one leads nowhere, and reaches no database."""

    regex = "[a-z0-9-]{1,80}"
