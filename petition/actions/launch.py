"""A letter is launched: people are asked to sign it first, and sign it before it is public."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, func, or_, select, update

from petition import address, caching, limits, lookalike, wellknown
from petition.actions import addresses, consents, tally, verify
from petition.actions.altering import hold
from petition.actions.move import Locked, locked, move
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.actions.turns import queue_for
from petition.address import Address
from petition.clock import now
from petition.database import Lock, take_in_turn, writing
from petition.exceptions import DecisionConflict, LetterClosed, NotFound, OtherLife
from petition.extensions import db
from petition.mail import outbox
from petition.models import (
    STANDING,
    Actor,
    Consent,
    Kind,
    Letter,
    Life,
    OutgoingMail,
    Revision,
    Role,
    Signal,
    Signatory,
    Signature,
    State,
    is_held,
)

MOST = 200
"""People who can be asked to sign one letter first."""
PAUSE = timedelta(days=1)
"""Between two invitations to the same person."""
REMOVED_KEPT = timedelta(days=1)
"""How long those who were removed can be brought back; then they are forgotten."""

_INVITING = Lock(int.from_bytes(b"invite"))
_signature = cast(Table, Signature.__table__)


class TooMany(DecisionConflict):
    """No letter has so many first signatories."""


class AskedAlready(DecisionConflict):
    """The address is among those who are asked."""


@dataclass(frozen=True)
class Person:
    """Somebody to ask, already checked and tidied by the form."""

    name: str
    title: str
    affiliation: str
    email: Address
    language: str


def add(letter: Letter, role: str, people: Sequence[Person]) -> int:
    """Put people at the end of those who are asked; who is among them already stays in place.

    Returns:
        How many were added.

    Raises:
        Forbidden: this role does not write letters.
        OtherLife: its signatures were made anonymous, and nothing is kept of who is asked.
        TooMany: there is no room for so many.
    """
    must(role, Role.EDITOR)
    with writing(db.session):
        if hold(letter.id).anonymous_at is not None:
            raise OtherLife
        asked = _of(letter.id)
        here = _by_address(asked)
        each_once: dict[str, Person] = {}
        for person in people:
            each_once.setdefault(person.email.canonical, person)
        new = [person for person in each_once.values() if _is_new(person, here)]
        standing = [each for each in asked if each.removed_at is None]
        if len(standing) + len(new) > MOST:
            raise TooMany
        last = max((each.position for each in asked), default=0)
        for place, person in enumerate(new, last + 1):
            _put(letter.id, here.get(person.email.canonical), person, place)
        if new:
            record(Action.FIRST_ASKED, letter=letter, number=len(new))
    return len(new)


def _is_new(person: Person, here: dict[str, Signatory]) -> bool:
    known = here.get(person.email.canonical)
    return known is None or known.removed_at is not None


def _by_address(asked: Iterable[Signatory]) -> dict[str, Signatory]:
    """Who is asked, by canonical address; not whose address is erased, who have signed."""
    return {address.parse(each.email).canonical: each for each in asked if each.email}


def _put(letter_id: int, before: Signatory | None, person: Person, place: int) -> None:
    """Whoever was removed and is asked again is somebody new, with a link of their own."""
    if before is not None:
        db.session.delete(before)
        db.session.flush()
    db.session.add(
        Signatory(
            letter_id=letter_id,
            position=place,
            name=person.name,
            title=person.title,
            affiliation=person.affiliation,
            email=person.email.delivery,
            language=person.language,
        )
    )


def _of(letter_id: int, *which: ColumnElement[bool]) -> list[Signatory]:
    statement = select(Signatory).where(Signatory.letter_id == letter_id, *which)
    order = statement.order_by(Signatory.position, Signatory.id)
    return list(db.session.scalars(order.execution_options(populate_existing=True)))


def _one(letter_id: int, signatory_id: int) -> Signatory:
    found = _of(letter_id, Signatory.id == signatory_id)
    if not found:
        raise NotFound
    return found[0]


def correct(letter: Letter, role: str, signatory_id: int, person: Person) -> None:
    """Write somebody anew who has not signed yet, in the same place.

    At another address it is somebody else: the link that was mailed before stops working.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: they are not asked to sign this letter.
        AskedAlready: the address is among those who are asked.
        DecisionConflict: they have signed already, with their own words.
    """
    must(role, Role.EDITOR)
    with writing(db.session):
        hold(letter.id)
        asked = _by_address(_of(letter.id))
        before = _one(letter.id, signatory_id)
        if before.signature_id is not None:
            raise DecisionConflict
        same = asked.get(person.email.canonical)
        if same is None or same.removed_at is not None:
            place = before.position
            db.session.delete(before)
            _put(letter.id, same, person, place)
        elif same.id != before.id:
            raise AskedAlready
        else:
            before.name, before.title = person.name, person.title
            before.affiliation, before.language = person.affiliation, person.language
            before.email = person.email.delivery
        record(Action.FIRST_CORRECTED, letter=letter)


def remove(letter: Letter, role: str, signatory_id: int) -> str:
    """Do not ask somebody any more: their link stops working. It can be undone for a day.

    Returns:
        Their name.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: they are not asked to sign this letter.
        DecisionConflict: they have signed already.
    """
    must(role, Role.EDITOR)
    with writing(db.session):
        hold(letter.id)
        signatory = _one(letter.id, signatory_id)
        if signatory.signature_id is not None:
            raise DecisionConflict
        signatory.removed_at = now()
        record(Action.FIRST_REMOVED, letter=letter)
        return signatory.name


def restore(letter: Letter, role: str, signatory_id: int) -> None:
    """Ask somebody after all who was removed: in their old place, by their old link.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: it is too late for that.
    """
    must(role, Role.EDITOR)
    with writing(db.session):
        hold(letter.id)
        _one(letter.id, signatory_id).removed_at = None


def shift(letter: Letter, role: str, signatory_id: int, places: int) -> None:
    """Move somebody up (-1) or down (1) in the order, before and after they have signed.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: they are not asked to sign this letter.
    """
    must(role, Role.EDITOR)
    with writing(db.session):
        hold(letter.id)
        order = _of(letter.id, Signatory.removed_at.is_(None))
        here = next((i for i, each in enumerate(order) if each.id == signatory_id), None)
        if here is None:
            raise NotFound
        there = min(max(here + places, 0), len(order) - 1)
        order.insert(there, order.pop(here))
        _number(order)
    caching.recent.forget(letter.slug)


def _number(order: Iterable[Signatory]) -> None:
    for position, each in enumerate(order, 1):
        if each.position == position:
            continue
        each.position = position
        db.session.execute(
            update(_signature).where(_signature.c.id == each.signature_id).values(position=position)
        )


@dataclass(frozen=True)
class Invited:
    """What came of inviting."""

    sent: int
    """Invitations that leave."""
    waiting: int
    """People whose invitation has to wait: no more leave today."""


def invite(
    letter: Letter,
    role: str,
    organizer_id: int,
    visitor: str | None,
    signatory_id: int | None = None,
) -> Invited:
    """Mail their personal links to all who have none yet, or to one person, perhaps once more.

    Nobody gets two within a day; a team, and an organizer in all of theirs, sends at most
    `limits.FIRST_INVITATIONS_A_DAY`, in the order of the list.

    Raises:
        Forbidden: this role does not write letters.
        NotFound: they are not asked to sign this letter.
        LetterClosed: there is no published text to sign, or no time to do so.
        TooOften: this network invites too often.
    """
    must(role, Role.EDITOR)
    limits.check("invite-first", limits.INVITE_FIRST, visitor)
    with writing(db.session):
        take_in_turn(db.session, _INVITING)
        held = hold(letter.id)
        if not may_be_signed(held):
            raise LetterClosed
        waiting = _of(held.id, Signatory.removed_at.is_(None), Signatory.signature_id.is_(None))
        if signatory_id is None:
            chosen = [each for each in waiting if each.invited_at is None]
        else:
            chosen = [each for each in waiting if each.id == signatory_id]
            if not chosen:
                raise NotFound
        due = [each for each in chosen if may_be_invited(each)]
        today = due[: _room(held.team_id, organizer_id)]
        for each in today:
            _mail(held, each, organizer_id)
        if today:
            record(Action.FIRST_INVITED, letter=held, number=len(today))
    return Invited(len(today), len(due) - len(today))


def _room(team_id: int, organizer_id: int) -> int:
    """How many more strangers a team and an organizer may invite today."""
    about = OutgoingMail.about
    sent = db.session.scalar(
        select(func.count()).where(
            OutgoingMail.kind == Kind.FIRST_INVITATION,
            OutgoingMail.digest.is_not(None),  # as its index has it: signers' mails are many
            OutgoingMail.created_at > now() - timedelta(days=1),
            or_(about["team"].as_integer() == team_id, about["by"].as_integer() == organizer_id),
        )
    )
    return max(0, limits.FIRST_INVITATIONS_A_DAY - (sent or 0))


def may_be_invited(signatory: Signatory) -> bool:
    """Whether a mail may go to them now: they did not decline, and got none since yesterday."""
    if signatory.declined_at is not None or signatory.signature_id is not None:
        return False
    return signatory.invited_at is None or now() - signatory.invited_at >= PAUSE


def may_be_signed(letter: Letter) -> bool:
    """Whether those who are asked may sign: there is a published text, and it is not too late."""
    if letter.withdrawn_at is not None or letter.deleted_at is not None:
        return False
    return letter.life(now()) in {Life.SCHEDULED, Life.OPEN}


def _mail(letter: Letter, signatory: Signatory, organizer_id: int) -> None:
    text = _newest(letter, signatory.language)
    opens = letter.opens_at if letter.opens_at and letter.opens_at > now() else None
    about = {
        "signatory": signatory.id,
        "team": letter.team_id,
        "by": organizer_id,
        "title": text.title,
        "sender": text.sender,
        "addressee": text.addressee,
        "opens": opens.isoformat() if opens else None,
    }
    if signatory.email is not None:
        outbox.post(Kind.FIRST_INVITATION, signatory.email, text.language, about)
    signatory.invited_at = now()


def _newest(letter: Letter, language: str) -> Revision:
    """The text in force in a language; in the letter's own, where there is none in it."""
    found = db.session.scalars(
        select(Revision)
        .where(Revision.letter_id == letter.id, Revision.language.in_([language, letter.language]))
        .order_by((Revision.language == language).desc(), Revision.number.desc())
        .limit(1)
    ).first()
    if found is None:
        raise LetterClosed
    return found


_UNCONFIRMED: dict[str, Any] = {"location": "", "comment": "", "answers": None, "updates": False}
"""Instead of what somebody typed for this address, who may have been anybody."""


@dataclass(frozen=True)
class FirstEntry:
    """What somebody who was asked signs with, already checked and tidied by the form."""

    name: str
    title: str
    affiliation: str
    pass_on: bool = False
    """Their name may be handed to the addressee, where the letter does that."""


def decline(signatory_id: int, visitor: str | None) -> None:
    """Note that somebody does not want to sign first; they get no further invitation.

    Raises:
        NotFound: they are not asked any more.
        DecisionConflict: they have signed; a signature is withdrawn on the signer's own page.
        TooOften: this network presses too many buttons.
    """
    limits.check("confirm", limits.CONFIRM, visitor)
    with writing(db.session):
        signatory = _asked(signatory_id)
        if signatory.signature_id is not None:
            raise DecisionConflict
        signatory.declined_at = now()


def sign_first(
    signatory_id: int, revision_id: int, entry: FirstEntry, visitor: str | None
) -> Signature:
    """Take the signature of somebody who was asked, and confirm it by the same press.

    The link was mailed to the very address, so it says what a confirmation says. Who signed
    before with that address has one signature still: it gets these words and the place in front.

    Raises:
        NotFound: they are not asked any more.
        LetterClosed: the letter takes no signatures any more.
        DecisionConflict: the organizers have rejected their signature.
        TooOften: this network presses too many buttons.
    """
    limits.check("confirm", limits.CONFIRM, visitor)
    with writing(db.session):
        digest, letter_id = _whose(signatory_id)
        queue_for(digest)
        letter = hold(letter_id)
        if not may_be_signed(letter):
            raise LetterClosed
        signatory = _asked(signatory_id)
        words = _words(letter, signatory, entry, revision_id)
        signature = _stand(_own(letter, digest, words), letter, words)
        signatory.signature_id = signature.id
        signatory.email = signature.email
        signatory.declined_at = None
    caching.recent.forget(letter.slug)
    return signature


def _whose(signatory_id: int) -> tuple[bytes, int]:
    """The digest of their address, and the letter."""
    found = db.session.execute(
        select(Signatory.email, Signatory.letter_id, Signature.digest)
        .outerjoin(Signature, Signature.id == Signatory.signature_id)
        .where(Signatory.id == signatory_id)
    ).first()
    if found is None:
        raise NotFound
    if found.email is None:
        return found.digest, found.letter_id
    return address.digest(address.parse(found.email).canonical), found.letter_id


def _asked(signatory_id: int) -> Signatory:
    """One who is asked, kept from everybody else until the transaction ends."""
    signatory = db.session.scalar(
        select(Signatory)
        .where(Signatory.id == signatory_id, Signatory.removed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if signatory is None:
        raise NotFound
    return signatory


def _words(
    letter: Letter, signatory: Signatory, entry: FirstEntry, revision_id: int
) -> dict[str, Any]:
    language = db.session.scalar(select(Revision.language).where(Revision.id == revision_id))
    return {
        "revision_id": revision_id,
        "language": language,
        "email": signatory.email,
        "name": entry.name,
        "role": entry.title,
        "affiliation": entry.affiliation,
        "show_name": True,
        "initials": False,
        "pass_on": letter.hands_over and entry.pass_on,
        "searchable": False,
        "consented_at": now(),
        "position": signatory.position,
        "skeleton": lookalike.skeleton(entry.name),
        "signals": _noticed(letter, signatory, entry.name).value,
    }


def _noticed(letter: Letter, signatory: Signatory, name: str) -> Signal:
    """Whether they sign in a notable name that is not the one they were asked under.

    Under that, the organizers know whom they have asked.
    """
    as_asked = lookalike.skeleton(name) == lookalike.skeleton(signatory.name)
    notable = not as_asked and wellknown.is_notable(name, letter.watch)
    return Signal.NOTABLE if notable else Signal(0)


def _own(letter: Letter, digest: bytes, words: dict[str, Any]) -> Locked:
    """The one signature of an address: the one there is, or a new one that waits."""
    mine = select(Signature.id).where(Signature.letter_id == letter.id, Signature.digest == digest)
    signature_id = db.session.scalar(mine)
    if signature_id is None:
        signature = Signature(letter_id=letter.id, digest=digest, state=State.PENDING, **words)
        db.session.add(signature)
        db.session.flush()
        tally.adjust(letter.id, {State.PENDING: 1})
        signature_id = signature.id
    return locked(signature_id)


def _stand(signature: Locked, letter: Letter, words: dict[str, Any]) -> Signature:
    """Let a signature stand with these words: published, or held where moderators read first."""
    held = is_held(letter.moderated, 0, words["signals"], known=False)
    to = State.HELD if held else State.PUBLISHED
    if signature.state == State.REJECTED:
        raise DecisionConflict
    if signature.name != words["name"]:
        verify.end(signature.id)
    _write(signature.id, **words | _address(signature, words["email"]) | _agreed(signature, words))
    if signature.state in {State.PENDING, State.WITHDRAWN}:
        move(signature, to, Actor.SIGNER, confirmed_at=now(), **_UNCONFIRMED)
    elif signature.state != to and (to is State.PUBLISHED or _is_unread(signature, words)):
        move(signature, to, Actor.SIGNER)
    return db.session.get_one(Signature, signature.id, populate_existing=True)


def _address(signature: Locked, email: str | None) -> dict[str, Any]:
    """The columns of the address that they were asked at, which may be erased by now."""
    if email is None:
        return {"email": signature.email}
    stands = signature.state in STANDING
    return addresses.kept(email, updates=stands and signature.updates)


def _agreed(signature: Locked, words: dict[str, Any]) -> dict[str, Any]:
    """The record of what they agree to, where there is one or begins to be one."""
    if signature.state not in STANDING:
        return {"consents": None}
    shown = {} if signature.show_name and not signature.initials else {Consent.NAME: True}
    text = select(Revision.number).where(Revision.id == words["revision_id"])
    handed = {} if signature.pass_on == words["pass_on"] else {Consent.ADDRESSEE: words["pass_on"]}
    said = {Consent.SIGN: True, **shown, **handed}
    return {"consents": consents.recorded(signature, said, db.session.scalar(text))}


def _is_unread(signature: Locked, words: dict[str, Any]) -> bool:
    """Whether no moderator has read these words: the signature was set aside, or said others."""
    if signature.state == State.QUARANTINED:
        return True
    return any(getattr(signature, name) != words[name] for name in ("name", "role", "affiliation"))


def _write(signature_id: int, **values: Any) -> None:
    db.session.execute(update(_signature).where(_signature.c.id == signature_id).values(**values))
