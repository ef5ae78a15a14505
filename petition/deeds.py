"""What is recorded of organizers, in words for them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal, gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from petition.models import Action, Origin

NAMES: dict[str, LazyString] = {
    Action.SIGN_IN: lazy_gettext("signed in (%(method)s, %(device)s)"),
    Action.ADDRESS: lazy_gettext("changed their own address"),
    Action.PASSKEY_MADE: lazy_gettext("made the passkey “%(passkey)s”"),
    Action.PASSKEY_REMOVED: lazy_gettext("removed the passkey “%(passkey)s”"),
    Action.PASSKEYS_FORGOTTEN: lazy_gettext("lost their passkeys, and had them taken away"),
    Action.TEAM_MADE: lazy_gettext("made the team “%(name)s”"),
    Action.TEAM_NAMED: lazy_gettext("called the team “%(name)s”"),
    Action.PASSKEYS_REQUIRED: lazy_gettext("asked everybody for a passkey: %(required)s"),
    Action.ROLE: lazy_gettext("made %(organizer)s %(role)s"),
    Action.MEMBER_REMOVED: lazy_gettext("took %(organizer)s out of the team"),
    Action.MEMBER_LEFT: lazy_gettext("left the team"),
    Action.INVITED: lazy_gettext("invited %(invitation)s as %(role)s"),
    Action.UNINVITED: lazy_gettext("took back the invitation of %(invitation)s"),
    Action.JOINED: lazy_gettext("joined the team as %(role)s"),
    Action.LETTER_BEGUN: lazy_gettext("began a letter"),
    Action.TEXT_PUBLISHED: lazy_gettext("published revision %(revision)s of the text"),
    Action.SLUG: lazy_gettext("changed the address from %(before)s to %(after)s"),
    Action.DATES: lazy_gettext("set the opening to %(opens)s and the closing to %(closes)s"),
    Action.OPENED: lazy_gettext("opened the letter"),
    Action.CLOSED: lazy_gettext("closed the letter"),
    Action.OUTCOME: lazy_gettext("said what came of the letter"),
    Action.REOPENED: lazy_gettext("reopened the letter"),
    Action.TAKEN_FROM_VIEW: lazy_gettext("withdrew the letter from view"),
    Action.BROUGHT_BACK: lazy_gettext("showed the letter again"),
    Action.DELETED: lazy_gettext("threw the draft away"),
    Action.RESTORED: lazy_gettext("brought the draft back"),
    Action.MOVED: lazy_gettext("handed the letter over to another team"),
    Action.SETTINGS: lazy_gettext("changed the settings: %(changed)s"),
    Action.QUESTION: lazy_gettext("changed question %(question)s: %(done)s"),
    Action.FIRST_ASKED: lazy_gettext("put %(number)s people on the list of those to sign first"),
    Action.FIRST_CORRECTED: lazy_gettext("corrected who is asked to sign first"),
    Action.FIRST_REMOVED: lazy_gettext("took somebody off the list of those to sign first"),
    Action.FIRST_INVITED: lazy_gettext("invited %(number)s people to sign first"),
    Action.PAPER_ADDED: lazy_gettext("counted %(number)s signatures on paper"),
    Action.PAPER_REMOVED: lazy_gettext("took out %(number)s signatures on paper"),
    Action.PAPER_RESTORED: lazy_gettext("counted %(number)s signatures on paper again"),
    Action.NETWORK_ALLOWED: lazy_gettext("let many sign from a network; %(back)s came back"),
    Action.NETWORK_ENDED: lazy_gettext("ended that many may sign from a network"),
    Action.REPORT_SETTLED: lazy_gettext("left a reported signature as it is"),
    Action.REPORT_REOPENED: lazy_gettext("took up a report again"),
    Action.DECIDE: lazy_gettext("%(became)s a signature that %(stood)s%(why)s"),
    Action.UNDO: lazy_gettext("undid a decision: what %(stood)s is %(back)s again"),
    Action.VERIFY: lazy_gettext("noted how they made sure who somebody is"),
    Action.VERIFY_NO_MORE: lazy_gettext("took back that somebody is verified"),
    Action.NOTE: lazy_gettext("wrote a note about a signature"),
    Action.HANDED: lazy_gettext("handed a signature over to %(organizer)s"),
    Action.HANDED_BACK: lazy_gettext("took a signature out of a colleague's hands"),
    Action.ANSWERED: lazy_gettext("answered a signer who did not agree"),
    Action.GRANTED: lazy_gettext("let a signature stand again, as its signer had asked"),
    Action.REASONS: lazy_gettext("changed the reasons to reject"),
    Action.LOOK: lazy_gettext("looked at the address of a signer"),
    Action.EXPORT: lazy_gettext("exported: %(kind)s, %(format)s (count: %(number)s)"),
    Action.SWEEP: lazy_gettext("looked which signatures to %(do)s together"),
    Action.SWEEP_BEGIN: lazy_gettext("began to %(do)s %(signatures)s"),
    Action.SWEEP_DISCARD: lazy_gettext("decided not to %(do)s signatures together"),
    Action.SWEEP_STOP: lazy_gettext("stopped after %(signatures)s that were %(done)s"),
    Action.SWEEP_UNDO: lazy_gettext("put back %(signatures)s that were %(done)s"),
    Action.SWITCH: lazy_gettext("turned a switch"),
    Action.RULE: lazy_gettext("%(ruled)s %(whom)s %(lasting)s"),
    Action.RULE_ENDED: lazy_gettext("ended that %(whom)s was %(ruled)s"),
    Action.BURST_DISMISSED: lazy_gettext("said that a burst is no cause for worry"),
    Action.BURST_TAKEN_UP: lazy_gettext("took up a burst again"),
    Action.FRAMING: lazy_gettext("let the letter be signed on other sites: %(where)s"),
    Action.SITE_LISTED: lazy_gettext("put %(site)s on the list of sites to sign on"),
    Action.SITE_BLOCKED: lazy_gettext("blocked the site %(site)s"),
    Action.SITE_ENDED: lazy_gettext("took back what was said of the site %(site)s"),
}
"""What is said of each, with what it was about."""


KINDS: dict[str, tuple[LazyString, tuple[Action, ...]]] = {
    "signatures": (
        lazy_gettext("Decisions about signatures"),
        (
            Action.DECIDE,
            Action.UNDO,
            Action.VERIFY,
            Action.VERIFY_NO_MORE,
            Action.REPORT_SETTLED,
            Action.REPORT_REOPENED,
            Action.NOTE,
            Action.HANDED,
            Action.HANDED_BACK,
            Action.ANSWERED,
            Action.GRANTED,
            Action.SWEEP,
            Action.SWEEP_BEGIN,
            Action.SWEEP_DISCARD,
            Action.SWEEP_STOP,
            Action.SWEEP_UNDO,
        ),
    ),
    "looks": (lazy_gettext("Looks at addresses"), (Action.LOOK,)),
    "exports": (lazy_gettext("Exports"), (Action.EXPORT,)),
    "guards": (
        lazy_gettext("Networks, sites, rules and switches"),
        (
            Action.NETWORK_ALLOWED,
            Action.NETWORK_ENDED,
            Action.RULE,
            Action.RULE_ENDED,
            Action.SWITCH,
            Action.BURST_DISMISSED,
            Action.BURST_TAKEN_UP,
            Action.FRAMING,
            Action.SITE_LISTED,
            Action.SITE_BLOCKED,
            Action.SITE_ENDED,
        ),
    ),
    "letters": (
        lazy_gettext("Letters"),
        (
            Action.LETTER_BEGUN,
            Action.TEXT_PUBLISHED,
            Action.SLUG,
            Action.DATES,
            Action.OPENED,
            Action.CLOSED,
            Action.OUTCOME,
            Action.REOPENED,
            Action.TAKEN_FROM_VIEW,
            Action.BROUGHT_BACK,
            Action.DELETED,
            Action.RESTORED,
            Action.MOVED,
            Action.SETTINGS,
            Action.QUESTION,
            Action.FIRST_ASKED,
            Action.FIRST_CORRECTED,
            Action.FIRST_REMOVED,
            Action.FIRST_INVITED,
            Action.PAPER_ADDED,
            Action.PAPER_REMOVED,
            Action.PAPER_RESTORED,
        ),
    ),
    "people": (
        lazy_gettext("Sign-ins, roles and teams"),
        (
            Action.SIGN_IN,
            Action.ADDRESS,
            Action.PASSKEY_MADE,
            Action.PASSKEY_REMOVED,
            Action.PASSKEYS_FORGOTTEN,
            Action.TEAM_MADE,
            Action.TEAM_NAMED,
            Action.REASONS,
            Action.PASSKEYS_REQUIRED,
            Action.ROLE,
            Action.MEMBER_REMOVED,
            Action.MEMBER_LEFT,
            Action.INVITED,
            Action.UNINVITED,
            Action.JOINED,
        ),
    ),
}
"""Kinds of what is recorded, by which one looks; each action is of one of them."""


_CHOSEN = lazy_gettext("%(done)s %(signatures)s, each by a tick")
"""In place of having looked: what was ticked is decided about at once."""
_SWITCHED: dict[tuple[str, bool], LazyString] = {
    ("pause", True): lazy_gettext("paused signing"),
    ("pause", False): lazy_gettext("let people sign again"),
    ("hold", True): lazy_gettext("had everything new wait"),
    ("hold", False): lazy_gettext("no longer had everything new wait"),
    ("proof", True): lazy_gettext("demanded proof of work"),
    ("proof", False): lazy_gettext("no longer demanded proof of work"),
    ("hide", True): lazy_gettext("hid the names"),
    ("hide", False): lazy_gettext("showed the names again"),
}
_REWORDED = lazy_gettext("changed what is said while signing is paused")

_DO = {
    "publish": lazy_gettext("publish"),
    "reject": lazy_gettext("reject"),
    "hold": lazy_gettext("hold"),
    "restore": lazy_gettext("let stand"),
}
_DONE = {
    "publish": lazy_gettext("published"),
    "reject": lazy_gettext("rejected"),
    "hold": lazy_gettext("held"),
    "restore": lazy_gettext("let stand"),
    "block": lazy_gettext("blocked"),
    "allow": lazy_gettext("allowed"),
}
_BECAME = {
    "published": lazy_gettext("published"),
    "rejected": lazy_gettext("rejected"),
    "held": lazy_gettext("held"),
    "quarantined": lazy_gettext("set aside"),
}
_STOOD = {
    "published": lazy_gettext("was published"),
    "rejected": lazy_gettext("was rejected"),
    "held": lazy_gettext("waited"),
    "quarantined": lazy_gettext("was set aside"),
}
_BACK = {
    "published": lazy_gettext("published"),
    "rejected": lazy_gettext("rejected"),
    "held": lazy_gettext("waiting"),
    "quarantined": lazy_gettext("set aside"),
}
_WHERE = {
    "anywhere": lazy_gettext("on all of them"),
    "listed": lazy_gettext("only on those that are listed"),
}
_WHOM = {
    "address": lazy_gettext("an e-mail address"),
    "domain": lazy_gettext("a domain"),
    "network": lazy_gettext("a network"),
}


def told(action: str, about: Mapping[str, Any]) -> str:
    """What somebody did, in a part of a sentence that goes on from their name.

    Args:
        about: what it was about, in words; what is not known is left open.
    """
    words = NAMES.get(action)
    if words is None:
        return action
    if action == Action.SWITCH:
        words = _turned(about) or words
    elif action == Action.SWEEP and about.get("origin") == Origin.SELECTION:
        words = _CHOSEN
    known = {name: _word(value) for name, value in about.items()} | _spelled(about)
    return (str(words) % defaultdict(lambda: "–", known)).strip()


def sweep(about: Mapping[str, Any]) -> str:
    """The decision about many of which something was done, by its number; or nothing."""
    if "sweep" not in about:
        return ""
    if about.get("origin") == Origin.INVALIDATION:
        return str(gettext("invalidation %(number)s", number=about["sweep"]))
    return str(gettext("decision %(number)s", number=about["sweep"]))


def _turned(about: Mapping[str, Any]) -> LazyString | None:
    if about.get("reworded"):
        return _REWORDED
    return _SWITCHED.get((about.get("switch", ""), bool(about.get("on"))))


def _spelled(about: Mapping[str, Any]) -> dict[str, str]:
    """What is recorded by a word of the program, in words."""
    act, number, reason = about.get("act", ""), about.get("number"), about.get("reason")
    effect, subject, days = about.get("effect", ""), about.get("subject", ""), about.get("days")
    spelled = {
        "do": _DO.get(act),
        "done": _DONE.get(act),
        "became": _BECAME.get(about.get("after", "")),
        "back": _BACK.get(about.get("after", "")),
        "stood": _STOOD.get(about.get("before", "")),
        "why": f": {reason}" if reason else "",
        "ruled": _DONE.get(effect),
        "where": _WHERE.get(about.get("where", "")),
        "whom": about.get("value") or _WHOM.get(subject),
        "lasting": gettext("until somebody ends it"),
    }
    if days is not None:
        spelled["lasting"] = ngettext("for a day", "for %(shown)s days", days, shown=days)
    if isinstance(number, int):
        spelled["signatures"] = ngettext(
            "%(shown)s signature", "%(shown)s signatures", number, shown=format_decimal(number)
        )
    return {name: str(words) for name, words in spelled.items() if words is not None}


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    return "–" if value is None else str(value)
