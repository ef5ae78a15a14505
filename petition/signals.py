"""What was noticed about signatures, in words for organizers. Never added up to a score."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from petition import domains, wellknown
from petition.models import Signal, Signature
from petition.models.signature import NOT_CHOSEN

NAMES: dict[Signal, LazyString] = {
    Signal.BLOCKED: lazy_gettext("Blocked by a rule of your team"),
    Signal.NOTABLE: lazy_gettext("A name of a well-known person, or of your own list"),
    Signal.SCRIPTS: lazy_gettext("Letters of several scripts in one word"),
    Signal.JOKE: lazy_gettext("A joke, or no name of a person"),
    Signal.NOISE: lazy_gettext("Keys pressed at random"),
    Signal.SAME_NAME: lazy_gettext("The same name as an earlier signature"),
    Signal.LIKE_NAME: lazy_gettext("A name that looks like that of an earlier signature"),
    Signal.DOMAIN: lazy_gettext("An address of another university or authority than the one given"),
    Signal.THROWAWAY: lazy_gettext("An address from a provider of throw-away addresses"),
    Signal.NETWORK: lazy_gettext("Many at a time from one network"),
    Signal.UNSOLVED: lazy_gettext("Sent by a browser without scripts, or by a robot"),
    Signal.ALLOWED: lazy_gettext("Allowed by a rule of your team"),
}
"""Each signal in a few words, the most telling first."""

WORDS: dict[Signal, LazyString] = {
    Signal.BLOCKED: lazy_gettext("blocked"),
    Signal.NOTABLE: lazy_gettext("well-known name"),
    Signal.SCRIPTS: lazy_gettext("several scripts"),
    Signal.JOKE: lazy_gettext("joke"),
    Signal.NOISE: lazy_gettext("random keys"),
    Signal.SAME_NAME: lazy_gettext("same name"),
    Signal.LIKE_NAME: lazy_gettext("similar name"),
    Signal.DOMAIN: lazy_gettext("other organization"),
    Signal.THROWAWAY: lazy_gettext("throw-away address"),
    Signal.NETWORK: lazy_gettext("one network"),
    Signal.ALLOWED: lazy_gettext("allowed"),
}
"""Each signal in a word or two, for a line; that something only came unsolved is no news."""

CHOSEN = tuple(signal for signal in NAMES if not signal & NOT_CHOSEN)
"""Those that a letter may hold a signature for."""


NEAR = timedelta(minutes=10)
"""What came from one network so shortly before or after is told of, in these words."""


CROWD = 10
"""So many from one network are told of, however far apart they came."""
COUNTED = 100
"""Those from one network are counted no further than to one more."""


@dataclass(frozen=True)
class Other:
    """One of those with the name of another, or with one that looks the same."""

    id: int
    name: str
    role: str
    affiliation: str
    email: str | None
    state: str
    removed_for: str | None
    created_at: datetime
    turned: bool = False
    """The words of the name are the same, and stand in another order."""


@dataclass(frozen=True)
class Beside:
    """What the signatures around one say about it; zero, where that was not looked at."""

    same_name: int = 0
    """Others of the letter with its name."""
    like_name: int = 0
    """Others of the letter with a name that looks the same."""
    network: int = 0
    """Others of the letter that came from its network within `NEAR` before or after it."""
    names_more: bool = False
    """There are more with such names than were counted."""
    twins: int = 0
    """Others with its name that say the same of their role and organization, and say something."""
    others: tuple[Other, ...] = ()
    """Some with its name, or one that looks the same: the most alike first, then the earliest."""

    @property
    def namesakes(self) -> int:
        """Others of the letter with its name, or one that looks the same."""
        return self.same_name + self.like_name


def codes(signature: Signature) -> list[str]:
    """What was noticed about a signature when it came, as files call it."""
    noticed = signature.signals
    return [signal.code for signal in NAMES if noticed & signal] if noticed else []


def told(signature: Signature, beside: Beside) -> list[str]:
    """What was noticed about a signature, a sentence each; the most telling first."""
    return [_sentence(signal, signature, beside) for signal in _noticed(signature, beside)]


def words(signature: Signature, beside: Beside, there: int = 0) -> list[str]:
    """What was noticed about a signature, in a word or two each; the most telling first.

    Args:
        there: how many came from its network while that is known, it among them.
    """
    noticed = [signal for signal in _noticed(signature, beside) if signal in WORDS]
    if there < CROWD:
        return [_word(signal, signature, beside) for signal in noticed]
    said = [_word(each, signature, beside) for each in noticed if each is not Signal.NETWORK]
    number = f"{COUNTED}+" if there > COUNTED else there
    return [*said, str(gettext("%(number)s from one network", number=number))]


def _word(signal: Signal, signature: Signature, beside: Beside) -> str:
    if signal is Signal.SAME_NAME and beside.twins:
        if signature.role and signature.affiliation:
            return str(gettext("same name, role and organization"))
        if signature.role:
            return str(gettext("same name and role"))
        return str(gettext("same name and organization"))
    return str(WORDS[signal])


def is_notable(signature: Signature) -> bool:
    """Whether somebody has to make sure who it is before it is published."""
    return bool(signature.signals & Signal.NOTABLE)


def _noticed(signature: Signature, beside: Beside) -> Iterator[Signal]:
    """What was noticed when it came, and what others have made of its name since."""
    signals = Signal(signature.signals)
    if beside.same_name:
        signals |= Signal.SAME_NAME
    if beside.like_name:
        signals |= Signal.LIKE_NAME
    return (signal for signal in NAMES if signals & signal)


def _sentence(signal: Signal, signature: Signature, beside: Beside) -> str:
    match signal:
        case Signal.NOTABLE:
            said = _whose(signature)
            if signature.verified_at is None:
                said += " " + gettext("Note how you made sure before it is published.")
        case Signal.SAME_NAME if beside.same_name and beside.names_more:
            said = gettext(
                "More than %(number)s signatures have this name.", number=beside.same_name
            )
        case Signal.LIKE_NAME if beside.like_name and beside.names_more:
            said = gettext(
                "More than %(number)s signatures have a name that looks like this one.",
                number=beside.like_name,
            )
        case Signal.SAME_NAME if beside.same_name:
            said = ngettext(
                "%(num)s more signature has this name.",
                "%(num)s more signatures have this name.",
                beside.same_name,
            )
        case Signal.LIKE_NAME if beside.like_name:
            said = ngettext(
                "%(num)s more signature has a name that looks like this one.",
                "%(num)s more signatures have a name that looks like this one.",
                beside.like_name,
            )
        case Signal.NETWORK if beside.network:
            said = ngettext(
                "%(num)s more came from this network within ten minutes.",
                "%(num)s more came from this network within ten minutes.",
                beside.network,
            )
        case Signal.DOMAIN if signature.email:
            said = gettext(
                "The address is at %(domain)s; the organization given is “%(organization)s”.",
                domain=domains.domain(signature.email),
                organization=signature.affiliation,
            )
        case Signal.THROWAWAY if signature.email:
            said = gettext(
                "The address is at %(domain)s, where addresses are made to be thrown away.",
                domain=domains.domain(signature.email),
            )
        case Signal.SCRIPTS:
            said = gettext(
                "Letters of several scripts stand in one word, as if to look like another name."
            )
        case Signal.JOKE:
            said = gettext("This looks like a joke, or like no name of a person.")
        case Signal.NOISE:
            said = gettext("This looks like keys pressed at random.")
        case Signal.BLOCKED:
            said = gettext("A rule of your team sets aside what comes like this.")
        case Signal.ALLOWED:
            said = gettext("A rule of your team lets this stand, whatever else was noticed.")
        case Signal.UNSOLVED:
            said = gettext("It was sent by a browser without scripts, or by a robot.")
        case _:
            said = f"{NAMES[signal]}."
    return str(said)


def _whose(signature: Signature) -> str:
    """Which list a notable name is on: the one that comes with the site, or the letter's own."""
    if wellknown.is_notable(signature.name):
        return str(gettext("The name of a well-known person, or one that looks like it."))
    return str(gettext("A name that you want to make sure of, or one that looks like it."))
