"""What a script says beside numbers that change while it is read: a sentence for each of the
forms that a language has for them (https://cldr.unicode.org/index/cldr-spec/plural-rules).
"""

from collections.abc import Callable, Iterable
from typing import Any

from babel import Locale
from flask_babel import get_locale, gettext, ngettext

NUMBER = "{n}"
"""What stands where the number comes in."""
_SAMPLES = (*range(1, 200), 0, 1_000_000)
"""Among these is one of each form of each language."""


def beside_count() -> dict[str, Any]:
    """The sentences of the element for other sites, in the language that is spoken now.

    They are the same as those of the macro `count` (`templates/macros.html`).

    Returns:
        A sentence by its name, or several: by plural form (`signed`), by how the letter stands
        (`way`, `none`), by what came of it (`over`).
    """
    over = gettext("This letter is closed.")
    outcomes = {
        "won": gettext("Won"),
        "partly": gettext("Partly won"),
        "lost": gettext("Not won"),
        "delivered": gettext("Delivered"),
    }
    return {
        "signed": _forms(
            lambda n: ngettext(
                "%(shown)s person has signed", "%(shown)s people have signed", n, shown=NUMBER
            )
        ),
        "checking": _forms(
            lambda n: ngettext(
                "%(shown)s signature is being checked",
                "%(shown)s signatures are being checked",
                n,
                shown=NUMBER,
            )
        ),
        "checked": _forms(
            lambda n: ngettext(
                "%(shown)s more signature is being checked",
                "%(shown)s more signatures are being checked",
                n,
                shown=NUMBER,
            )
        ),
        "paper": _forms(
            lambda n: ngettext(
                "%(shown)s of them on paper", "%(shown)s of them on paper", n, shown=NUMBER
            )
        ),
        "paper_all": gettext("all of them on paper"),
        "none": {
            "open": {"other": gettext("Nobody has signed yet")},
            "closed": {"other": gettext("Nobody signed")},
        },
        "way": {
            "open": {"other": gettext("on the way to %(goal)s", goal=NUMBER)},
            "reached": {"other": gettext("The goal of %(goal)s is reached", goal=NUMBER)},
            "closed": {"other": gettext("the goal was %(goal)s", goal=NUMBER)},
        },
        "over": {
            "closed": over,
            **{outcome: f"{verdict}. {over}" for outcome, verdict in outcomes.items()},
        },
        "paused": gettext("Signing is paused for the moment."),
        "sign": gettext("Read and sign"),
        "read": gettext("Read the letter"),
        "form": gettext("Sign the letter"),
    }


def latest(names: Iterable[str]) -> str:
    """Who signed last, each name in its own direction; nothing, where nobody is named."""
    people = gettext(", ").join(f"\u2068{each}\u2069" for each in names)
    return gettext("Latest to sign: %(names)s", names=people) if people else ""


def _forms(say: Callable[[int], str]) -> dict[str, str]:
    """A sentence by the name of each form, as `Intl.PluralRules` says it."""
    form = (get_locale() or Locale("en")).plural_form
    found: dict[str, str] = {}
    for number in _SAMPLES:
        if form(number) not in found:
            found[form(number)] = say(number)
    return found
