"""Many signatures rejected and put back by a worker, while others go on signing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from petition import config, create_app
from petition.actions import organizers, sweep
from petition.actions.sweep import Asked
from petition.extensions import db
from petition.models import Act, Letter, Organizer, Role, Signature, Stage, Sweep
from petition.queries import letters, shown, sweeps
from tests.bench import load, mails, processes, sites, table
from tests.bench.sites import SLUG, Site
from tests.bench.table import Row

LONGEST = 900.0
"""Seconds for the worker to come to an end."""


def measure(site: Site, number: int, seconds: int) -> list[Row]:
    """Of a site that is being served, with a worker that is started here."""
    app = create_app(config.read(site.env))
    with app.app_context(), _worker(site):
        letter, organizer_id = _letter(), _organizer()
        sweep_id = _frozen(letter, organizer_id, number)
        found = sweeps.one(letter.id, sweep_id).numbers.total
        before = _signing(site, seconds, 0)
        rejected, beside = _timed(
            site, seconds, Stage.DONE, sweep_id, lambda: _press(sweep.begin, letter, sweep_id)
        )
        between = _signing(site, seconds, 1)
        restored, again = _timed(
            site, seconds, Stage.UNDONE, sweep_id, lambda: _press(sweep.undo, letter, sweep_id)
        )
        after = _signing(site, seconds, 2)
        done = sweeps.one(letter.id, sweep_id).sweep
        assert (done.moved, done.back) == (found, found), (found, done.moved, done.back)
    site.numbers()
    # Minutes pass: each is compared with what was usual just before and just after it.
    usual = [(before + between) / 2] * len(beside) + [(between + after) / 2] * len(again)
    return [
        Row(f"{found:,} rejected while others sign", f"{rejected:,.0f} s", "", None, "", None),
        Row("the same, put back", f"{restored:,.0f} s", "", None, "", None),
        table.speed("signatures accepted meanwhile, beside usual", [*beside, *again], usual, 0.7),
    ]


@contextmanager
def _worker(site: Site) -> Iterator[None]:
    """Which hands over mail besides, as always."""
    log = site.log.with_suffix(".worker.log")
    with mails.sink() as (_, port):
        env = site.env | {"PETITION_MAIL_URL": f"smtp://127.0.0.1:{port}"}
        with processes.running((*processes.PETITION, "worker"), env, log):
            yield


def _signing(site: Site, seconds: int, run: int) -> float:
    return load.run(sites.sign, site.address, seconds, BENCH_RUN=f"sweep-{run}").rate


def _letter() -> Letter:
    return letters.public_by_slug(SLUG).letter


def _organizer() -> int:
    organizers.add("bench@example.org", Role.OWNER, "Organizers")
    return db.session.scalars(select(Organizer.id)).one()


def _frozen(letter: Letter, organizer_id: int, number: int) -> int:
    """The latest so many signatures of the letter, once the worker has found all of them."""
    newest = select(Signature.created_at).where(
        Signature.letter_id == letter.id, Signature.state == "published"
    )
    since = db.session.scalars(
        newest.order_by(Signature.created_at.desc()).offset(number).limit(1)
    ).one()
    conditions = {"state": "published", "since": since.replace(tzinfo=None).isoformat()}
    looked = shown.look(letter.id, conditions)
    asked = Asked(Act.REJECT, "duplicate")
    made = sweep.freeze(letter, Role.OWNER, organizer_id, looked, asked)
    _wait(made.id, Stage.READY)
    return made.id


def _press(press: Callable[..., Sweep], letter: Letter, sweep_id: int) -> None:
    press(letter, Role.OWNER, _organizer(), sweep_id)


def _timed(
    site: Site, seconds: int, stage: Stage, sweep_id: int, begin: Callable[[], None]
) -> tuple[float, list[float]]:
    """How long it took, and how fast others signed in the meantime."""
    began, rates = time.monotonic(), list[float]()
    begin()
    while not _is(sweep_id, stage):
        rates.append(_signing(site, seconds, 100 + len(rates) + int(began)))
    took = time.monotonic() - began
    return took, rates[:-1] or rates  # in the middle of the last it came to its end


def _wait(sweep_id: int, stage: Stage) -> None:
    end = time.monotonic() + LONGEST
    while not _is(sweep_id, stage):
        assert time.monotonic() < end, "no worker comes on"
        time.sleep(0.2)


def _is(sweep_id: int, stage: Stage) -> bool:
    db.session.rollback()
    return db.session.scalar(select(Sweep.stage).where(Sweep.id == sweep_id)) == stage
