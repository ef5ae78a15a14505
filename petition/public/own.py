"""A signature as its own signer sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from petition import address, countries
from petition.models import STANDING, Consent, Listing, Signature, State
from petition.models.signature import agreed
from petition.public.letters import PublicLetter
from petition.public.signatories import Answer, PublicName, answers, country_of, name


@dataclass(frozen=True)
class Agreement:
    """What a signer agreed to, or took back, and when."""

    purpose: Consent
    given: bool
    at: datetime
    revision: int | None
    """The number of the text that it was said under."""
    again: bool
    """Of the same was spoken before, under the same text."""


@dataclass(frozen=True)
class OwnSignature(PublicName):
    """A signature as its own signer sees it: whole, with every answer."""

    state: State = State.PENDING
    show_name: bool = True
    initials: bool = False
    """Where the name is shown, only its first letters are."""
    updates: bool = False
    """They want to be told how it goes on."""
    pass_on: bool = False
    """The name may be handed to the addressee."""
    reachable: bool = True
    """Their address is kept."""
    erased: bool = False
    """Nothing of them is kept."""
    agreements: tuple[Agreement, ...] = ()
    """In the order they were made."""
    confirmed_at: datetime | None = None
    listed: PublicName | None = None
    """As it stands in the list of names, or would; none, where it is not shown there."""
    private: tuple[Answer, ...] = ()
    """What stands beside that, and is shown to nobody but the organizers."""

    @property
    def waiting(self) -> bool:
        """Not confirmed yet, and there is something to confirm."""
        return self.state in {State.PENDING, State.WITHDRAWN} and bool(self.name)

    @property
    def standing(self) -> bool:
        """Confirmed, and neither withdrawn nor rejected."""
        return self.state in STANDING


def signer(
    signature: Signature, letter: PublicLetter, others: Mapping[int, int] | None = None
) -> OwnSignature:
    """A signature, for its own signer.

    Args:
        others: the texts that say something else, where the letter is not in the one they signed.
    """
    shows = signature.show_name and letter.listing is not Listing.NOT
    listed = name(signature, letter, others) if shows else None
    given = answers(signature.answers, letter.asking.questions, letter.language)
    return OwnSignature(
        name=signature.name,
        affiliation=signature.affiliation,
        role=signature.role,
        location=signature.location,
        comment=signature.comment,
        country=country_of(signature, letter),
        invented=signature.invented,
        revision=others.get(signature.revision_id) if others else None,
        answers=given,
        state=_told(signature),
        show_name=signature.show_name,
        initials=signature.initials,
        updates=signature.updates,
        pass_on=signature.pass_on,
        reachable=signature.email is not None,
        erased=address.is_nobodys(signature.digest),
        agreements=_agreements(signature, letter),
        confirmed_at=signature.confirmed_at,
        listed=listed,
        private=_private(signature, letter, given, listed) if listed else (),
    )


def _told(signature: Signature) -> State:
    """Where a signer is told that they stand: what is set aside, where it would stand otherwise."""
    if signature.state != State.QUARANTINED:
        return State(signature.state)
    return State(signature.told or State.PUBLISHED)


def _agreements(signature: Signature, letter: PublicLetter) -> tuple[Agreement, ...]:
    """The record, or what was agreed to in signing, as long as nothing has been changed since."""
    if not signature.consents:
        ticked = (Consent.SIGN, *(each for each, given in agreed(signature).items() if given))
        at = signature.consented_at
        return tuple(Agreement(each, True, at, letter.revision, again=False) for each in ticked)
    made, spoken_of = [], set()
    for each in signature.consents:
        what = each["purpose"], each["revision"]
        purpose, at = Consent(each["purpose"]), datetime.fromisoformat(each["at"])
        again = what in spoken_of
        made.append(Agreement(purpose, each["given"], at, each["revision"], again))
        spoken_of.add(what)
    return tuple(made)


_LABELS = {
    "name": lazy_gettext("Name"),
    "role": lazy_gettext("Profession or role"),
    "affiliation": lazy_gettext("Organization"),
    "location": lazy_gettext("Place"),
    "country": lazy_gettext("Country"),
    "comment": lazy_gettext("Comment"),
}


def replaced(before: dict[str, Any], letter: PublicLetter) -> tuple[Answer, ...]:
    """The words that a signer has put others in the place of, for those who decide."""
    said = {**before, "country": countries.name(before.get("country") or "", letter.language)}
    words = (Answer(str(_LABELS[name]), said[name]) for name in _LABELS if name in before)
    return (*words, *answers(before.get("answers"), letter.asking.questions, letter.language))


def _private(
    signature: Signature, letter: PublicLetter, given: tuple[Answer, ...], listed: PublicName
) -> tuple[Answer, ...]:
    fields = (
        (gettext("Name"), signature.name, listed.name),
        (gettext("Profession or role"), signature.role, listed.role),
        (gettext("Organization"), signature.affiliation, listed.affiliation),
        (gettext("Place"), signature.location, listed.location),
        (gettext("Country"), country_of(signature, letter), listed.country),
        (gettext("Why you sign"), signature.comment, listed.comment),
    )
    return (
        *(Answer(label, whole) for label, whole, shown in fields if whole != shown),
        *(answer for answer in given if answer not in listed.answers),
    )
