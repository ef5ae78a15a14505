"""What the world may see. No e-mail address exists beyond this module.

Rows go in, plain values come out; templates of public pages and embeds get nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from petition import (
    address,
    config,
    countries,
    links,
    phrases,
    reasons,
    retention,
    sites,
    sources,
    text,
    tokens,
)
from petition.clock import now
from petition.languages import direction
from petition.models import (
    STANDING,
    Asking,
    Change,
    Consent,
    Counts,
    Grouping,
    Letter,
    Life,
    Listing,
    Moderation,
    Outcome,
    Question,
    Removal,
    Revision,
    Shape,
    Signature,
    State,
    Sweep,
)
from petition.models.signature import agreed
from petition.sources import Via


@dataclass(frozen=True)
class Answer:
    """What a signer answered to one of the organizer's own questions."""

    question: str
    words: str
    language: str | None = None
    """Of the question; the page's, where there is none."""


@dataclass(frozen=True)
class PublicName:
    """A signer as they stand in a list."""

    name: str
    affiliation: str
    role: str
    location: str
    comment: str
    invented: bool
    country: str = ""
    """As the letter's language calls it."""
    revision: int | None = None
    """The number of the text that they signed, where it does not say what is shown here."""
    answers: tuple[Answer, ...] = ()
    line: str = ""
    """What stands for it in the address of its own page."""
    verified: datetime | None = None
    """When an organizer made sure that it is them."""


@dataclass(frozen=True)
class PublicRevision:
    """One of the texts that a letter was published with."""

    number: int
    language: str
    change: Change
    note: str
    title: str
    addressee: str
    sender: str
    sha256: str
    published_at: datetime


@dataclass(frozen=True)
class Kept:
    """How long what a signer gives is kept."""

    unconfirmed: int
    """Days, where it is never confirmed."""
    address: int
    """Days after confirming, where no updates are wanted."""
    network: int
    """Days, of the fingerprint of where it came from."""
    months: int
    """After the letter's closing; then everything is made anonymous."""
    until: datetime | None
    """When that is, as far as it is known."""


def kept(row: Letter) -> Kept:
    """How long what the signers of a letter give is kept."""
    ended = row.closes_at or row.withdrawn_at
    settings = config.current()
    return Kept(
        unconfirmed=retention.UNCONFIRMED.days,
        address=settings.keep_addresses_days,
        network=retention.NETWORKS.days,
        months=settings.keep_names_months,
        until=retention.anonymous_from(ended) if ended else None,
    )


@dataclass(frozen=True)
class PublicLetter:
    """A letter as the world reads it."""

    slug: str
    url: str
    title: str
    addressee: str
    sender: str
    language: str
    """The language of this text."""
    languages: tuple[str, ...]
    """All it can be read in, its own first."""
    html: str
    revision: int
    rewritten: bool
    """This text took the place of an earlier one in its language."""
    behind: bool
    """The letter has been changed in substance in another language, and not yet in this one."""
    changes: tuple[PublicRevision, ...]
    """What was changed since the world first read it: the last change of substance, and the
    correction after it."""
    sha256: str
    published_at: datetime
    closes_at: datetime | None
    life: Life
    held_first: bool
    """A moderator reads each signature before it is published."""
    goal: int | None
    count: int
    """Confirmed and published, and on paper."""
    being_checked: int
    """Confirmed, and waiting for a moderator; none, once nobody can decide any more."""
    paper: int
    """How many of the count are on paper."""
    listing: Listing
    hands_over: bool
    """The names are handed to the addressee."""
    asking: Asking
    responsible: str
    contact: str
    description: str
    """What stands beside a shared link, in the organizer's words; empty, where they have none."""
    data_use: str
    """What happens to the signers' data, as the organizer adds to it."""
    opens_at: datetime | None
    withdrawn: bool
    """Taken from view; only its team and its signers see it."""
    outcome: Outcome | None
    outcome_message: str
    kept: Kept
    anonymous_at: datetime | None
    """When its signatures were made anonymous: no name is there any more."""
    indexed: bool = False
    """Search engines may keep the pages of names."""
    paused: bool = False
    """It takes no signatures for a while, though it is open."""
    paused_words: str = ""
    """Why, in the organizers' words; empty, where they say nothing."""
    demands_proof: bool = False
    """It takes no form from a browser without scripts at the moment."""
    list_hidden: bool = False
    """No name is shown at the moment."""

    @property
    def open(self) -> bool:
        return self.life is Life.OPEN

    @property
    def signable(self) -> bool:
        """Whether it takes signatures now."""
        return self.open and not self.paused

    @property
    def names_shown(self) -> bool:
        """Whether any name is shown now, or would be."""
        return self.listing is not Listing.NOT and not self.list_hidden

    @property
    def lang(self) -> str | None:
        """What stands in addresses of this text: nothing, where it is the letter's own."""
        return None if self.language == self.languages[0] else self.language

    def address_in(self, language: str) -> str:
        """Where it can be read in one of its languages."""
        other = None if language == self.languages[0] else language
        return links.absolute("letters.show", slug=self.slug, lang=other)

    def via(self, way: str) -> str:
        """Its address as it is given out somewhere, with the word by which that is counted."""
        told = {sources.PARAMETER: Via(way).value}
        return links.absolute("letters.show", slug=self.slug, lang=self.lang, **told)

    def oembed(self, written: str) -> str:
        """Where other sites learn how to show it (https://oembed.com), as `json` or `xml`."""
        return links.absolute("oembed.show", format=written, url=self.url)

    @property
    def modified_at(self) -> datetime:
        """When its text was last changed, as far as the world can know."""
        return self.changes[-1].published_at if self.changes else self.published_at

    @property
    def changes_at(self) -> datetime | None:
        """When the clock alone makes this a different letter: at its closing."""
        return self.closes_at if self.life is Life.OPEN else None

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """By what its names can be grouped: what everybody is asked for and shown with."""
        if not self.names_shown:
            return ()
        return tuple(by for by in Grouping if self._shows(by))

    @property
    def shows_comments(self) -> bool:
        return self.names_shown and self._shows("comment")

    def _shows(self, field: str) -> bool:
        asked = self.asking.of(field)
        return asked.asked and asked.shown

    @property
    def progress(self) -> float:
        """The way to the goal, from 0 to 1."""
        return min(1.0, self.count / self.goal) if self.goal else 0.0


def names(
    signatures: Iterable[Signature], letter: PublicLetter, others: Mapping[int, int] | None = None
) -> list[PublicName]:
    """Published signatures, for everybody, as far as the letter lists names at all, and now.

    Args:
        others: the texts that say something else, by `queries.revisions.saying_otherwise`.
    """
    if not letter.names_shown:
        return []
    return [name(each, letter, others) for each in signatures]


def name(
    signature: Signature, letter: PublicLetter, others: Mapping[int, int] | None = None
) -> PublicName:
    """A published signature, for everybody: what the letter shows of it, and no more."""
    asking = letter.asking
    whole = _is_whole(signature, letter)
    first = signature.position is not None  # who was asked to stand first is shown with their title
    return PublicName(
        name=signature.name if whole else text.initials(signature.name),
        affiliation=signature.affiliation if first or asking.affiliation.shown else "",
        role=signature.role if first or asking.role.shown else "",
        location=signature.location if asking.location.shown else "",
        comment=signature.comment if asking.comment.shown else "",
        country=_country(signature, letter) if asking.country.shown else "",
        invented=signature.invented,
        revision=others.get(signature.revision_id) if others else None,
        answers=answers(
            signature.answers, [each for each in asking.questions if each.shown], letter.language
        ),
        line=tokens.line(signature.id),
        verified=signature.verified_at if whole else None,
    )


def handed(
    signature: Signature, letter: PublicLetter, others: Mapping[int, int] | None = None
) -> PublicName:
    """A signature for the letter's addressee: the whole name, as was agreed to; beside it, what
    stands in public beside the whole name, and nothing else."""
    if signature.show_name and _is_whole(signature, letter):
        return name(signature, letter, others)
    return PublicName(
        name=signature.name,
        affiliation="",
        role="",
        location="",
        comment="",
        invented=signature.invented,
        revision=others.get(signature.revision_id) if others else None,
    )


def shown_as(signature: Signature, letter: PublicLetter) -> str:
    """How the name alone stands in public; nothing, where it does not."""
    if letter.listing is Listing.NOT or not signature.show_name:
        return ""
    return signature.name if _is_whole(signature, letter) else text.initials(signature.name)


def _is_whole(signature: Signature, letter: PublicLetter) -> bool:
    return letter.listing is Listing.NAMES and not signature.initials


def _country(signature: Signature, letter: PublicLetter) -> str:
    return countries.name(signature.country, letter.language) if signature.country else ""


def answers(
    kept: dict[str, Any] | None, questions: Iterable[Question], language: str
) -> tuple[Answer, ...]:
    """What was answered to these questions, in the words of a language."""
    if not kept:
        return ()
    said = ((each, _said(each, kept.get(each.key), language)) for each in questions)
    return tuple(Answer(each.label(language), words, language) for each, words in said if words)


_YES_NO = {"yes": lazy_gettext("yes"), "no": lazy_gettext("no")}


def _said(question: Question, kept: Any, language: str) -> str:
    """The words of an answer; none, where it does not fit its question."""
    if question.shape is Shape.TEXT:
        return str(kept or "")
    if question.shape is Shape.YES_NO:
        return str(_YES_NO.get(kept, ""))
    return dict(question.options(language)).get(kept, "")


def letter(
    row: Letter, revision: Revision, counts: Counts, substance: Revision | None = None
) -> PublicLetter:
    """A letter with its text in force, in one of its languages, and its numbers.

    Args:
        substance: the change of substance that the text corrects, for who reads the text.
    """
    count = counts.published + row.paper
    other = None if revision.language == row.language else revision.language
    public_since = row.opens_at or row.published_at or revision.published_at
    wording = row.wording.get(revision.language, {})
    life = row.life(now())
    return PublicLetter(
        slug=row.slug,
        url=links.absolute("letters.show", slug=row.slug, lang=other),
        title=revision.title,
        addressee=revision.addressee,
        sender=revision.sender,
        language=revision.language,
        languages=tuple(row.languages) or (row.language,),
        html=revision.html,
        revision=revision.number,
        rewritten=revision.change in _REPLACING,
        behind=revision.edition < row.edition,
        changes=_changes((substance, revision), public_since),
        sha256=revision.sha256,
        published_at=public_since,
        closes_at=row.closes_at,
        life=life,
        held_first=row.moderated == Moderation.BEFORE,
        goal=row.goal(count),
        count=count,
        being_checked=counts.held if row.anonymous_at is None else 0,
        paper=row.paper,
        listing=Listing(row.listing),
        hands_over=row.hands_over,
        asking=row.asking,
        responsible=row.responsible or revision.sender,
        contact=row.contact,
        description=wording.get("description", ""),
        data_use=wording.get("data", ""),
        opens_at=row.opens_at,
        withdrawn=row.withdrawn_at is not None,
        outcome=Outcome(row.outcome) if row.outcome and life is Life.CLOSED else None,
        outcome_message=row.outcome_message if life is Life.CLOSED else "",
        kept=kept(row),
        anonymous_at=row.anonymous_at,
        indexed=row.indexed,
        paused=row.paused_at is not None and life is Life.OPEN,
        paused_words=row.paused_words,
        demands_proof=row.demands_proof,
        list_hidden=row.list_hidden_at is not None,
    )


def revision(row: Revision) -> PublicRevision:
    """A text, for everybody."""
    return PublicRevision(
        number=row.number,
        language=row.language,
        change=Change(row.change),
        note=row.note,
        title=row.title,
        addressee=row.addressee,
        sender=row.sender,
        sha256=row.sha256,
        published_at=row.published_at,
    )


_REPLACING = {Change.CORRECTION, Change.SUBSTANCE}


def _changes(texts: Iterable[Revision | None], since: datetime) -> tuple[PublicRevision, ...]:
    """Those of these texts that took the place of another which the world had read."""
    return tuple(
        revision(text)
        for text in texts
        if text is not None and text.change in _REPLACING and text.published_at > since
    )


def opened(letter: PublicLetter) -> PublicLetter:
    """A letter that is not public yet, as it will be read once it is open."""
    if letter.life in {Life.DRAFT, Life.SCHEDULED}:
        return replace(letter, life=Life.OPEN)
    return letter


def listed(letter: PublicLetter) -> PublicLetter:
    """A letter for its own team, who see the names whether they are shown now or not."""
    return replace(letter, list_hidden=False)


def embargoed(letter: PublicLetter) -> PublicLetter:
    """A letter for who reads it before everybody: it leads nowhere that is not public yet."""
    if letter.life is not Life.SCHEDULED:
        return letter
    return replace(letter, languages=(letter.language,), behind=False, changes=())


def count(letter: PublicLetter, blocked: Iterable[str], as_of: datetime) -> dict[str, Any]:
    """The numbers that other sites show. Fields are only ever added.

    Args:
        blocked: sites that show nothing of the letter.
        as_of: before they were read: all that was published until then is counted.
    """
    return _numbers(letter) | {
        "as_of": instant(as_of),
        "not_on": [sites.shorthand(each) for each in blocked],
    }


def _numbers(letter: PublicLetter) -> dict[str, Any]:
    """How a letter stands, whoever asks."""
    return {
        "letter": letter.slug,
        "title": letter.title,
        "url": letter.url,
        "count": letter.count,
        "goal": letter.goal,
        "state": letter.life.value,
        "being_checked": letter.being_checked,
        "paper": letter.paper,
        "paused": letter.paused,
        "outcome": letter.outcome.value if letter.outcome else None,
    }


def card(
    letter: PublicLetter,
    blocked: Iterable[str],
    texts: Mapping[str, Mapping[str, Any]],
    names: Sequence[str],
    as_of: datetime,
) -> dict[str, Any]:
    """All that an element on another site shows of a letter. Fields are only ever added.

    Args:
        blocked: sites that show nothing of the letter.
        as_of: before the numbers were read.
        texts: `card_text` by language, the letter's own first.
        names: of the latest, as they are called.
    """
    return count(letter, blocked, as_of) | {
        "language": letter.language,
        "texts": texts,
        "names": names,
    }


def card_text(letter: PublicLetter, names: Sequence[str], spoken: str) -> dict[str, Any]:
    """What an element on another site says in one of the letter's languages.

    Args:
        spoken: the language of our own words, which is the one spoken now.
    """
    return {
        "title": letter.title,
        "url": letter.via(Via.EMBED),
        "direction": direction(letter.language),
        "spoken": spoken,
        "spoken_direction": direction(spoken),
        "latest": phrases.latest(names),
        "words": phrases.beside_count(),
    }


@dataclass(frozen=True)
class Removed:
    """Signatures that stand rejected for one reason."""

    words: str
    """Why, in the words of a language."""
    reason: str
    """Why, as files say it."""
    number: int
    first: date
    last: date
    """The days, in UTC, between which they were."""


@dataclass(frozen=True)
class Invalidation:
    """Signatures that were rejected together, by what was wrong with all of them."""

    words: str
    reason: str
    number: int
    """How many were rejected by it."""
    back: int
    """How many of them came back, when it was undone."""
    day: date
    undone: date | None


@dataclass(frozen=True)
class Composition:
    """How the count of a letter is made: what is in it, and what is not. No name is."""

    confirmed: int
    """Confirmed by e-mail, and published."""
    invented: int
    """Counted for a demonstration, and confirmed by nobody."""
    invented_exact: bool
    """Otherwise there are more, and all of them are among the confirmed."""
    hidden: int
    """How many of the confirmed hide their name."""
    hidden_exact: bool
    """Otherwise there are more."""
    withdrawn: int
    rejected: int
    removed: tuple[Removed, ...]
    """The rejected ones by reason, the most frequent first."""
    daily: tuple[Removed, ...]
    """The same by day and reason, latest day first."""
    invalidations: tuple[Invalidation, ...]
    """Latest first. What was not undone of them is among the rejected."""
    some_held: bool
    """What looks odd waits for a moderator."""
    all_held: bool
    """Whatever is confirmed waits, and always did."""
    held_now: bool
    """Whatever is confirmed waits for a while; what was confirmed before did not."""


def composition(
    row: Letter,
    counts: Counts,
    *,
    hidden: int,
    most_hidden: int,
    invented: int,
    most_invented: int,
    removed: Iterable[Removal],
    invalidations: Iterable[Sweep],
    team_reasons: Sequence[Mapping[str, Any]],
    language: str,
) -> Composition:
    """How the count of a letter is made, in the words of a language.

    Args:
        hidden: how many of the published hide their name, counted to one above `most_hidden`.
        invented: how many of them are, counted to one above `most_invented`.
        removed: by day and reason, latest day first.
        team_reasons: as they are kept with the letter's team.
    """

    def wording(code: str) -> str:
        return reasons.wording(code, team_reasons, language)

    daily = tuple(
        Removed(wording(each.reason), each.reason, each.number, each.day, each.day)
        for each in removed
    )
    exact = invented <= most_invented
    return Composition(
        confirmed=counts.published - invented if exact else counts.published,
        invented=min(invented, most_invented),
        invented_exact=exact,
        hidden=min(hidden, most_hidden),
        hidden_exact=hidden <= most_hidden,
        withdrawn=counts.withdrawn,
        rejected=sum(each.number for each in daily),
        removed=_by_reason(daily),
        daily=daily,
        invalidations=tuple(_invalidation(each, wording) for each in invalidations),
        some_held=bool(row.hold),
        all_held=row.moderation == Moderation.BEFORE,
        held_now=row.holds_all and row.moderation != Moderation.BEFORE,
    )


def _by_reason(daily: Iterable[Removed]) -> tuple[Removed, ...]:
    """The most frequent first; reasons of one wording are one."""
    said: dict[str, list[Removed]] = {}
    for each in daily:
        said.setdefault(each.words, []).append(each)
    summed = (
        Removed(
            words,
            those[0].reason,
            sum(each.number for each in those),
            min(each.first for each in those),
            max(each.last for each in those),
        )
        for words, those in said.items()
    )
    return tuple(sorted(summed, key=lambda each: (-each.number, each.words)))


def _invalidation(sweep: Sweep, wording: Callable[[str], str]) -> Invalidation:
    began = sweep.began_at or sweep.created_at
    return Invalidation(
        words=wording(sweep.reason or ""),
        reason=sweep.reason or "",
        number=sweep.moved,
        back=sweep.back,
        day=began.date(),
        undone=sweep.undone_at.date() if sweep.undone_at else None,
    )


def composed(letter: PublicLetter, made_of: Composition) -> dict[str, Any]:
    """How the count of a letter is made, for a program. Fields are only ever added."""
    return _numbers(letter) | {
        "language": letter.language,
        "since": instant(letter.published_at),
        "confirmed": made_of.confirmed,
        "invented": made_of.invented,
        "invented_exact": made_of.invented_exact,
        "names_hidden": made_of.hidden,
        "names_hidden_exact": made_of.hidden_exact,
        "withdrawn": made_of.withdrawn,
        "rejected": made_of.rejected,
        "rejected_by_reason": [
            {
                "reason": each.reason,
                "words": each.words,
                "number": each.number,
                "first": each.first.isoformat(),
                "last": each.last.isoformat(),
            }
            for each in made_of.removed
        ],
        "rejected_by_day": [
            {"day": each.last.isoformat(), "reason": each.reason, "number": each.number}
            for each in made_of.daily
        ],
        "invalidations": [
            {
                "day": each.day.isoformat(),
                "reason": each.reason,
                "words": each.words,
                "number": each.number,
                "undone": each.undone.isoformat() if each.undone else None,
                "back": each.back,
            }
            for each in made_of.invalidations
        ],
        "moderation": "before" if made_of.all_held else "after",
        "held_for_now": made_of.held_now,
    }


def instant(moment: datetime) -> str:
    """A moment in UTC, as files say it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def structured(letter: PublicLetter, picture: str | None) -> dict[str, Any]:
    """A letter for machines, in the words of schema.org."""
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "url": letter.url,
        "headline": letter.title,
        "inLanguage": letter.language,
        "datePublished": letter.published_at.isoformat(timespec="seconds"),
        "dateModified": letter.modified_at.isoformat(timespec="seconds"),
        "author": {"@type": "Organization", "name": letter.sender},
        "audience": {"@type": "Audience", "name": letter.addressee},
        "identifier": f"sha256:{letter.sha256}",
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/AgreeAction",
            "userInteractionCount": letter.count,
        },
    }
    if letter.signable:
        about["potentialAction"] = {
            "@type": "AgreeAction",
            "target": f"{letter.url}#sign",
        }
    return about | ({"image": picture} if picture else {})


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
        country=_country(signature, letter),
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
        (gettext("Country"), _country(signature, letter), listed.country),
        (gettext("Why you sign"), signature.comment, listed.comment),
    )
    return (
        *(Answer(label, whole) for label, whole, shown in fields if whole != shown),
        *(answer for answer in given if answer not in listed.answers),
    )
