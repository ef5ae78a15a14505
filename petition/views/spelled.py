"""Numbers and times as people read them, in the words of the page's language."""

from datetime import datetime, timedelta
from math import ceil

from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from flask_babel import get_locale


def number(value: int) -> str:
    """A number, with its thousands apart."""
    return format_decimal(value, locale=get_locale())


def percent(part: int, whole: int) -> str:
    """A part of a whole, in hundredths; none of nothing."""
    return format_percent(part / whole if whole else 0, locale=get_locale())


def date(moment: datetime) -> str:
    """A day without its year, as short as it goes."""
    return format_skeleton("MMMd", moment, locale=get_locale())


def clock(moment: datetime) -> str:
    """The time of day."""
    return format_skeleton("Hm", moment, locale=get_locale())


def date_and_clock(moment: datetime) -> str:
    """Both."""
    return f"{date(moment)}, {clock(moment)}"


_UNITS = ((72 * 3600 + 1, "day", 86_400), (5_400, "hour", 3_600), (90, "minute", 60))
"""From how many seconds on a time is told in a unit, and how many seconds that is."""


def duration(time: timedelta) -> str:
    """A time in words, in the unit that fits, rounded up: “36 hours”."""
    seconds = time.total_seconds()
    fitting = ((unit, size) for least, unit, size in _UNITS if seconds >= least)
    unit, size = next(fitting, ("second", 1))
    return format_unit(ceil(seconds / size), f"duration-{unit}", locale=get_locale())
