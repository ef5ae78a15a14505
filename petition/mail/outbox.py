"""The queue of outgoing mail: put in, claim, record.

A mail is claimed in one short transaction, handed over outside any, and recorded in another. A
worker that dies in between leaves its lease behind; when that runs out, or the same worker comes
back, the mail is handed over again under the same Message-ID.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cache
from random import SystemRandom
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Row,
    ScalarSelect,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import Insert, Update

from petition import address, config, limits
from petition.address import Address
from petition.clock import now
from petition.database import Step, write_in_turn, writing
from petition.extensions import db
from petition.mail.suppressions import not_suppressed, suppress
from petition.models import (
    STANDING,
    Change,
    Delivery,
    Kind,
    Letter,
    OutgoingMail,
    Report,
    Revision,
    Signature,
    State,
    Suppression,
)

LEASE = timedelta(minutes=10)
"""How long a claimed mail is left to its worker; longer than a batch of it can take."""


@dataclass(frozen=True)
class Patience:
    """How a mail that was not taken is tried again."""

    minutes: tuple[int, ...]
    """Until the next try; the last repeats."""
    give_up: timedelta
    """How long after it was written a mail is still tried."""


PATIENCE = Patience((1, 5, 15, 60), timedelta(hours=48))
"""With the server and the mailbox of a mail: the usual intervals of a queue (RFC 5321 §4.5.4.1)."""
PATIENCE_WITH_OURSELVES = Patience((1, 5), timedelta(days=14))
"""Where the fault is ours, no mail is to blame: all of them leave soon after it is mended."""
HASTE = Patience((1,), timedelta(minutes=10))
"""With a mail that somebody sits and waits for: after that its code does not work any more."""
HASTY = {Kind.SIGN_IN, Kind.PROOF, Kind.NEW_ADDRESS}
"""Mails that their readers wait for. They leave before all others."""
_AHEAD = timedelta(days=30)
"""How much sooner they are due than they were written: longer than any mail waits."""
UNDELIVERABLE_FOR = timedelta(days=30)
"""How long an address that does not exist is left alone."""

_ASKING = (Kind.CONFIRM, Kind.REMINDER)
"""Mails that ask to confirm, each with a code; of two, the later is enough."""
_TO_OWNER = (Kind.ALREADY_SIGNED, Kind.OWN_LINK, Kind.REPORTED, Kind.DECIDED, Kind.ANSWER)
"""Mails that lead to a signature whoever has confirmed it; anybody may ask for the first three,
and organizers write the others."""
_FROM_ORGANIZERS = (Kind.DECIDED, Kind.ANSWER)
"""What organizers write takes no turn from what signers ask for."""

_random = SystemRandom()
_mail = cast(Table, OutgoingMail.__table__)


def promise(letter_id: int, digest: bytes, typed: Address, fingerprint: str) -> Step:
    """The mail that tells a signer the truth, in the transaction in which they just signed.

    The statement runs whether a mail is due or not, so that nobody can tell from outside. It
    decides by itself, from the row and the mails already written, which mail it is and whether
    the signature and the mailbox may have another; the rejected and the suppressed get none. The
    caller holds the lock that keeps others from deciding too.

    Args:
        typed: the address. The mail goes to it where none is kept any more, and it is the owner's.
        fingerprint: of the words that wait to be confirmed.
    """
    values = _now(digest) | _at(typed) | {"letter_id": letter_id, "fingerprint": fingerprint}
    return Step(_promise(), values)


def own_link(letter_id: int, digest: bytes, typed: Address) -> Step:
    """The mail that brings somebody back to their signature, or to confirming it.

    Like `promise` it runs whether there is a signature or not, and decides by itself; whoever
    was rejected gets the link too.

    Args:
        typed: the address, as for `promise`.
    """
    return Step(_own_link(), _now(digest) | _at(typed) | {"letter_id": letter_id})


def reported(signature_id: int, digest: bytes, typed: Address) -> Step:
    """The mail to the owner of an address under whose signature somebody says: this was not me.

    Like `promise` it runs whether the address is the signature's or not, and decides by itself.

    Args:
        typed: the address, as for `promise`.
    """
    return Step(_reported(), _now(digest) | _at(typed) | {"signature_id": signature_id})


def remind(signature_id: int, digest: bytes, fingerprint: str, due_at: datetime) -> Step:
    """The one mail that reminds a signer to confirm, within the limits of all mails.

    A signature that got one never gets another. The caller holds the lock of the address.

    Args:
        fingerprint: of the words that wait to be confirmed.
        due_at: when it may leave; a crowd is not reminded all at once.
    """
    values = _now(digest) | {"signature_id": signature_id, "fingerprint": fingerprint}
    return Step(_remind(), values | {"due_at": due_at})


def ask_again(signature_id: int, digest: bytes) -> Step:
    """The mail that asks a signer to sign the text that replaced theirs.

    Nobody gets it who has had as many as a signature or a mailbox may have, wants none, or has
    no address here any more. The caller holds the lock that keeps others from deciding too.
    """
    return Step(_ask_again(), _now(digest) | {"signature_id": signature_id})


def answer(signature_id: int, digest: bytes, report_id: int) -> Step:
    """The mail that brings a signer what they were answered who did not agree.

    Nobody gets it who has had as many as a mailbox may have, wants none, or has no address here
    any more. The caller holds the lock of the address.

    Args:
        report_id: where the answer stands.
    """
    values = _now(digest) | {"signature_id": signature_id, "about": {"report": report_id}}
    return Step(_answer(), values)


def rejected(
    signature_ids: Collection[int], about: Mapping[str, dict[str, Any]], due_at: datetime
) -> None:
    """The mails that tell signers that they were rejected, inside the caller's transaction.

    By one statement, within the limits of all mails. A signature that had as many today as it
    may, an address that had, one that is erased and one that wants no mail get none.

    Args:
        about: what is said, by the language of the signer.
        due_at: when they may leave.
    """
    _decided(signature_ids, _by_language(about), due_at, _is_not_too_many(Kind.DECIDED))


def stand_again(signature_ids: Collection[int], due_at: datetime) -> None:
    """The mails that tell signers that they stand again, as `rejected` writes them."""
    _decided(signature_ids, null(), due_at)


def _by_language(about: Mapping[str, dict[str, Any]]) -> ColumnElement[Any]:
    said = ((_signature.c.language == each, words) for each, words in about.items())
    return case(*((spoken, literal(words, _mail.c.about.type)) for spoken, words in said))


def _decided(
    signature_ids: Collection[int],
    about: ColumnElement[Any],
    due_at: datetime,
    *which: ColumnElement[bool],
) -> None:
    at, digest = now(), _signature.c.digest
    first, last = _message_id().split("@")
    values: dict[str, ColumnElement[Any]] = {
        "kind": literal_column(f"'{Kind.DECIDED}'"),
        "signature_id": _signature.c.id,
        "message_id": literal(f"{first}.") + cast_to(_signature.c.id, String) + f"@{last}",
        "delivery": literal_column(f"'{Delivery.QUEUED}'"),
        "attempts": literal_column("0"),
        "code_tries": literal_column("0"),
        "due_at": literal(due_at, _mail.c.due_at.type),
        "created_at": bindparam("created_at", type_=_mail.c.created_at.type),
        "about": about,
    }
    statement = insert(_mail).from_select(
        [*values],
        select(*values.values()).where(
            _signature.c.id.in_(signature_ids),
            _signature.c.email.is_not(None),
            _is_in(Kind.DECIDED),
            *which,
            not_suppressed(digest),
            _mails_today(digest) < limits.MAILS_A_DAY,
        ),
    )
    db.session.execute(statement, {"created_at": at, "day_began": at - timedelta(days=1)})


def _now(digest: bytes) -> dict[str, Any]:
    at = now()
    return {
        "digest": digest,
        "message_id": _message_id(),
        "created_at": at,
        "pause_began": at - limits.MAIL_PAUSE,
        "day_began": at - timedelta(days=1),
    }


def _at(typed: Address) -> dict[str, Any]:
    return {"typed": typed.delivery, "mailbox": address.mailbox(typed.delivery)}


_signature = cast(Table, Signature.__table__)
_typed = bindparam("typed", type_=_mail.c.recipient.type)
_mailbox = bindparam("mailbox", type_=_signature.c.mailbox.type)
_of_letter = _signature.c.letter_id == bindparam("letter_id", type_=_signature.c.letter_id.type)
_this = _signature.c.id == bindparam("signature_id", type_=_signature.c.id.type)


@cache
def _promise() -> Insert:
    return _insert_unless_too_many(
        (Kind.CONFIRM, Kind.ALREADY_SIGNED),
        _of_letter,
        _just_paused(),
        _reaches_owner(),
        fingerprint=bindparam("fingerprint", type_=_mail.c.fingerprint.type),
        recipient=_where_none_is_kept(),
    )


@cache
def _own_link() -> Insert:
    return _insert_unless_too_many(
        (Kind.CONFIRM, Kind.OWN_LINK),
        _of_letter,
        _just_paused(),
        _reaches_owner(),
        fingerprint=_last_fingerprint(),
        recipient=_where_none_is_kept(),
    )


@cache
def _reported() -> Insert:
    return _insert_unless_too_many(
        (Kind.REPORTED,),
        _this,
        _just_paused(),
        _reaches_owner(),
        recipient=_where_none_is_kept(),
    )


@cache
def _remind() -> Insert:
    earlier = _mail.alias("earlier")
    reminded = exists().where(
        earlier.c.signature_id == _signature.c.id, earlier.c.kind == Kind.REMINDER
    )
    return _insert_unless_too_many(
        (Kind.REMINDER,),
        _this,
        ~reminded,
        _just_paused(),
        _signature.c.email.is_not(None),
        fingerprint=bindparam("fingerprint", type_=_mail.c.fingerprint.type),
        due_at=bindparam("due_at", type_=_mail.c.due_at.type),
    )


@cache
def _ask_again() -> Insert:
    return _insert_unless_too_many((Kind.SIGN_AGAIN,), _this, _signature.c.email.is_not(None))


@cache
def _answer() -> Insert:
    kept, about = _signature.c.email.is_not(None), bindparam("about", type_=_mail.c.about.type)
    return _insert_unless_too_many((Kind.ANSWER,), _this, kept, about=about)


def _insert_unless_too_many(
    kinds: tuple[Kind, ...], *which: ColumnElement[bool], **more: ColumnElement[Any]
) -> Insert:
    """A mail about a signature that an address has, if it may have one more.

    Args:
        kinds: of which that one is written that is true of the signature; none, where none is.
        more: columns beside the usual.
    """
    at = bindparam("created_at", type_=_mail.c.created_at.type)
    # What is the same for everybody is written out: a parameter costs time with every signature.
    values: dict[str, ColumnElement[Any]] = {
        "kind": case(*((_is_in(kind), literal_column(f"'{kind}'")) for kind in kinds)),
        "signature_id": _signature.c.id,
        "message_id": bindparam("message_id", type_=_mail.c.message_id.type),
        "delivery": literal_column(f"'{Delivery.QUEUED}'"),
        "attempts": literal_column("0"),
        "code_tries": literal_column("0"),
        "due_at": at,
        "created_at": at,
        **more,
    }
    return insert(_mail).from_select(
        [*values],
        select(*values.values()).where(
            _signature.c.digest == bindparam("digest", type_=_signature.c.digest.type),
            *which,
            or_(*(and_(_is_in(kind), _is_not_too_many(kind)) for kind in kinds)),
            not_suppressed(),
            _mails_today() < limits.MAILS_A_DAY,
        ),
    )


def _reaches_owner() -> ColumnElement[bool]:
    """Whether an address is kept, or what was typed is the very one that was."""
    return or_(_signature.c.email.is_not(None), _signature.c.mailbox == _mailbox)


def _where_none_is_kept() -> ColumnElement[str | None]:
    return case((_signature.c.email.is_(None), _typed))


def _just_paused() -> ColumnElement[bool]:
    """Whether the last mail that was asked for about a signature is some time ago."""
    earlier = _mail.alias("earlier")
    mine = earlier.c.signature_id == _signature.c.id
    asked = (earlier.c.kind != literal_column(f"'{each}'") for each in _FROM_ORGANIZERS)
    return ~exists().where(mine, *asked, earlier.c.created_at > bindparam("pause_began"))


def _last_fingerprint() -> ScalarSelect[str | None]:
    """Of the words that a signature's last mail asked to confirm: a code publishes no others."""
    earlier = _mail.alias("earlier")
    return (
        select(earlier.c.fingerprint)
        .where(earlier.c.signature_id == _signature.c.id, earlier.c.fingerprint.is_not(None))
        .order_by(earlier.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _is_not_too_many(kind: Kind) -> ColumnElement[bool]:
    """Whether a signature may cause another mail of this kind, whatever its mailbox got."""
    earlier = _mail.alias("earlier")
    mine = select(func.count()).where(earlier.c.signature_id == _signature.c.id)
    if kind in _TO_OWNER:
        of_kind = earlier.c.kind == literal_column(f"'{kind}'")
        today = mine.where(of_kind, earlier.c.created_at > bindparam("day_began"))
        return today.scalar_subquery() < limits.OWNER_MAILS_A_DAY
    others = (earlier.c.kind != literal_column(f"'{each}'") for each in _TO_OWNER)
    return mine.where(*others).scalar_subquery() < limits.MAILS_A_SIGNATURE


def _mails_today(digest: ColumnElement[bytes] | None = None) -> ScalarSelect[int]:
    """How many mails about signatures the mailbox has got since yesterday."""
    mailbox = bindparam("digest") if digest is None else digest
    earlier = _mail.alias("earlier")
    theirs = _signature.alias("theirs")
    return (
        select(func.count())
        .select_from(earlier)
        .join(theirs, theirs.c.id == earlier.c.signature_id)
        .where(theirs.c.digest == mailbox, earlier.c.created_at > bindparam("day_began"))
        .scalar_subquery()
    )


def _is_in(kind: Kind) -> ColumnElement[bool]:
    """Whether the mail of this kind is the one that is true of a signature."""
    return or_(*(_signature.c.state == literal_column(f"'{s}'") for s in sorted(_TRUE_IN[kind])))


def asking() -> bool:
    """Whether mails wait for their first try that ask signers to sign again.

    One that a mailbox put off may wait for days, and keeps nobody else from being asked.
    """
    waits = exists().where(
        _mail.c.delivery == Delivery.QUEUED,
        _mail.c.kind == Kind.SIGN_AGAIN,
        _mail.c.attempts == 0,
    )
    found = bool(db.session.scalar(select(waits)))
    db.session.rollback()
    return found


def post(
    kind: Kind,
    recipient: str,
    language: str,
    about: dict[str, Any] | None = None,
    *,
    wanted: bool = True,
    most: int = limits.MAILS_A_DAY,
) -> None:
    """A mail that is about no signature, inside the caller's transaction.

    An address that has had as many of its kind since yesterday as it may gets no more, and the
    caller is not told. The statement runs all the same where no mail is `wanted`, so that nobody
    can tell from outside.

    Args:
        recipient: a valid address. It is forgotten as soon as the mail has left or failed.
        language: of the mail, as a tag.
        about: numbers and words that the templates need (`messages.py`); they stay, so no
            address and no secret: codes and links are made from numbers, by `tokens`.
        most: mails of this kind that an address may get in a day.
    """
    at = now()
    db.session.execute(
        _insert_unless_often(),
        {
            "kind": kind,
            "message_id": _message_id(),
            "delivery": Delivery.QUEUED,
            "attempts": 0,
            "code_tries": 0,
            "due_at": at - _AHEAD if kind in HASTY else at,
            "created_at": at,
            "recipient": recipient,
            "digest": address.digest(address.parse(recipient).canonical),
            "language": language,
            "about": about,
            "wanted": wanted,
            "most": most,
            "day_began": at - timedelta(days=1),
        },
    )


@cache
def _insert_unless_often() -> Insert:
    columns = ["kind", "message_id", "delivery", "attempts", "code_tries", "due_at", "created_at"]
    columns += ["recipient", "digest", "language", "about"]
    earlier = _mail.alias("earlier")
    today = (
        select(func.count())
        .select_from(earlier)
        .where(
            earlier.c.digest == bindparam("digest", type_=_mail.c.digest.type),
            earlier.c.kind == bindparam("kind", type_=_mail.c.kind.type),
            earlier.c.created_at > bindparam("day_began", type_=_mail.c.created_at.type),
        )
        .scalar_subquery()
    )
    return insert(_mail).from_select(
        columns,
        select(*(bindparam(name, type_=_mail.c[name].type) for name in columns)).where(
            bindparam("wanted", type_=Boolean), today < bindparam("most", type_=Integer)
        ),
    )


def _message_id() -> str:
    return f"<{uuid4().hex}@{config.current().sender.rpartition('@')[2]}>"


def due() -> bool:
    """Whether a mail could leave now."""
    ready = exists().where(_mail.c.delivery == Delivery.QUEUED, _mail.c.due_at <= now())
    found = bool(db.session.scalar(select(ready)))
    db.session.rollback()  # what follows is a talk with a server: no reading stays open for that
    return found


@dataclass(frozen=True)
class Claimed:
    """A claimed mail, and what all mails have in common."""

    mail_id: int
    kind: str
    message_id: str
    attempts: int
    """How often it was tried before."""
    created_at: datetime
    digest: bytes
    email: str | None
    language: str
    suppressed: bool
    worker: str
    lease_ends: datetime

    @property
    def wanted(self) -> bool:
        """What the mail says is still true, and its reader still wants mail."""
        return self.email is not None and not self.suppressed


@dataclass(frozen=True)
class Posted(Claimed):
    """A claimed mail that is about no signature."""

    about: dict[str, Any]

    @property
    def wanted(self) -> bool:
        """Who waits for a mail has asked for it, and did so just now."""
        if self.kind in HASTY:
            return self.email is not None and now() - self.created_at <= HASTE.give_up
        return super().wanted


@dataclass(frozen=True)
class AboutSignature(Claimed):
    """A claimed mail with all of the signature that its words are made from."""

    signature_id: int
    state: str
    name: str
    signed_at: datetime
    show_name: bool
    slug: str
    letter_language: str
    title: str
    sender: str
    listing: str
    wording: dict[str, dict[str, str]]
    responsible: str
    contact: str
    superseded: bool
    """A later mail says the same, and its code is the one that works."""
    open: bool = True
    """The letter is in view and takes signatures."""
    news: str | None = None
    """What was changed in substance since it was signed, in the organizers' words, which may be
    none; None, where no such text is there in its language."""
    removed_at: datetime | None = None
    """Since when it is rejected, if it is."""
    about: dict[str, Any] = field(default_factory=dict)
    answer: str | None = None
    """What its signer is answered, by a mail that brings an answer."""

    @property
    def wanted(self) -> bool:
        """What the mail says is still true, and its reader still wants mail."""
        if self.kind == Kind.SIGN_AGAIN and self.news is None:
            return False
        if self.kind == Kind.REMINDER and not self.open:
            return False
        if self.kind == Kind.DECIDED and not self._stands_as_told:
            return False
        if self.kind == Kind.ANSWER:
            return super().wanted and self.answer is not None
        return super().wanted and self.state in _TRUE_IN[Kind(self.kind)] and not self.superseded

    @property
    def _stands_as_told(self) -> bool:
        """Whether what was decided was not undone meanwhile, even if it was decided again."""
        if not self.about:
            return self.state in STANDING
        return self.removed_at is not None and self.removed_at <= self.created_at


Job = Posted | AboutSignature

_TRUE_IN = {
    # Who withdrew and signs anew is asked again.
    Kind.CONFIRM: {State.PENDING, State.WITHDRAWN},
    Kind.REMINDER: {State.PENDING},
    Kind.ALREADY_SIGNED: STANDING,
    Kind.SIGN_AGAIN: STANDING,
    Kind.OWN_LINK: STANDING | {State.REJECTED},
    Kind.REPORTED: STANDING,
    Kind.DECIDED: STANDING | {State.REJECTED},
    Kind.ANSWER: STANDING | {State.REJECTED},
}


def claim(worker: str, limit: int) -> list[Job]:
    """Take the mails that have waited longest, for as long as the lease lasts.

    Two workers never take the same: PostgreSQL skips the rows another has locked, SQLite has one
    writer at a time.
    """
    at = now()
    lease_ends = at + LEASE
    with writing(db.session):
        rows = db.session.execute(_oldest_due(), {"at": at, "limit": limit}).all()
        db.session.execute(
            update(_mail)
            .where(_mail.c.id.in_([row.mail_id for row in rows]))
            .values(due_at=lease_ends, claimed_by=worker)
        )
        said = _answers(rows)
    return [
        _job({**row._mapping, "answer": said.get(row.mail_id)}, worker, lease_ends) for row in rows
    ]


def _answers(rows: Sequence[Row[*tuple[Any, ...]]]) -> dict[int, str]:
    """What signers are answered, by the numbers of those among these mails that bring it."""
    bringing = {row.about["report"]: row.mail_id for row in rows if row.kind == Kind.ANSWER}
    if not bringing:
        return {}
    found = db.session.execute(
        select(Report.id, Report.answer).where(Report.id.in_(bringing), Report.answer.is_not(None))
    )
    return {bringing[report_id]: words for report_id, words in found if words is not None}


def _job(row: dict[str, Any], worker: str, lease_ends: datetime) -> Job:
    kind = Posted if row["signature_id"] is None else AboutSignature
    row["about"] = row["about"] or {}
    mine = {each.name: row[each.name] for each in fields(kind) if each.name in row}
    return kind(**mine, worker=worker, lease_ends=lease_ends)


@cache
def _oldest_due() -> Select[Any, *tuple[Any, ...]]:
    in_force = or_(Suppression.expires_at.is_(None), Suppression.expires_at > bindparam("at"))
    later = _mail.alias("later")
    digest = func.coalesce(Signature.digest, _mail.c.digest, type_=_mail.c.digest.type)
    return (
        select(
            _mail.c.id.label("mail_id"),
            _mail.c.kind,
            _mail.c.message_id,
            _mail.c.attempts,
            _mail.c.created_at,
            Signature.id.label("signature_id"),
            Signature.state,
            Signature.removed_at,
            digest.label("digest"),
            func.coalesce(Signature.email, _mail.c.recipient).label("email"),
            Signature.name,
            Signature.created_at.label("signed_at"),
            Signature.show_name,
            func.coalesce(Signature.language, _mail.c.language).label("language"),
            _mail.c.about,
            Letter.slug,
            Letter.language.label("letter_language"),
            Revision.title,
            Revision.sender,
            Letter.listing,
            Letter.wording,
            Letter.responsible,
            Letter.contact,
            case((Revision.edition < Letter.edition, _latest_news())).label("news"),
            exists().where(Suppression.digest == digest, in_force).label("suppressed"),
            exists()
            .where(
                later.c.signature_id == _mail.c.signature_id,
                or_(
                    later.c.kind == _mail.c.kind,
                    and_(later.c.kind.in_(_ASKING), _mail.c.kind.in_(_ASKING)),
                ),
                later.c.id > _mail.c.id,
                later.c.delivery.in_([Delivery.QUEUED, Delivery.SENT]),
            )
            .label("superseded"),
            and_(
                Letter.published_at.is_not(None),
                Letter.withdrawn_at.is_(None),
                or_(Letter.closes_at.is_(None), Letter.closes_at > bindparam("at")),
            ).label("open"),
        )
        .outerjoin(Signature, Signature.id == _mail.c.signature_id)
        .outerjoin(Letter, Letter.id == Signature.letter_id)
        .outerjoin(Revision, Revision.id == Signature.revision_id)
        .where(_mail.c.delivery == Delivery.QUEUED, _mail.c.due_at <= bindparam("at"))
        .order_by(_mail.c.due_at, _mail.c.id)
        .limit(bindparam("limit"))
        .with_for_update(of=_mail, skip_locked=True)
    )


def _latest_news() -> ScalarSelect[str]:
    """The note of the last change of substance that came after a signed text."""
    newer = aliased(Revision)
    return (
        select(newer.note)
        .where(
            newer.letter_id == Revision.letter_id,
            newer.language == Revision.language,
            newer.edition > Revision.edition,
            newer.change == Change.SUBSTANCE,
        )
        .order_by(newer.number.desc())
        .limit(1)
        .correlate(Revision)
        .scalar_subquery()
    )


def sent(job: Job) -> None:
    """The server has taken it."""
    _finish(job, delivery=Delivery.SENT, sent_at=now(), error=None, attempts=job.attempts + 1)


def drop(job: Job) -> None:
    """It is no longer wanted."""
    _finish(job, delivery=Delivery.DROPPED)


def postpone(job: Job, error: str, *, ours: bool = False) -> None:
    """Try again later; a mail that has waited too long has failed.

    Args:
        ours: the fault is with us, not with the mail.
    """
    patience = PATIENCE_WITH_OURSELVES if ours else PATIENCE
    if job.kind in HASTY:
        patience = HASTE
    if now() - job.created_at > patience.give_up:
        fail(job, error)
        return
    minutes = patience.minutes[min(job.attempts, len(patience.minutes) - 1)]
    wait = timedelta(minutes=minutes) * _random.uniform(0.8, 1.2)
    _record(job, due_at=now() + wait, error=error, attempts=job.attempts + 1)


def fail(job: Job, error: str, *, undeliverable: bool = False) -> None:
    """It was refused for good; with `undeliverable`, because the mailbox does not exist."""
    with writing(db.session):
        _finish(job, delivery=Delivery.FAILED, error=error, attempts=job.attempts + 1)
        if undeliverable:
            suppress(job.digest, "bounced", now() + UNDELIVERABLE_FOR)


def _finish(job: Job, **values: Any) -> None:
    """Write down how a mail ended; where to it was meant to go is nobody's business any more."""
    _record(job, recipient=None, **values)


def _record(job: Job, **values: Any) -> None:
    """Write down what became of a claim, unless the lease ran out and another has it."""
    claimed = {"id": job.mail_id, "claimed_by": job.worker, "due_at": job.lease_ends}
    values = {"claimed_by": None, **values}
    parameters = {f"was_{name}": value for name, value in claimed.items()}
    parameters |= {f"new_{name}": value for name, value in values.items()}
    write_in_turn(db, Step(_change(tuple(claimed), tuple(values)), parameters))


@cache
def _change(known: tuple[str, ...], changed: tuple[str, ...]) -> Update:
    """An UPDATE that is built once: it runs for every mail."""
    return (
        update(_mail)
        .where(*(_mail.c[name] == bindparam(f"was_{name}") for name in known))
        .values({name: bindparam(f"new_{name}") for name in changed})
    )


def give_back(jobs: Collection[Job]) -> None:
    """They were never tried: the next worker may have them at once, before all younger ones."""
    for worker in {job.worker for job in jobs}:
        _free(worker, _mail.c.id.in_([job.mail_id for job in jobs]))


def release(worker: str) -> None:
    """Free what an earlier life of this worker had claimed.

    Only for a worker that knows its earlier life to be over. The mails go to the end of the
    queue: should one of them have been the end of that life, the others leave before it.
    """
    _free(worker, true(), due_at=now())


def _free(worker: str, which: ColumnElement[bool], **values: Any) -> None:
    with writing(db.session):
        db.session.execute(
            update(_mail)
            .where(_mail.c.claimed_by == worker, _mail.c.delivery == Delivery.QUEUED, which)
            .values({"claimed_by": None, "due_at": _mail.c.created_at, **values})
        )
