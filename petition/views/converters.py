"""What may stand in an address where a name is expected."""

from werkzeug.routing import BaseConverter, IntegerConverter, Map

from petition.numerals import LARGEST


class SlugConverter(BaseConverter):
    """A letter's slug: what cannot be one leads nowhere, and reaches no database."""

    regex = "[a-z0-9-]{1,80}"


class LineConverter(BaseConverter):
    """What stands for a public name (`tokens.line`)."""

    regex = "[A-Za-z0-9_-]{12,22}"


class TagConverter(BaseConverter):
    """Short for the content of something, whose address changes with it."""

    regex = "[0-9a-f]{16}"


class ColourConverter(BaseConverter):
    """A colour in six digits."""

    regex = "[0-9a-f]{6}"


class NumberConverter(IntegerConverter):
    """The number of a row."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST)
