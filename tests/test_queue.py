"""The queue: what is found in it and how, what a row tells and whom, and what a page costs."""

import re
from datetime import timedelta
from html import unescape
from itertools import chain

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from petition import address
from petition.actions import addresses, index_names, manage, networks, seed
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    AuditEntry,
    Letter,
    Moderation,
    NameWord,
    Organizer,
    OutgoingMail,
    Role,
    Signal,
    Signature,
    State,
    Tally,
)
from petition.numerals import hexed
from petition.queries import queue
from petition.queries.filters import Filter
from petition.queries.letters import LetterText
from petition.queries.queue import Page, Tab
from tests.conftest import Statements
from tests.factories import fresh, make_letter, make_signature, sign_in
from tests.plans import read_whole, recorded

QUEUE = "/organize/letters/a-letter/moderation"


@pytest.fixture
def found(client: FlaskClient) -> LetterText:
    """A letter moderated before, with an owner of its team looking at it."""
    sign_in(client)
    return make_letter(moderation=Moderation.BEFORE)


def _learn() -> None:
    """What a worker does beside the mail."""
    db.session.rollback()
    while index_names.some_names():
        pass


def _names(page: str) -> list[str]:
    rows = page.partition('<ol class="queue"')[2]
    return [unescape(name) for name in re.findall(r'<bdi class="name" id="[^"]+">([^<]*)<', rows)]


def _find(client: FlaskClient, typed: str, **along: str) -> tuple[str, list[str]]:
    """Where a search leads, and the names that are found."""
    went = client.post(f"{QUEUE}/find", data={"q": typed, **along})
    assert went.status_code == 303, typed
    return went.location, _names(client.get(went.location).text)


def test_one_box_finds_by_name_organization_address_domain_and_network(
    client: FlaskClient, found: LetterText
) -> None:
    ann = make_signature(
        found, state=State.HELD, name="Zoë Łęcka", affiliation="Inkwell Press", email="z@a.example"
    )
    bea = make_signature(found, state=State.HELD, name="Bea Ray", email="bea@b.example")
    make_signature(found, state=State.PENDING, name="Cy Dow", email="cy@a.example")
    _learn()
    for typed, names in {
        "lecka": ["Zoë Łęcka"],
        "ink zo": ["Zoë Łęcka"],
        "@A.example": ["Zoë Łęcka"],
        "Z+news@a.example": ["Zoë Łęcka"],
        "cy@a.example": ["Cy Dow"],
        "cy": [],
        "nobody@a.example": [],
    }.items():
        where, seen = _find(client, typed)
        assert seen == names, typed
        assert "%40" not in where, "no e-mail address stands in an address"
        assert "@" not in where
    client.application.extensions.pop("salts", None)  # those of a test before
    network = networks.digest("192.0.2.77")
    with writing(db.session):
        fresh(bea.id).network = network
    for typed, names in {
        "192.0.2.77": ["Bea Ray"],
        "192.0.2.0/24": ["Bea Ray"],
        "192.0.2.78": [],
    }.items():
        assert _find(client, typed)[1] == names, typed
    wrong = client.post(f"{QUEUE}/find", data={"q": "10.0.0.0/8"})
    assert wrong.status_code == 422
    assert 'id="q-error"' in wrong.text
    assert 'value="10.0.0.0/8"' in wrong.text
    assert _names(wrong.text) == []

    # Once an address is erased, it is found by the whole address alone.
    with writing(db.session):
        fresh(ann.id).confirmed_at = now() - timedelta(days=300)
        db.session.query(OutgoingMail).delete()
    assert addresses.forget(Signature.id == ann.id) == 1
    assert _find(client, "z@a.example")[1] == ["Zoë Łęcka"]
    assert _find(client, "@a.example")[1] == []
    assert _find(client, "lecka")[1] == ["Zoë Łęcka"]
    manage.withdraw(ann.id, None)
    assert _find(client, "lecka")[1] == []
    assert db.session.query(NameWord).filter_by(signature_id=ann.id).all() == []


def test_filters_combine_stand_in_the_address_and_are_taken_away_one_by_one(
    client: FlaskClient, found: LetterText
) -> None:
    one = make_signature(found, state=State.HELD, name="Ann Lee", email="a@a.example")
    make_signature(found, state=State.HELD, name="Ann Ray", email="b@b.example")
    rejected = make_signature(found, state=State.HELD, name="Ann Fay", email="c@a.example")
    path = f"/organize/letters/a-letter/signatures/{rejected.id}/reject"
    assert client.post(path, data={"reason": "abuse"}).status_code == 303
    _learn()
    page = client.get(f"{QUEUE}?tab=all&q=ann&domain=a.example").text
    assert _names(page) == ["Ann Fay", "Ann Lee"]
    chips = {
        unescape(words): unescape(link)
        for link, words in re.findall(r'<li><a href="([^"]+)"><bdi>([^<]+)</bdi>', page)
    }
    assert set(chips) == {"“ann”", "@a.example"}
    assert "found: 2<" in page
    assert _names(client.get(chips["@a.example"]).text) == ["Ann Fay", "Ann Ray", "Ann Lee"]
    for asked, names in {
        "state=held&domain=a.example": ["Ann Lee"],
        "reason=abuse": ["Ann Fay"],
        "reason=duplicate": [],
        f"look={hexed(one.skeleton or 0)}": ["Ann Lee"],
        "since=2001-01-01&language=en&revision=1&q=ray": ["Ann Ray"],
        "until=2001-01-01": [],
        "revision=2": [],
        "signal=noise": [],
    }.items():
        assert _names(client.get(f"{QUEUE}?tab=all&{asked}").text) == names, asked
    assert _names(client.get(f"{QUEUE}?q=ann").text) == ["Ann Lee", "Ann Ray"], "oldest first"
    assert _names(client.get(f"{QUEUE}?tab=recent&q=fay").text) == ["Ann Fay"]
    wrong = client.get(f"{QUEUE}?tab=all&since=soon&q=ann")
    assert wrong.status_code == 422
    assert 'id="filter-since-error"' in wrong.text
    assert 'value="soon"' in wrong.text
    assert _names(wrong.text) == [], "nothing more than was asked for"
    turned = client.get(f"{QUEUE}?tab=all&since=2026-03-02T10:00&until=2026-03-01")
    assert turned.status_code == 422
    assert "not before the other" in turned.text
    close = client.get(f"{QUEUE}?tab=all&since=2026-03-02T10:00:05&until=2026-03-02T10:00:40").text
    assert {"10:00:05", "10:00:40"} <= set(re.findall("[0-9]+:[0-9]+:[0-9]+(?=</bdi>)", close))
    assert ">@a.example</a>?" in client.get(f"{QUEUE}?tab=all&q=a.example").text

    # A form of a row brings back to what was looked for.
    sent = re.search(r'name="back" value="([^"]*)"', page)
    assert sent
    back = {"at": "all", "back": unescape(sent[1])}
    done = client.post(f"/organize/letters/a-letter/signatures/{one.id}/publish", data=back)
    assert done.location == f"{QUEUE}?tab=all&domain=a.example&q=ann#signature-{one.id}"


def test_what_waits_tells_its_age_by_what_was_promised(
    client: FlaskClient, found: LetterText
) -> None:
    waiting = [make_signature(found, state=State.HELD, name=name) for name in ("A", "B", "C")]
    with writing(db.session):
        db.session.query(Letter).update({"promise_hours": 10})
        for each, hours in zip(waiting, (11, 6, 4), strict=True):
            changes = {"confirmed_at": now() - timedelta(hours=hours)}
            db.session.query(Signature).filter_by(id=each.id).update(changes)
    page = client.get(QUEUE).text
    assert _names(page) == ["A", "B", "C"]
    assert re.findall(r'class="age (\w+)"', page) == ["late", "half", "young"]
    assert (page.count("overdue"), page.count("soon due")) == (1, 1)
    assert "decided within 10 hours" in page


def test_a_moderator_sees_an_address_masked_and_an_owner_is_recorded_when_they_look(
    app: Flask, client: FlaskClient, found: LetterText
) -> None:
    signature = make_signature(found, state=State.HELD, email="mary.lee@mail.example")
    page = f"/organize/letters/a-letter/signatures/{signature.id}"
    viewer, moderator = app.test_client(), app.test_client()
    sign_in(viewer, "viewer@example.org", Role.VIEWER)
    sign_in(moderator, "moderator@example.org", Role.MODERATOR)
    for browser, masked in ((viewer, 0), (moderator, 1), (client, 1)):
        for path in (QUEUE, page):
            shown = browser.get(path).text
            assert shown.count("m…@mail.example") == masked
            assert "mary.lee" not in shown
    assert moderator.post(f"{page}/address").status_code == 403
    assert db.session.query(AuditEntry).filter_by(action="look").count() == 0
    answer = client.post(f"{page}/address")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "mary.lee@mail.example" in answer.text
    assert "mary.lee" not in client.get(page).text
    entry = db.session.query(AuditEntry).filter_by(action="look").one()
    owner = db.session.query(Organizer).filter_by(email="organizer@example.org").one()
    assert (entry.organizer_id, entry.signature_id) == (owner.id, signature.id)
    assert "mary" not in str(entry.about)
    with writing(db.session):
        fresh(signature.id).email = None
    assert client.post(f"{page}/address").status_code == 404
    elsewhere = make_signature(make_letter(slug="another"))
    assert client.get(page.replace(str(signature.id), str(elsewhere.id))).status_code == 404


def test_a_story_tells_what_was_decided_reported_and_what_is_like_it(
    client: FlaskClient, found: LetterText
) -> None:
    signature = make_signature(found, state=State.HELD, name="Ann Lee", email="a@mail.example")
    other = make_signature(found, state=State.HELD, name="Lee, Ann", email="b@mail.example")
    _learn()
    base = f"/organize/letters/a-letter/signatures/{signature.id}"
    client.post(f"{base}/reject", data={"reason": "duplicate"})
    page = client.get(base).text
    story = page.partition('class="story"')[2]
    assert "the same person twice" in story
    assert "organizer@example.org" in story
    assert story.index("rejected") < story.index("by its signer"), "latest first"
    links = [unescape(each) for each in re.findall(r'href="([^"]+(?:look|domain)=[^"]+)"', story)]
    assert len(links) == 2
    for link in links:
        assert _names(client.get(link).text) == ["Lee, Ann", "Ann Lee"]
    assert f'{base}"' not in client.get(base).text, "it is that page"
    undo = re.search(r'action="([^"]+/undo)"', page)
    assert undo
    back = {"at": "signature", "back": str(signature.id)}
    assert client.post(undo[1], data=back).location == f"{base}#signature-{signature.id}"
    assert fresh(signature.id).state == State.HELD
    assert fresh(other.id).state == State.HELD


def test_a_row_tells_who_the_others_with_its_name_are(
    client: FlaskClient, found: LetterText
) -> None:
    said = {"role": "poet", "affiliation": "Inkwell Press"}
    first = make_signature(found, name="Ada Ink-Well", state=State.HELD, **said)
    gone = make_signature(found, name="Ada Ink\u2011Well", state=State.HELD)
    turned = make_signature(found, name="Ada Well-Ink", state=State.HELD)
    twin = make_signature(found, name="ADA INK-WELL", state=State.HELD, email="t@t.example", **said)
    for _ in range(2):
        make_signature(found, name="Ada Ink-Well", role="dancer", state=State.HELD)
    base = "/organize/letters/a-letter/signatures"
    client.post(f"{base}/{gone.id}/reject", data={"reason": "advertising"})

    def row(signature: Signature) -> tuple[str, list[str]]:
        page = unescape(client.get(f"{base}/{signature.id}").text)
        others = page.partition('<ul class="others"')[2].partition("</ul>")[0]
        lines = [" ".join(re.sub("<[^>]+>", "", each).split()) for each in others.split("<li>")[1:]]
        return page, lines

    page, others = row(twin)
    assert '<span class="sign">same name, role and organization</span>' in page
    assert len(others) == 3
    assert others[0].startswith(f"No. {first.id} Ada Ink-Well poet, Inkwell Press @")
    assert "waiting" in others[0]
    assert "same name, role" not in row(gone)[0]
    assert "the same words in another order" in row(turned)[1][0]
    other = make_signature(found, name="Bea R\u0430y", state=State.HELD)
    alone = make_signature(found, name="Bea Ray", state=State.HELD)
    client.post(f"{base}/{other.id}/reject", data={"reason": "abuse"})
    [only] = row(alone)[1]
    assert "Bea R\u0430y" in only
    assert "rejected abuse" in only


def test_a_row_tells_how_many_came_from_its_network_and_said_the_same(
    client: FlaskClient, found: LetterText
) -> None:
    for number in range(10):
        offer = "Cheap watches" if number < 3 else f"Comment {number}"
        make_signature(found, state=State.HELD, comment=offer)
    with writing(db.session):
        db.session.query(Signature).update({"network": 7})
    page = client.get(QUEUE).text
    assert page.count('<span class="sign">10 from one network</span>') == 10
    assert page.count('<span class="sign">same comment as 2 others</span>') == 3
    assert page.count("same comment") == 3


@pytest.fixture
def many(client: FlaskClient) -> LetterText:
    """A letter with some thousand signatures in all states."""
    sign_in(client)
    found = make_letter()
    for _ in seed.seed(found.letter, found.revision, 3_000):
        pass
    with writing(db.session):
        for rest, changes in enumerate(
            (
                {"state": State.HELD, "published_at": None},
                {"state": State.QUARANTINED, "published_at": None},
                {"state": State.REJECTED, "removed_at": now(), "removed_for": "abuse"},
                {"state": State.WITHDRAWN, "name": ""},
                {"signals": Signal.NOISE.value},
                {"language": "fr"},
                {"network": 7},
            )
        ):
            apart = Signature.id % (10 if "state" in changes else 100) == rest
            db.session.query(Signature).filter(apart).update(changes)
        db.session.query(Tally).delete()
        db.session.add(Tally(letter_id=found.letter.id, state=State.HELD, slot=0, number=1))
        db.session.execute(text("ANALYZE"))
    return found


def _all(letter_id: int, tab: Tab, wanted: Filter) -> tuple[list[int], int]:
    """All that is found, page by page, and in how many pages."""
    seen, after, pages = [], None, 0
    while True:
        found: Page = queue.page(letter_id, tab, wanted, after)
        seen += [each.id for each in found.signatures]
        pages += 1
        if found.after is None:
            return seen, pages
        assert found.after != after
        after = found.after


def test_each_is_found_once_however_it_is_looked_for(
    many: LetterText, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = many.letter.id
    ids = {
        state: [each.id for each in db.session.query(Signature.id).filter_by(state=state)]
        for state in State
    }
    for reach, few in ((queue.REACH, queue.FEW), (700, 10)):
        monkeypatch.setattr(queue, "REACH", reach)
        monkeypatch.setattr(queue, "FEW", few)
        for tab, wanted, expected in (
            (Tab.WAITING, Filter(), sorted(ids[State.HELD])),
            (Tab.ASIDE, Filter(), sorted(ids[State.QUARANTINED], reverse=True)),
            (Tab.ALL, Filter(), sorted(chain(*ids.values()), reverse=True)),
            (Tab.ALL, Filter(state=State.PUBLISHED), sorted(ids[State.PUBLISHED], reverse=True)),
            (Tab.ALL, Filter(reason="abuse"), sorted(ids[State.REJECTED], reverse=True)),
        ):
            assert _all(letter_id, tab, wanted)[0] == expected, (tab, wanted)
        french = [each.id for each in db.session.query(Signature.id).filter_by(language="fr")]
        assert _all(letter_id, Tab.ALL, Filter(language="fr"))[0] == sorted(french, reverse=True)
        network = Filter(from_network=7)
        of_network = [each.id for each in db.session.query(Signature.id).filter_by(network=7)]
        assert sorted(_all(letter_id, Tab.ALL, network)[0]) == sorted(of_network)
        ada = [
            each.id
            for each in db.session.query(Signature).filter(Signature.state != State.WITHDRAWN)
            if each.name.startswith("Ada ")
        ]
        found, pages = _all(letter_id, Tab.ALL, Filter(text="ada"))
        assert set(ada) <= set(found)
    assert pages > 3, "in stretches"


ASKED: dict[str, Filter] = {
    "nothing": Filter(),
    "state": Filter(state=State.PUBLISHED),
    "rejected": Filter(reason="abuse"),
    "noticed": Filter(signal=Signal.NOISE),
    "unsolved": Filter(signal=Signal.UNSOLVED),
    "language": Filter(language="fr"),
    "time": Filter(since=now()),
    "words": Filter(text="ada linocut"),
    "domain": Filter(domain="example.org"),
    "network": Filter(from_network=7),
    "name": Filter(name=7),
    "who": Filter(who=address.nobodys_digest().hex()),
    "sweep": Filter(sweep=1),
    "assignee": Filter(assignee=1),
    "comment": Filter(comment="any"),
    "many": Filter(state=State.HELD, text="ada", language="fr"),
}


def test_no_page_reads_a_whole_letter(
    app: Flask, many: LetterText, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FEW", "LATELY"):  # of more, a few thousand are read through sooner
        monkeypatch.setattr(queue, name, 20)
    with recorded() as these:
        for tab in Tab:
            for wanted in ASKED.values():
                queue.page(many.letter.id, tab, wanted)
    assert not read_whole(these) & {"signature", "name_word", "decision", "swept"}


def test_what_is_looked_for_costs_a_fixed_number_of_statements(
    client: FlaskClient, statements: Statements, found: LetterText
) -> None:
    make_signature(found, state=State.HELD, name="Ada Linocut")
    _learn()
    asked = ("q=ada", "language=en", "domain=example.org", "network=192.0.2.0/24", "state=held")

    def costs() -> list[int]:
        numbers = []
        for each in asked:
            statements.clear()
            client.get(f"{QUEUE}?tab=all&{each}")
            numbers.append(len([kind for kind in statements.kinds() if kind != "BEGIN"]))
        return numbers

    few = costs()
    for _ in range(5):
        make_signature(found, state=State.HELD, name="Ada Linocut")
    _learn()
    assert costs() == few
    assert max(few) <= 25


def test_a_full_page_is_light(client: FlaskClient, many: LetterText) -> None:
    page = client.get(QUEUE)
    assert len(_names(page.text)) == 50
    assert len(page.data) < 150_000


def test_nothing_is_asked_for_where_the_numbers_say_that_there_is_nothing(
    client: FlaskClient, statements: Statements, found: LetterText
) -> None:
    make_signature(found, state=State.HELD)
    statements.clear()
    assert _names(client.get(f"{QUEUE}?tab=all&state=withdrawn").text) == []
    assert not [each for each in statements if "state = 'withdrawn'" in each]
