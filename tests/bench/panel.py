"""The moderation panel over a million signatures: how long each of its views takes.

Not the rate, but the time of one request after the other, as one organizer waits for it; with some
thousands that wait, are set aside and are rejected, so that no page is empty.
"""

import http.cookiejar
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator

from sqlalchemy import select

from petition import config, create_app
from petition.actions.move import move_many
from petition.database import writing
from petition.extensions import db
from petition.models import Actor, Signature, State
from petition.queries import letters
from tests.bench import processes, table
from tests.bench.sites import SLUG, Site
from tests.bench.table import Row

MOST = 200
"""Milliseconds that a view may take."""
TIMES = 15
LETTER = f"/organize/letters/{SLUG}"
QUEUE = f"{LETTER}/moderation"
VIEWS = {
    "waiting": QUEUE,
    "set aside": f"{QUEUE}?tab=aside",
    "reported": f"{QUEUE}?tab=reported",
    "recent": f"{QUEUE}?tab=recent",
    "all": f"{QUEUE}?tab=all",
    "a name": f"{QUEUE}?tab=all&q=ada+inkwell",
    "an affiliation": f"{QUEUE}?tab=all&q=glissando",
    "nobody": f"{QUEUE}?tab=all&q=xyzzy",
    "a domain": f"{QUEUE}?tab=all&domain=example.org",
    "a signal": f"{QUEUE}?tab=all&signal=joke",
    "a reason": f"{QUEUE}?tab=all&reason=advertising",
    "a revision": f"{QUEUE}?tab=all&revision=1",
    "a rare language": f"{QUEUE}?tab=all&language=ar",
    "a day": f"{QUEUE}?tab=all&since=2020-01-01&until=2020-01-02",
    "several at once": f"{QUEUE}?tab=all&state=rejected&language=en&q=ada",
    "sweeps": f"{LETTER}/sweeps",
    "invalidations": f"{LETTER}/invalidations",
    "rules": f"{LETTER}/rules",
    "numbers": f"{LETTER}/numbers",
    "record": f"{LETTER}/record",
    "export": f"{LETTER}/export",
    "how it is counted": f"/letters/{SLUG}/count",
}


def furnish(site: Site, each: int) -> None:
    """Let so many wait, so many be set aside and so many be rejected, of those that stand."""
    app = create_app(config.read(site.env))
    with app.app_context():
        letter_id = letters.public_by_slug(SLUG).letter.id
        stands = select(Signature.id).where(Signature.state == State.PUBLISHED)
        ids = list(db.session.scalars(stands.order_by(Signature.id.desc()).limit(3 * each)))
        kinds = (State.HELD, None, 0), (State.QUARANTINED, None, 2), (State.REJECTED, "abuse", 0)
        for number, (to, reason, signals) in enumerate(kinds):
            some = ids[number * each : (number + 1) * each]
            values = {"signals": signals} if signals else {}
            with writing(db.session):
                chosen = [(key, State.PUBLISHED) for key in some]
                move_many(letter_id, chosen, to, Actor.SCREENING, reason=reason, **values)


def rows(site: Site) -> Iterator[Row]:
    """The slowest view, and all of them by their medians."""
    browser = _signed_in(site)
    times = {name: _median(browser, site.address + path) for name, path in VIEWS.items()}
    slowest = max(times, key=lambda name: times[name])
    yield Row(
        f"slowest view of the panel ({slowest})",
        f"{times[slowest]:.0f} ms",
        "",
        None,
        f"≤ {MOST} ms",
        times[slowest] <= MOST,
    )
    for name, taken in times.items():
        yield Row(f"panel: {name}", f"{taken:.0f} ms", "", None, "", None)


def _median(browser: urllib.request.OpenerDirector, address: str) -> float:
    """Milliseconds of one request, the answer looked at."""
    taken = []
    for _ in range(TIMES):
        began = time.monotonic()
        with browser.open(address, timeout=20) as answer:
            body = answer.read()
        taken.append((time.monotonic() - began) * 1000)
        if answer.status != 200 or b"</html>" not in body:
            raise AssertionError(f"{address}: {answer.status}")
    return table.median(taken)


def _signed_in(site: Site) -> urllib.request.OpenerDirector:
    """A browser in which an organizer is signed in, by the link that is printed for them."""
    printed = processes.petition(site.env, "organizer", "add", "bench@example.org")
    link = re.search(r"http\S+/organize/sign-in/\S+", printed)
    if link is None:
        raise AssertionError(f"no link was printed: {printed}")
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)
    with browser.open(link[0]) as page:
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
    form = urllib.parse.urlencode({"csrf_token": token[1] if token else ""}).encode()
    headers = {"Sec-Fetch-Site": "same-origin"}
    with browser.open(urllib.request.Request(link[0], form, headers)) as answer:  # noqa: S310
        if "/organize" not in answer.url:
            raise AssertionError(f"not signed in: {answer.url}")
    return browser
