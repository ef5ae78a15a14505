"""Why signatures are rejected: the list of a team, and the usual one until it writes its own.

A code is kept with each decision and never changes; what it is called may.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from flask_babel import force_locale, gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from petition.languages import closest, speaks
from petition.models import Reason

MOST = 15
"""Reasons in the list of a team, those that are retired among them."""
NAME_LENGTH = 60
PUBLIC_LENGTH = 120
MAIL_LENGTH = 500

Words = Mapping[str, str]
"""What is said, by language."""
Kept = Sequence[Mapping[str, Any]]
"""A list as it stands in the row of its team."""


@dataclass(frozen=True)
class TeamReason:
    """Why a signature is rejected, as a team says it."""

    code: str
    name: str
    """In the panel."""
    public: Words = field(default_factory=dict)
    """What everybody may read; where a language is missing, the usual words, if there are any."""
    mail: Words = field(default_factory=dict)
    """What its signer is written, if they are."""
    retired: bool = False
    """Not to be chosen any more; what was rejected for it still says so."""

    @property
    def usual(self) -> bool:
        """Whether it is one of those that every team begins with."""
        return self.code in _NAMES


_NAMES: dict[str, LazyString] = {
    Reason.DUPLICATE: lazy_gettext("the same person twice"),
    Reason.NOT_A_NAME: lazy_gettext("not a real name"),
    Reason.IMPERSONATION: lazy_gettext("somebody else's name"),
    Reason.ADVERTISING: lazy_gettext("advertising"),
    Reason.ABUSE: lazy_gettext("abuse"),
    Reason.WRONG_AFFILIATION: lazy_gettext("a wrong affiliation"),
    Reason.ON_REQUEST: lazy_gettext("on the person's request"),
}

_PUBLIC: dict[str, LazyString] = {
    Reason.DUPLICATE: lazy_gettext("The same person had signed twice"),
    Reason.NOT_A_NAME: lazy_gettext("Not the name of a real person"),
    Reason.IMPERSONATION: lazy_gettext("Signed in the name of somebody else"),
    Reason.ADVERTISING: lazy_gettext("Advertising"),
    Reason.ABUSE: lazy_gettext("Insults or other abuse"),
    Reason.WRONG_AFFILIATION: lazy_gettext("An organization or office that is not theirs"),
    Reason.ON_REQUEST: lazy_gettext("At the request of the person"),
}

_MAIL: dict[str, LazyString] = {
    Reason.DUPLICATE: lazy_gettext(
        "It seems to us that you have signed twice, perhaps with two addresses. Each person is "
        "counted once."
    ),
    Reason.NOT_A_NAME: lazy_gettext(
        "The name seems not to be the name of a real person. We count only people who sign with "
        "their own name."
    ),
    Reason.IMPERSONATION: lazy_gettext(
        "We have reason to believe that the name belongs to somebody who did not sign."
    ),
    Reason.ADVERTISING: lazy_gettext("What was written with it advertises something."),
    Reason.ABUSE: lazy_gettext("What was written with it insults or harms others."),
    Reason.WRONG_AFFILIATION: lazy_gettext(
        "The organization or office given with it seems not to be yours."
    ),
    Reason.ON_REQUEST: lazy_gettext("We were asked, in your name, to take it out."),
}


def of(team_reasons: Kept) -> list[TeamReason]:
    """The list of a team in its order, those that are retired among them.

    Args:
        team_reasons: as it is kept with the team; the usual list, where that is empty.
    """
    return [_read(kept) for kept in team_reasons or [{"code": code} for code in _NAMES]]


def offered(team_reasons: Kept) -> list[TeamReason]:
    """Those of the list that may be chosen."""
    return [reason for reason in of(team_reasons) if not reason.retired]


def kept(those: Iterable[TeamReason]) -> list[dict[str, Any]]:
    """A list as it is kept with its team."""
    return [
        {
            "code": reason.code,
            "name": "" if reason.name == str(_NAMES.get(reason.code, "")) else reason.name,
            "public": dict(reason.public),
            "mail": dict(reason.mail),
            "retired": reason.retired,
        }
        for reason in those
    ]


def version(team_reasons: Kept) -> int:
    """A number that is another one as soon as a list is changed."""
    listed = json.dumps(list(team_reasons), sort_keys=True)
    return zlib.crc32(listed.encode()) % 10**9


def new_code() -> str:
    """The code of a reason of a team's own: of no other team's, so that no letter that is handed
    over says another thing than before."""
    return f"own-{token_hex(8)}"


def usual_words(code: str, language: str) -> tuple[str, str]:
    """What is said of a usual reason in public and by mail, where a team says nothing else."""
    with force_locale(closest(language)):
        return str(_PUBLIC.get(code, "")), str(_MAIL.get(code, ""))


def _read(one: Mapping[str, Any]) -> TeamReason:
    code = one["code"]
    name = one.get("name") or str(_NAMES.get(code, code))
    public, mail = one.get("public", {}), one.get("mail", {})
    return TeamReason(code, name, public, mail, one.get("retired", False))


def name(code: str, team_reasons: Kept) -> str:
    """What a reason is called in the panel; one that nobody knows, by its code."""
    usual = str(_NAMES.get(code, code))
    return next((each.name for each in of(team_reasons) if each.code == code), usual)


def wording(code: str, team_reasons: Kept, language: str) -> str:
    """What everybody may read about why a signature is rejected, in a language or one near it.

    Also for reasons that are retired.
    """
    said = next((each.public for each in of(team_reasons) if each.code == code), {})
    with force_locale(closest(language)):
        other = gettext("For another reason")
        return _said(said, language, _PUBLIC.get(code)) or str(other)


def sentence(code: str, team_reasons: Kept, language: str) -> str:
    """What a signer is written about why; empty, where the team says nothing about it by mail."""
    said = next((each.mail for each in of(team_reasons) if each.code == code), {})
    with force_locale(closest(language)):
        return _said(said, language, _MAIL.get(code))


def _said(own: Words, language: str, usual: LazyString | None) -> str:
    """In the very language; then the usual words, where the site speaks it; then any."""
    if own.get(language):
        return own[language]
    if usual is not None and (speaks(language) or not any(own.values())):
        return str(usual)
    return next((words for words in own.values() if words), "")
