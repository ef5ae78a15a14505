"""Addresses that must get no mail."""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists, or_

from petition.clock import now
from petition.database import insert
from petition.extensions import db
from petition.models import Suppression


def suppress(digest: bytes, reason: str, expires_at: datetime | None = None) -> None:
    """Send an address no more mail, inside the caller's transaction.

    What holds for ever is not shortened by what holds for a while.

    Args:
        expires_at: when mail may be tried again; never, without it.
    """
    statement = insert(db.engine.dialect.name, Suppression).values(
        digest=digest, reason=reason, created_at=now(), expires_at=expires_at
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Suppression.digest],
            set_={
                "reason": statement.excluded.reason,
                "expires_at": statement.excluded.expires_at,
            },
            where=Suppression.expires_at.is_not(None),
        )
    )


def not_suppressed(digest: ColumnElement[bytes] | None = None) -> ColumnElement[bool]:
    """Whether an address may get mail, for statements with `created_at` in them.

    Args:
        digest: of the address, where the statement has it in a column and not by that name.
    """
    at = bindparam("created_at", type_=Suppression.__table__.c.created_at.type)
    in_force = or_(Suppression.expires_at.is_(None), Suppression.expires_at > at)
    if digest is None:
        digest = bindparam("digest", type_=Suppression.__table__.c.digest.type)
    return ~exists().where(Suppression.digest == digest, in_force)
