"""The pictures beside shared links are drawn, one after the other, far from any request."""

import multiprocessing
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import structlog
from babel.numbers import format_decimal
from flask_babel import force_locale, get_locale, gettext, ngettext

from petition import config
from petition.cards import Direction, Motif, rounded, style_of
from petition.clock import now
from petition.database import insert, writing
from petition.extensions import db
from petition.languages import closest, direction
from petition.models import Card
from petition.queries import cards
from petition.queries.cards import Subject
from petition.text import tidy

PAUSE = timedelta(minutes=5)
"""Between two looks at the same letter."""
RETRY = timedelta(hours=6)
"""Before the same is tried again that could not be drawn."""
AT_ONCE = 50
"""Letters that are looked at in one go."""
LONGEST = 30.0
"""Seconds that a picture may take."""

log = structlog.get_logger()
_fork = multiprocessing.get_context("fork")


class NotDrawn(Exception):
    """The process that was to draw ended without a picture."""


def one_card() -> bool:
    """Draw the first picture that is missing, or says what is true no more.

    Returns:
        Whether there may be another.
    """
    at, style = now(), style_of(_site())
    subjects = cards.to_look_at(style, at - PAUSE, at - RETRY, AT_ONCE)
    for subject in subjects:
        motif = _motif(subject)
        if motif.tag == subject.tag:
            _note(subject, style, failed=None)
        elif motif.tag == subject.failed and not _is_forgiven(subject, at):
            _note(subject, style)
        else:
            _draw_and_keep(subject, motif, style)
            return True
    return len(subjects) == AT_ONCE


def _site() -> str:
    return tidy(config.current().site_name)


def _is_forgiven(subject: Subject, at: datetime) -> bool:
    return subject.looked_at is None or subject.looked_at < at - RETRY


def _draw_and_keep(subject: Subject, motif: Motif, style: str) -> None:
    """What cannot be drawn is remembered, and keeps no other picture from it."""
    try:
        png = _drawn(motif)
    except NotDrawn:
        log.error("card.not_drawn", letter=subject.letter_id, language=subject.language)
        _note(subject, style, failed=motif.tag)
    else:
        _note(subject, style, tag=motif.tag, png=png, failed=None)


def _motif(subject: Subject) -> Motif:
    spoken = closest(subject.language)
    with force_locale(spoken):
        to = tidy(subject.addressee)
        if spoken.split("_")[0] == subject.language.split("-")[0].lower():
            to = gettext("To %(addressee)s", addressee=to)
        return Motif(
            title=tidy(subject.title),
            over=to,
            under=tidy(subject.sender),
            count=_signed(subject.count),
            site=_site(),
            language=subject.language,
            direction=_direction(subject.language),
        )


def _direction(language: str) -> Direction:
    return "rtl" if direction(language) == "rtl" else "ltr"


def _signed(count: int) -> str:
    shown = rounded(count)
    number = format_decimal(shown, locale=get_locale())
    if not shown:
        return str(gettext("An open letter"))
    if shown < count:
        return str(
            ngettext(
                "More than %(shown)s person has signed",
                "More than %(shown)s people have signed",
                shown,
                shown=number,
            )
        )
    return str(
        ngettext("%(shown)s person has signed", "%(shown)s people have signed", shown, shown=number)
    )


def _drawn(motif: Motif) -> bytes:
    """A picture, made by a process that gives its memory back, and that no text can hold up.

    Raises:
        NotDrawn: it could not be made, or not in time.
    """
    db.session.remove()  # nothing is read or written meanwhile
    mine, theirs = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_draw, args=(theirs, motif), daemon=True)
    process.start()
    theirs.close()
    try:
        if not mine.poll(LONGEST):
            raise NotDrawn
        return mine.recv_bytes()
    except EOFError:
        raise NotDrawn from None
    finally:
        process.kill()
        process.join()
        mine.close()


def _draw(pipe: Connection, motif: Motif) -> None:
    # Nobody else is to pay for the fonts.
    from petition import drawing

    with suppress(Exception):  # that no picture came says enough; the text of the trouble is theirs
        pipe.send_bytes(drawing.png(motif))


def _note(subject: Subject, style: str, **values: Any) -> None:
    """Write down what a letter was compared with, and what came of it."""
    values |= {
        "revision_id": subject.revision_id,
        "count": subject.count,
        "style": style,
        "looked_at": now(),
    }
    statement = insert(db.engine.dialect.name, Card).values(
        letter_id=subject.letter_id, language=subject.language, **values
    )
    with writing(db.session):
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[Card.letter_id, Card.language], set_=values
            )
        )
