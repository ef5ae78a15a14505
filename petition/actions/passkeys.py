"""Passkeys (WebAuthn): made, used to come in or to prove oneself, named, removed.

What browsers send is checked by the `webauthn` package. It is imported where it is used: it takes
as much memory as all the rest, and many sites never meet a passkey.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update

from petition import config, limits, links
from petition.actions import challenges, sessions
from petition.actions.record import Action, record_of
from petition.clock import now
from petition.database import alone, writing
from petition.exceptions import NotFound, PasskeyNeeded, PasskeyRefused
from petition.extensions import db
from petition.mail import outbox
from petition.models import Errand, Kind, Membership, Method, Organizer, Passkey, Team
from petition.queries import teams

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

CHALLENGE_BYTES = 32
LONGEST = 16_000
"""Characters of what a browser may send; a passkey with its attestation has under 4,000."""


def ask(browser: str, visitor: str | None, organizer_id: int | None = None) -> tuple[int, str]:
    """Ask for a passkey: of this organizer, or of whoever sits there.

    Returns:
        The number of the challenge, and the browser's task as JSON.

    Raises:
        TooOften: this network asks too often.
    """
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    limits.check("passkey", limits.PASSKEY, visitor)
    to_sign = secrets.token_bytes(CHALLENGE_BYTES)
    with writing(db.session):
        challenge = challenges.ask(
            Errand.PASSKEY, browser, organizer_id=organizer_id, to_sign=to_sign
        )
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=to_sign,
        allow_credentials=_described(organizer_id) if organizer_id else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return challenge, webauthn.options_to_json(options)


def sign_in(challenge: int, browser: str, answer: str, device: str, visitor: str | None) -> str:
    """Let in whoever holds a passkey.

    Returns:
        The key of the session, for the cookie.

    Raises:
        PasskeyRefused: it is none that we know, or the answer is not to our challenge.
        TooOften: this network tries too many.
    """
    limits.check("passkey", limits.PASSKEY, visitor)
    with writing(db.session):
        organizer_id = _answered(challenge, browser, answer)
        if not teams.is_in_a_team(organizer_id):
            raise PasskeyRefused
        return sessions.begin(organizer_id, Method.PASSKEY, device)


def prove(
    organizer_id: int,
    session_id: int,
    challenge: int,
    browser: str,
    answer: str,
    visitor: str | None,
) -> str:
    """Take a passkey as proof, for this session.

    Returns:
        The new key of the session, for the cookie.

    Raises:
        PasskeyRefused: it is not one of theirs, or the answer is not to our challenge.
        TooOften: this network tries too many.
    """
    limits.check("passkey", limits.PASSKEY, visitor)
    with writing(db.session):
        if _answered(challenge, browser, answer) != organizer_id:
            raise PasskeyRefused
        return sessions.prove(session_id, Method.PASSKEY)


def _answered(challenge: int, browser: str, answer: str) -> int:
    """Whose passkey answers a challenge, which is spent by that."""
    import webauthn

    asked = challenges.spend(challenge, Errand.PASSKEY, browser)
    passkey = db.session.scalar(
        select(Passkey).where(Passkey.credential_id == _credential_id(answer)).with_for_update()
    )
    if asked is None or asked.challenge is None or passkey is None:
        raise PasskeyRefused
    if asked.organizer_id not in {None, passkey.organizer_id}:
        raise PasskeyRefused
    with _refusals():
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=asked.challenge,
            expected_rp_id=_host(),
            expected_origin=links.site(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    passkey.sign_count, passkey.used_at = verified.new_sign_count, now()
    return passkey.organizer_id


def ask_to_register(
    organizer_id: int, email: str, name: str, browser: str, visitor: str | None
) -> tuple[int, str]:
    """Ask a browser to make a passkey for an organizer.

    Returns:
        The number of the challenge, and the browser's task as JSON.

    Raises:
        TooOften: this network asks too often.
    """
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    limits.check("passkey", limits.PASSKEY, visitor)
    to_sign = secrets.token_bytes(CHALLENGE_BYTES)
    with writing(db.session):
        challenge = challenges.ask(
            Errand.REGISTER, browser, organizer_id=organizer_id, to_sign=to_sign
        )
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=config.current().site_name,
        user_id=str(organizer_id).encode(),
        user_name=email,
        user_display_name=name or email,
        challenge=to_sign,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(organizer_id),
    )
    return challenge, webauthn.options_to_json(options)


def register(
    organizer_id: int,
    session_id: int,
    challenge: int,
    browser: str,
    answer: str,
    name: str,
    language: str,
    visitor: str | None,
) -> str:
    """Keep the public half of a new passkey, and tell its owner by mail. It proves that it is them.

    Args:
        language: of the mail.

    Returns:
        The new key of the session, for the cookie.

    Raises:
        PasskeyRefused: the answer is not to our challenge, or the passkey is known already.
        TooOften: this network tries too many.
    """
    import webauthn

    limits.check("passkey", limits.PASSKEY, visitor)
    with writing(db.session):
        asked = challenges.spend(challenge, Errand.REGISTER, browser)
        if asked is None or asked.challenge is None or asked.organizer_id != organizer_id:
            raise PasskeyRefused
        with _refusals():
            made = webauthn.verify_registration_response(
                credential=answer[:LONGEST],
                expected_challenge=asked.challenge,
                expected_rp_id=_host(),
                expected_origin=links.site(),
                require_user_verification=True,
            )
        with alone(db.session, Passkey.credential_id, PasskeyRefused):
            db.session.add(
                Passkey(
                    organizer_id=organizer_id,
                    credential_id=made.credential_id,
                    public_key=made.credential_public_key,
                    sign_count=made.sign_count,
                    transports=_transports(answer),
                    name=name,
                )
            )
        _tell(organizer_id, language, name, made=True)
        record_of(organizer_id, Action.PASSKEY_MADE, passkey=name)
        return sessions.prove(session_id, Method.PASSKEY)


def rename(organizer_id: int, passkey_id: int, name: str) -> None:
    """Call a passkey by another name.

    Raises:
        NotFound: the organizer has none of this number.
    """
    with writing(db.session):
        renamed = db.session.scalar(
            update(Passkey)
            .where(Passkey.id == passkey_id, Passkey.organizer_id == organizer_id)
            .values(name=name)
            .returning(Passkey.id)
            .execution_options(synchronize_session=False)
        )
        if renamed is None:
            raise NotFound


def remove(organizer_id: int, passkey_id: int, language: str) -> None:
    """Let a passkey open nothing any more, and tell its owner by mail, in this language.

    Raises:
        NotFound: the organizer has none of this number.
        PasskeyNeeded: it is their last, and a team of theirs asks for one.
    """
    with writing(db.session):
        _lock(organizer_id)
        removed = db.session.scalar(
            delete(Passkey)
            .where(Passkey.id == passkey_id, Passkey.organizer_id == organizer_id)
            .returning(Passkey.name)
            .execution_options(synchronize_session=False)
        )
        if removed is None:
            raise NotFound
        _must_keep_one(organizer_id)
        _tell(organizer_id, language, removed, made=False)
        record_of(organizer_id, Action.PASSKEY_REMOVED, passkey=removed)


def _tell(organizer_id: int, language: str, name: str, *, made: bool) -> None:
    email = db.session.scalars(select(Organizer.email).where(Organizer.id == organizer_id)).one()
    outbox.post(Kind.PASSKEYS_CHANGED, email, language, {"passkey": name, "made": made})


def _lock(organizer_id: int) -> None:
    """Keep others from the same organizer's passkeys until the transaction ends."""
    db.session.execute(select(Organizer.id).where(Organizer.id == organizer_id).with_for_update())


def _must_keep_one(organizer_id: int) -> None:
    theirs = select(Passkey.id).where(Passkey.organizer_id == organizer_id)
    if db.session.scalar(theirs.limit(1)) is not None:
        return
    strict = db.session.scalar(
        select(Team.name)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.organizer_id == organizer_id, Team.passkey_required)
        .order_by(Team.name)
        .limit(1)
    )
    if strict is not None:
        raise PasskeyNeeded(strict)


def _host() -> str:
    return urlsplit(links.site()).hostname or ""


def _described(organizer_id: int) -> "list[PublicKeyCredentialDescriptor]":
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    theirs = db.session.scalars(select(Passkey).where(Passkey.organizer_id == organizer_id))
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id,
            transports=[AuthenticatorTransport(way) for way in each.transports.split(",") if way],
        )
        for each in theirs
    ]


def _transports(answer: str) -> str:
    """How the device says it can be reached: of what it says, the words that mean something."""
    from webauthn.helpers.structs import AuthenticatorTransport

    said = _read(answer).get("response", {}).get("transports", [])
    return ",".join(way.value for way in AuthenticatorTransport if way.value in said)


def _credential_id(answer: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    with _refusals():
        return base64url_to_bytes(str(_read(answer).get("rawId", "")))


def _read(answer: str) -> dict[str, Any]:
    try:
        read = json.loads(answer[:LONGEST])
    except (ValueError, RecursionError):
        raise PasskeyRefused from None
    if not isinstance(read, dict):
        raise PasskeyRefused
    return read


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever is wrong with what came, the passkey is refused; what came is anybody's."""
    try:
        yield
    except Exception as error:
        raise PasskeyRefused(type(error).__name__) from None
