"""What every template can say: numbers, dates, the address of a style sheet."""

from datetime import datetime
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, url_for
from flask_babel import force_locale, get_locale, get_translations, ngettext

from petition import assets, catalogues, config, countries, sites
from petition.clock import now
from petition.languages import autonym, direction, with_territory


def register(app: Flask) -> None:
    """Teach the application's templates."""
    # Set here: an extension has made the environment before options could reach it.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Letters outside ASCII stand as they are: written as numbers they take three times the space.
    app.jinja_env.policies["json.dumps_kwargs"] = {
        "ensure_ascii": False,
        "sort_keys": True,
        "separators": (",", ":"),
    }
    app.add_template_filter(_number, "number")
    app.add_template_filter(_day, "day")
    app.add_template_filter(_moment, "moment")
    app.add_template_filter(_time, "time")
    app.add_template_filter(_ago, "ago")
    app.add_template_filter(_days, "days")
    app.add_template_filter(_months, "months")
    app.add_template_filter(direction, "direction")
    app.add_template_filter(autonym, "autonym")
    app.add_template_filter(with_territory, "with_territory")
    app.add_template_filter(sites.spelled, "site")
    app.add_template_global(_asset, "asset")
    app.context_processor(lambda: {"site_name": config.current().site_name, "lang": _language()})


_CROWDED = (
    "layout.html",
    "macros.html",
    "letters/",
    "names/",
    "composition/",
    "own/",
    "own_link/",
    "reports/",
    "revisions/",
    "sharing/",
    "signing/",
    "embed/",
    "feed/",
    "mail/",
    "errors/",
)


def warm(app: Flask) -> None:
    """Read what the public pages and mails are made with, before processes share the memory.

    No database is asked.
    """
    with app.app_context(), app.test_request_context():
        for name in app.jinja_env.list_templates():
            if name.startswith(_CROWDED):
                app.jinja_env.get_template(name)
        for language in catalogues.languages():
            with force_locale(language):
                _speak()
                countries.called(language)


def _speak() -> None:
    """Have everything at hand that words, numbers and dates of a language need."""
    get_translations()
    _number(1000)
    for say in (_day, _moment, _time, _ago):
        say(now())


def _language() -> str:
    return str(get_locale() or "en").replace("_", "-")


# Digits are CLDR's “latn” in every language, which is what Babel writes by itself: one page does
# not mix two kinds of them, and Arabic on the web is mostly set so.
def _number(value: int) -> str:
    return format_decimal(value, locale=get_locale())


def _day(value: datetime) -> str:
    words = format_date(value, format="long", locale=get_locale())
    # The first of a month is an ordinal in French, for which CLDR's patterns have no sign.
    return words.replace("1 ", "1er ", 1) if _language() == "fr" and value.day == 1 else words


def _moment(value: datetime) -> str:
    return _to_the_second(value, get_locale())


@lru_cache(maxsize=1024)
def _to_the_second(value: datetime, locale: Locale | None) -> str:
    """Kept: where a moment stands in words, it stands on hover too, and a list has hundreds."""
    return format_datetime(value, format="medium", locale=locale)


def _time(value: datetime) -> str:
    """To the minute."""
    return format_time(value, format="short", locale=get_locale())


def _days(number: int) -> str:
    """So many days, in words: “7 days”."""
    # Babel knows how some languages say it, and Arabic is not among them.
    words: str = ngettext("%(shown)s day", "%(shown)s days", number, shown=_number(number))
    return words


def _months(number: int) -> str:
    """So many months, in words: “6 months”."""
    words: str = ngettext("%(shown)s month", "%(shown)s months", number, shown=_number(number))
    return words


def _ago(value: datetime, least: Literal["second", "hour"] = "second") -> str:
    passed = value - now()
    return format_timedelta(passed, least, add_direction=True, locale=get_locale())


def _asset(file: str) -> str:
    """The address of a static file, which changes with its content and so may be kept for ever."""
    return url_for("static", filename=file, v=assets.version(file))
