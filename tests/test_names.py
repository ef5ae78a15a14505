"""The names under a letter: the list, the search, the groups, the comments, and each by itself."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from petition import caching, letterfile, limits, tokens
from petition.actions import count_groups, index_names, manage, moderate, publish, seed, tally
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Asked,
    Asking,
    Demand,
    Letter,
    Listing,
    NameWord,
    Role,
    Signature,
    State,
)
from petition.models.asking import fields_as_kept
from petition.queries import names as queries
from petition.queries.letters import LetterText
from petition.queries.names import CANDIDATES, MOST_WORDS
from petition.queries.signatures import PAGE
from tests.accounts import make_member
from tests.factories import form, make_letter, make_signature

NAMES = "/letters/a-letter/signatures"
COMMENTS = "/letters/a-letter/comments"
VISITOR = "192.0.2.1"
SHOWN, HIDDEN, NOT_ASKED = Asked(), Asked(shown=False), Asked(Demand.NOT)


def _set(**values: object) -> None:
    """Change the letter without asking anybody."""
    if isinstance(asking := values.pop("asking", None), Asking):
        values["fields"] = fields_as_kept(asking)
    with writing(db.session):
        db.session.query(Letter).update(values)
    caching.recent.clear()


def _learn() -> None:
    """What a worker does beside the mail."""
    while index_names.some_names():
        pass
    while count_groups.one_letter():
        pass
    caching.recent.clear()


def _found(client: FlaskClient, typed: str) -> list[str]:
    limits.forget()
    page = client.get(f"{NAMES}?q={quote(typed)}")
    assert page.status_code == 200
    names = re.findall(r'class="name"[^>]*><bdi>([^<]+)<', page.text)
    assert ("No name fits" in page.text) is not bool(names)
    return names


def _listed(client: FlaskClient, path: str) -> tuple[list[str], str | None]:
    page = client.get(path).text
    names = re.findall(r"<bdi>(Signer (?:No )?[A-Z]{4})<", page)
    after = re.search(r'href="([^"]*after=[^"]+)"', page)
    return names, after and after[1].replace("&amp;", "&")


def _word(number: int) -> str:
    return "".join(chr(65 + (number // 26**place) % 26) for place in (3, 2, 1, 0))


def _publish(found: LetterText, number: int, *, at_once: bool = False, comment: str = "") -> None:
    """So many signers, one a second."""
    end = now()
    with writing(db.session):
        for index in range(number):
            at = end if at_once else end - timedelta(seconds=number - index)
            signature = Signature(
                letter_id=found.letter.id,
                revision_id=found.revision.id,
                digest=os.urandom(32),
                state=State.PUBLISHED,
                name=f"Signer {_word(index)}",
                comment=comment,
                language="en",
                consented_at=at,
                confirmed_at=at,
                published_at=at,
            )
            db.session.add(signature)
        tally.adjust(found.letter.id, {State.PUBLISHED: number})


def test_the_names_are_walked_page_by_page_each_once(client: FlaskClient) -> None:
    found = make_letter()
    _publish(found, 2 * PAGE + 5)
    page = client.get(NAMES).text
    assert page.index('href="#pages"') < page.index('class="name"') < page.index('id="pages"')
    seen, path = [], NAMES
    while path:
        names, path = _listed(client, path)
        seen += names
        if len(seen) == PAGE:
            make_signature(found, name="Signer No LATE")  # somebody signs during the walk
    assert seen == [f"Signer {_word(n)}" for n in reversed(range(2 * PAGE + 5))]


def test_names_of_the_same_instant_are_not_lost_between_pages(client: FlaskClient) -> None:
    found = make_letter()
    _publish(found, PAGE + 7, at_once=True)
    first, path = _listed(client, NAMES)
    assert path is not None
    rest, _ = _listed(client, path)
    assert len(set(first + rest)) == PAGE + 7


@pytest.mark.parametrize(
    "cursor", ["x", "1-", "-1", "zz-zz", "ffffffffffffffff-1", "1-" + "f" * 40]
)
def test_a_cursor_that_is_none_of_ours_leads_nowhere(client: FlaskClient, cursor: str) -> None:
    make_letter()
    assert client.get(f"{NAMES}?after={cursor}").status_code in {200, 404}


PEOPLE = (
    ("Ann Maria Lee", "Papermoon Theatre"),
    ("Zoë Łęcka-Müller", ""),
    ("Conor O’Hara", "The Inkwell Press"),
    ("Հակոբ Տէր՚Յակոբեան", ""),
    ("山田太郎", "東京の大学"),
    ("김민준", ""),
    ("अमित कुमार", ""),
    ("ליאת כהן", ""),
    ("هدى الأحمد", ""),
)
SEARCHES = {
    "Ann": "Ann Maria Lee",
    "lee, ann": "Ann Maria Lee",
    "mar": "Ann Maria Lee",
    "ANN papermoon": "Ann Maria Lee",
    "zoe muller": "Zoë Łęcka-Müller",
    "LECKA": "Zoë Łęcka-Müller",
    "o'hara": "Conor O’Hara",
    "ohara": "Conor O’Hara",
    "hara": "Conor O’Hara",
    "inkwell pr": "Conor O’Hara",
    "Տէրյակոբեան": "Հակոբ Տէր՚Յակոբեան",
    "Տէր'Յակ": "Հակոբ Տէր՚Յակոբեան",
    "太郎": "山田太郎",
    "ﾄｳｷｮｳ": None,
    "大学": "山田太郎",
    "민준": "김민준",
    "कुमार": "अमित कुमार",
    "כהן": "ליאת כהן",
    "أحمد": "هدى الأحمد",
    "هدي": "هدى الأحمد",
    "nn": None,
    "ann bea": None,
    "%": None,
    "'; --": None,
}


def test_names_and_organizations_are_found_by_the_beginning_of_any_word(
    client: FlaskClient,
) -> None:
    found = make_letter()
    for name, affiliation in PEOPLE:
        make_signature(found, name=name, affiliation=affiliation)
    assert _found(client, "ann") == [], "they are learnt a moment later"
    _learn()
    answers = {typed: _found(client, typed) for typed in SEARCHES}
    assert answers == {typed: [name] if name else [] for typed, name in SEARCHES.items()}
    page = client.get(f"{NAMES}?q=ann")
    assert page.headers["Cache-Control"] == "no-store"
    assert "<h1>1 name fits</h1>" in page.text
    assert 'value="ann"' in page.text


def test_what_is_not_shown_is_not_found(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, name="Ann Lee", affiliation="Inkwell Press")
    other = make_signature(found, name="Hidden Lee", show_name=False)
    _learn()
    assert (_found(client, "lee"), _found(client, "inkwell")) == (["Ann Lee"], ["Ann Lee"])
    _set(asking=Asking(affiliation=HIDDEN))
    assert _found(client, "inkwell") == []
    _set(listing=Listing.INITIALS)
    assert (_found(client, "ann"), _found(client, "a")) == ([], ["A. L."])
    _set(listing=Listing.NOT)
    assert _found(client, "lee") == []
    _set(listing=Listing.NAMES)
    with writing(db.session):
        db.session.query(Signature).filter_by(id=signature.id).update({"initials": True})
    assert (_found(client, "ann"), _found(client, "a l")) == ([], ["A. L."])
    with writing(db.session):
        db.session.query(Signature).filter_by(id=signature.id).update({"initials": False})
    manage.show_name(other.id, True, VISITOR)
    _learn()
    assert set(_found(client, "lee")) == {"Ann Lee", "Hidden Lee"}
    manage.withdraw(signature.id, VISITOR)
    assert _found(client, "lee") == ["Hidden Lee"]


def test_who_signs_again_under_another_name_is_found_by_that_alone(client: FlaskClient) -> None:
    found = make_letter()
    before = make_signature(found, name="Ann Lee", email="ann@example.org")
    _learn()
    manage.withdraw(before.id, VISITOR)
    make_signature(found, name="Bea Ray", email="ann@example.org")
    _learn()
    assert (_found(client, "ann"), _found(client, "bea")) == ([], ["Bea Ray"])
    assert {word.word for word in db.session.query(NameWord)} == {
        "bea ray",
        "ray bea",
        "@example.org",
    }


def test_those_who_are_not_public_hide_nobody_from_the_search(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "CANDIDATES", 2)
    found = make_letter()
    many = [make_signature(found, name="Ann Spam") for _ in range(4)]
    _learn()
    who = make_member("moderator@example.org").id
    for each in many:
        moderate.reject(found.letter, Role.MODERATOR, who, each.id, "abuse", State.PUBLISHED)
    make_signature(found, name="Ann Zest")
    _learn()
    assert _found(client, "ann") == ["Ann Zest"]
    assert "Not all of them are shown" not in client.get(f"{NAMES}?q=ann").text
    for asked in ("@example.org", "#ann", "example.org"):
        assert _found(client, asked) == (["Ann Zest"] if asked == "#ann" else [])


def test_a_search_among_thousands_looks_at_few(client: FlaskClient) -> None:
    found = make_letter()
    for _ in seed.seed(found.letter, found.revision, 2_000):
        pass
    rare = make_signature(found, name="Ada Xylograph")
    _learn()
    with writing(db.session):
        db.session.execute(text("ANALYZE"))
    assert _found(client, "ada xylo") == [rare.name]
    assert len(_found(client, "a")) == 100
    assert "Not all of them are shown" in client.get(f"{NAMES}?q=a").text
    assert all(name.startswith("Ada ") for name in _found(client, "Linocut Ada"))
    for words in (["a"], ["ada", "linocut"], ["a", "b", "c", "d", "e"]):
        reads = _reads(found.letter.id, words)
        assert len(reads) > len(words[:MOST_WORDS])
        assert all(BY_KEY[db.engine.dialect.name].match(read) for read in reads), reads


BY_KEY = {
    "sqlite": re.compile(
        r"SEARCH (name_word USING PRIMARY KEY \(letter_id=\? AND word>\? AND word<\?\)"
        r"|signature(_1)? USING INTEGER PRIMARY KEY \(rowid=\?\))"
    ),
    "postgresql": re.compile(
        r".*Scan using pk_name_word .*\bword >= .*\bword < "
        r"|.*Scan using pk_signature on signature.*Index Cond: \(id = "
    ),
}
"""By part of the key of the words' table, which is in the order asked for, and by number."""


def _reads(letter_id: int, words: list[str]) -> list[str]:
    """How the database reads each table in looking for names."""
    seen: list[tuple[str, Any]] = []

    def record(_c: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        seen.append((statement, values))

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", record)
    queries.search(letter_id, words)
    event.remove(db.engine, "before_cursor_execute", record)
    asked = [(statement, values) for statement, values in seen if statement != "BEGIN"]
    assert asked[0][0].count("LIMIT") == asked[0][0].count("name_word.word >=") > 0
    with db.engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":
            explain = "EXPLAIN"
            # A few thousand rows it would rather read through.
            for way in ("seqscan", "bitmapscan"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        steps = [
            str(row[-1])
            for statement, values in asked
            for row in connection.exec_driver_sql(f"{explain} {statement}", values)
        ]
    # PostgreSQL says what it looks for in the line below.
    both = [f"{step} {after}" for step, after in zip(steps, [*steps[1:], ""], strict=True)]
    return [step.strip() for step in both if re.match(READ, step)]


READ = (
    r"SEARCH |SCAN (name_word|signature)"
    r"|[ >-]*(\w+ )*Scan (Backward )?(using \w+ )?on (name_word|signature)"
)


def test_names_are_grouped_as_they_were_last_counted(client: FlaskClient) -> None:
    found = make_letter()
    _set(asking=Asking(country=SHOWN))
    theatre = [
        make_signature(found, name=name, affiliation=affiliation, country="NO")
        for name, affiliation in (
            ("Ann Lee", "The Papermoon-Theatre, Inc."),
            ("Bea Ray", "Papermoon Theatre"),
            ("Cy Dow", "papermoon theatre"),
            ("Dot Ely", "Papermoon Theatre"),
        )
    ]
    make_signature(found, name="Hidden", affiliation="Papermoon Theatre", show_name=False)
    press = make_signature(found, name="Eve Fox", affiliation="Inkwell Press", country="CI")
    assert "will stand here" in client.get(f"{NAMES}?by=affiliation").text
    _learn()
    assert _groups(client, "affiliation") == [("Papermoon Theatre", "4"), ("Inkwell Press", "1")]
    assert _groups(client, "country") == [("Norway", "4"), ("Côte d’Ivoire", "1")]
    there = _links(client, "affiliation")
    assert _names(client, there[0]) == [each.name for each in reversed(theatre)]
    assert _names(client, f"{NAMES}?by=country&group=CI") == ["Eve Fox"]

    manage.withdraw(press.id, VISITOR)
    assert _groups(client, "affiliation") == [("Papermoon Theatre", "4")], "at once"
    assert client.get(there[1]).status_code == 404
    manage.withdraw(theatre[0].id, VISITOR)
    _learn()
    assert _groups(client, "affiliation") == [("Papermoon Theatre", "3")]


def _groups(client: FlaskClient, by: str) -> list[tuple[str, str]]:
    page = client.get(f"{NAMES}?by={by}").text
    return re.findall(r'<bdi>([^<]+)</bdi></a> <span class="number">(\d+)<', page)


def _links(client: FlaskClient, by: str) -> list[str]:
    page = client.get(f"{NAMES}?by={by}").text
    return [each.replace("&amp;", "&") for each in re.findall(r'href="([^"]+group=[^"]+)"', page)]


def _names(client: FlaskClient, path: str) -> list[str]:
    return re.findall(r'class="name"[^>]*><bdi>([^<]+)<', client.get(path).text)


def test_names_are_grouped_only_by_what_is_shown(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, affiliation="Inkwell Press")
    _learn()
    (there,) = _links(client, "affiliation")
    assert client.get(f"{NAMES}?by=country").status_code == 404
    assert client.get(f"{NAMES}?by=name").status_code == 404
    assert client.get(f"{NAMES}?by=affiliation&group=x").status_code == 404
    assert client.get(f"{NAMES}?by=affiliation&group={'0' * 16}").status_code == 404
    for changes in ({"asking": Asking(affiliation=HIDDEN)}, {"listing": Listing.NOT}):
        _set(fields={}, listing=Listing.NAMES)
        assert client.get(there).status_code == 200
        _set(**changes)
        assert client.get(there).status_code == 404
        assert client.get(f"{NAMES}?by=affiliation").status_code == 404


def test_comments_are_read_page_by_page_where_they_are_shown(client: FlaskClient) -> None:
    found = make_letter()
    assert "Nobody has said why yet" in client.get(COMMENTS).text
    size = queries.COMMENTS
    _publish(found, size + 2, comment="Because.")
    make_signature(found, name="Silent")
    make_signature(found, name="Hidden", comment="In secret.", show_name=False)
    caching.recent.clear()
    first, path = _listed(client, COMMENTS)
    assert path is not None
    assert first == [f"Signer {_word(n)}" for n in reversed(range(2, size + 2))]
    assert _listed(client, path) == (["Signer AAAB", "Signer AAAA"], None)
    assert "In secret" not in client.get(COMMENTS).text
    for changes in ({"asking": Asking(comment=HIDDEN)}, {"listing": Listing.NOT}):
        _set(fields={}, listing=Listing.NAMES)
        _set(**changes)
        assert client.get(COMMENTS).status_code == 404
        assert "Because" not in client.get(NAMES).text


def test_a_name_has_a_page_of_its_own_as_long_as_it_is_public(client: FlaskClient) -> None:
    found = make_letter()
    other = make_letter(slug="another")
    signature = make_signature(found, name="Ann Lee", affiliation="Papermoon", comment="So.")
    path = f"/letters/a-letter/names/{tokens.line(signature.id)}"
    for listing in ("/letters/a-letter", NAMES):
        assert f'href="{path}"' in client.get(listing).text
    page = client.get(path).text
    assert '<meta property="og:title" content="Ann Lee has signed “A letter”">' in page
    assert f'content="http://letters.example.org{path}"' in page
    assert 'href="http://letters.example.org/letters/a-letter?via=own-line#sign"' in page
    assert f'href="{path}/report"' in page

    unknown = client.get("/letters/a-letter/names/AAAAAAAAAAAA")
    elsewhere = make_signature(other)
    gone = [f"/letters/a-letter/names/{tokens.line(elsewhere.id)}"]
    manage.show_name(signature.id, False, VISITOR)
    assert client.get(path).status_code == 404
    manage.show_name(signature.id, True, VISITOR)
    assert client.get(path).status_code == 200
    _set(listing=Listing.NOT)
    assert client.get(path).status_code == 404
    _set(listing=Listing.NAMES)
    manage.withdraw(signature.id, VISITOR)
    for each in (*gone, path):
        answer = client.get(each)
        assert (answer.status_code, answer.data) == (404, unknown.data)


def test_search_engines_keep_out_unless_they_may_come_in(client: FlaskClient) -> None:
    file = "---\ntitle: T\nslug: a-letter\nlanguage: en\nto: x\nfrom: y\n{}---\nText.\n"
    publish.publish(letterfile.parse(file.format("")), "Organizers")
    found = make_letter()
    signature = make_signature(found, comment="So.", affiliation="Papermoon")
    _learn()
    pages = [
        NAMES,
        COMMENTS,
        f"{NAMES}?by=affiliation",
        f"/letters/a-letter/names/{tokens.line(signature.id)}",
    ]
    search = f"{NAMES}?q=ann"
    for path in (*pages, search):
        answer = client.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex", path
        assert '<meta name="robots" content="noindex">' in answer.text, path
    letter = client.get("/letters/a-letter")
    assert "X-Robots-Tag" not in letter.headers
    assert letter.text.count("data-nosnippet") == 1

    publish.publish(letterfile.parse(file.format("indexed: true\n")), "Organizers")
    for path in pages:
        answer = client.get(path)
        assert "X-Robots-Tag" not in answer.headers, path
        assert 'name="robots"' not in answer.text, path
    assert client.get(search).headers["X-Robots-Tag"] == "noindex"
    assert "data-nosnippet" not in client.get("/letters/a-letter").text


def test_a_country_is_asked_where_it_is_wanted_and_stands_in_the_letters_language(
    client: FlaskClient,
) -> None:
    make_letter(language="de")
    assert 'name="country"' not in client.get("/letters/a-letter").text
    _set(asking=Asking(country=Asked(Demand.REQUIRED)))
    page = client.get("/letters/a-letter").text
    assert re.search(r'<select[^>]*autocomplete="country"[^>]*name="country"', page)
    offered = re.findall(r'<option value="([A-Z]{2})">', page)
    assert len(offered) > 240
    assert offered.index("EG") < offered.index("AL"), "Ägypten stands with the A"
    for wrong in ("", "XX", "EU"):
        answer = client.post("/letters/a-letter/sign", data=form(country=wrong))
        assert answer.status_code == 422, wrong
    assert client.post("/letters/a-letter/sign", data=form(country="EG")).status_code == 303
    with writing(db.session):
        signature = db.session.query(Signature).one()
        assert signature.country == "EG"
        signature.state, signature.published_at = "published", now()
    caching.recent.clear()
    assert "Ägypten" in client.get(NAMES).text
    _set(asking=Asking(country=HIDDEN))
    assert "Ägypten" not in client.get(NAMES).text


def test_looking_for_names_is_bounded_by_what_is_known_of_each_word(client: FlaskClient) -> None:
    found = make_letter()
    rows = [
        {"letter_id": found.letter.id, "word": f"{word} {n:04}", "signature_id": 1}
        for word in ("ann", "lee")
        for n in range(CANDIDATES)
    ]
    signature = make_signature(found, name="Ann Lee")
    with writing(db.session):
        db.session.execute(
            NameWord.__table__.insert(), [row | {"signature_id": signature.id} for row in rows]
        )
    assert not queries.search(found.letter.id, ["ann", "lee"]).complete
    assert queries.search(found.letter.id, ["ann", "lex"]).complete


@pytest.mark.slow
def test_two_workers_learn_each_name_once(app: Flask, client: FlaskClient) -> None:
    found = make_letter()
    _publish(found, 1_200)

    def work() -> None:
        with app.app_context():
            while index_names.some_names():
                pass

    db.session.rollback()
    with ThreadPoolExecutor() as pool:
        for each in [pool.submit(work) for _ in range(3)]:
            each.result()
    _learn()
    assert db.session.query(NameWord).count() == 2 * 1_200
    assert _found(client, _word(777)) == [f"Signer {_word(777)}"]
