"""Where signatures come from, without knowing where: digests whose key is lost after a day."""

import hmac
import secrets
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import delete, select

from petition import config, limits
from petition.clock import now
from petition.database import insert, writing
from petition.extensions import db
from petition.models import DailySalt
from petition.models.guard import SALT_BYTES

SALTS_KEPT = timedelta(days=2)
"""After that nobody can tell any more which network a digest is of."""


def digest(visitor: str | None) -> int | None:
    """Today's digest of the network that a network address belongs to: 64 bits, signed.

    None, where limits are switched off: nothing is to be remembered then.
    """
    if not config.current().ratelimit_enabled:
        return None
    return _digest(visitor, _salt(now().date()))


def _digest(visitor: str | None, salt: bytes) -> int:
    whole = hmac.digest(salt, limits.network(visitor).encode(), "sha256")
    return int.from_bytes(whole[:8], "big", signed=True)


def _salt(day: date) -> bytes:
    """The key of a day, made by whoever asks first; each process remembers it."""
    known: dict[date, bytes] = current_app.extensions.setdefault("salts", {})
    if day not in known:
        known.clear()
        known[day] = _kept(day) or _made(day)
    return known[day]


def _kept(day: date) -> bytes | None:
    return db.session.scalar(select(DailySalt.salt).where(DailySalt.day == day))


def _made(day: date) -> bytes:
    statement = insert(db.engine.dialect.name, DailySalt)
    with writing(db.session):
        db.session.execute(
            statement.on_conflict_do_nothing(),
            {"day": day, "salt": secrets.token_bytes(SALT_BYTES)},
        )
    kept = _kept(day)
    if kept is None:
        raise RuntimeError("a salt that was just written is gone")
    return kept


def forget_salts() -> bool:
    """Lose the keys of the days before yesterday; never is there more to lose at once."""
    with writing(db.session):
        db.session.execute(delete(DailySalt).where(DailySalt.day < now().date() - SALTS_KEPT))
    return False
