"""Settings of a letter: what its form asks, what is shown, and one colleague at a time."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.client import HTTPMessage
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import text
from petition.actions import confirm, seed, settings
from petition.actions.settings import Settings
from petition.exceptions import Overtaken, PromiseBroken
from petition.extensions import db
from petition.models import (
    Asked,
    Asking,
    Change,
    Demand,
    Letter,
    Listing,
    Moderation,
    Question,
    Role,
    Shape,
    Signal,
    Signature,
    State,
)
from tests.factories import (
    confirm_path,
    form,
    make_letter,
    make_signature,
    publish_text,
    sign_in,
    signature_path,
)
from tests.visitor import Answer

PAGE = "/organize/letters/a-letter/settings"
SIGN = "/letters/a-letter/sign"


def _letter() -> Letter:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Letter).one()


def _set(**changes: Any) -> None:
    letter = _letter()
    wanted: dict[str, Any] = {
        "moderation": Moderation(letter.moderation),
        "hold": letter.hold,
        "watch": letter.watch,
        "listing": Listing(letter.listing),
        "goals": letter.goals,
        "asking": letter.asking,
        "responsible": letter.responsible,
        "contact": letter.contact,
        "wording": letter.wording,
    }
    settings.change(letter, Role.EDITOR, letter.version, Settings(**wanted | changes))


def _ask(shape: Shape = Shape.TEXT, label: str = "Since when?", **others: Any) -> str:
    letter = _letter()
    others["choices"] = tuple((("en", each),) for each in others.pop("choices", ()))
    question = Question("0", shape, (("en", label),), **others)
    settings.ask(letter, Role.EDITOR, letter.version, question)
    return _letter().asking.questions[-1].key


def _typed(**changes: str) -> dict[str, str]:
    """The settings form, as the browser sends it for a letter that nobody has touched."""
    typed = {"version": str(_letter().version), "listing": "names", "moderation": "after"}
    for name in ("role", "affiliation", "location", "comment"):
        typed |= {name: "optional", f"{name}_shown": "y"}
    typed |= {"country": "not", "country_shown": "y"}
    typed |= {"goals": "100", "promise_hours": "24", "responsible": "", "contact": ""}
    return {name: value for name, value in (typed | changes).items() if value is not None}


def test_they_hold_at_once(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, role="poet", comment="Because.")
    sign_in(client)
    assert "Because." in client.get("/letters/a-letter").text
    answer = client.post(
        PAGE,
        data=_typed(
            listing="initials",
            moderation="before",
            goals="5000 1 100",
            comment="not",
            comment_shown=None,
            role="required",
            responsible="Kim Ray",
            contact="kim@example.org",
            data_en="We hand the names over in March.",
            description_en="Sign <now>.",
            hands_over="y",
            indexed="y",
            country="optional",
        ),
    )
    assert answer.status_code == 303, answer.text
    assert _letter().indexed
    page = client.get("/letters/a-letter").text
    assert "A. L." in page
    assert "Ann Lee" not in page
    assert "Because." not in page
    assert 'name="comment"' not in page
    assert "We hand the names over in March." in page
    assert 'name="pass_on"' in page
    assert 'name="country"' in page
    assert 'href="mailto:kim@example.org"' in page
    assert _letter().goals == [1, 100, 5000]
    assert client.get("/embed/a-letter/count.json").json["goal"] == 100
    assert client.post(SIGN, data=form()).status_code == 422
    assert client.post(SIGN, data=form(role="poet")).status_code == 303


def test_all_that_was_typed_survives_a_mistake(client: FlaskClient) -> None:
    make_letter(markdown="One.")
    asked = Asked(Demand.OPTIONAL)
    _set(asking=Asking(**dict.fromkeys(("role", "affiliation", "location", "comment"), asked)))
    since, how = _ask(), _ask(Shape.CHOICE, "How?", choices=("<Loud>", "Quiet"))
    _set(listing=Listing.NAMES)
    typed = {
        "name": "Ann “A” Lee",
        "email": "ann at example.org",
        "role": "poet & more",
        "affiliation": "O'Hara",
        "location": "Ürümqi",
        f"question_{since}": "2019",
        f"question_{how}": "1",
        "show_name": "y",
        "updates": "y",
        "consent": "y",
    }
    make_letter(markdown="Two.")  # and meanwhile the text is another

    more = {"comment": "Two <b>.", "revision": "1", "website": "http://spam.example"}
    answer = client.post(SIGN, data=typed | more)

    assert answer.status_code == 422
    assert "Two &lt;b&gt;.</textarea>" in answer.text
    page = Answer(422, "", HTTPMessage(), answer.data)
    fields = page.form("Sign the letter").fields
    assert {name: fields.get(name) for name in typed} == typed
    assert (fields["revision"], fields["website"]) == ("2", "")
    for wrong in ("email", "revision"):
        assert f'href="#{wrong}"' in answer.text
    mended = client.post(SIGN, data=fields | {"email": "ann@example.org"})
    assert mended.status_code == 303


WRONG = [
    ("goals", "100,500"),
    ("goals", "1 000"),
    ("goals", "-5"),
    ("goals", "0 10"),
    ("goals", "٣"),
    ("goals", " ".join(map(str, range(1, 12)))),
    ("goals", "999999999"),
    ("contact", "javascript:alert(1)"),
    ("contact", "https://user@evil.example/"),
    ("contact", "somewhere"),
    ("contact", "kim?subject=x@example.org"),
    ("mail_en", "Win at www.evil.example"),
    ("mail_en", "x" * 601),
    ("listing", "emails"),
    ("moderation", ""),
    ("promise_hours", "0"),
    ("promise_hours", "721"),
    ("promise_hours", "soon"),
    ("role", "whatever"),
    ("responsible", "=HYPERLINK()"),
    ("description_en", "x" * 201),
]


def test_what_is_wrong_is_said_beside_its_field_and_kept(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    for field, value in WRONG:
        answer = client.post(PAGE, data=_typed(**{field: value}))
        assert answer.status_code == 422, (field, value)
        assert 'role="alert"' in answer.text
        if field in {"goals", "contact"}:
            assert f'id="{field}-error"' in answer.text
            assert f'value="{value}"' in answer.text
    assert _letter().version == 0
    assert client.post(PAGE, data=_typed(goals="2,500, 100; 1.000 5'000")).status_code == 303
    assert _letter().goals == [100, 1000, 2500, 5000]


def test_what_is_wrong_is_summed_up_in_the_order_of_the_page(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    wrong = {"shape": "none", "label_en": ""}
    page = client.post(f"{PAGE}/questions/new", data=wrong).text
    assert re.findall('href="#(shape|label_en)"', page) == ["shape", "label_en"]
    new = client.post("/organize/letters/new", data={"title": "", "language": ""}).text
    assert re.findall('href="#(title|language)"', new) == ["title", "language"]


def test_a_colleagues_change_is_shown_and_never_overwritten_unseen(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    stale = _typed(goals="700", contact="mine@example.org")
    _set(goals=[300], responsible="The colleague")
    for version in (stale["version"], "", "-1", "9" * 40, "x"):
        answer = client.post(PAGE, data=stale | {"version": version})
        assert answer.status_code == 409
        assert (_letter().goals, _letter().contact) == ([300], "")
        for said in ("300", "The colleague", 'value="700"', 'value="mine@example.org"'):
            assert said in answer.text
    now = re.search(r'name="version" value="(\d+)"', answer.text)
    assert now
    assert client.post(PAGE, data=stale | {"version": now[1]}).status_code == 303
    assert (_letter().goals, _letter().contact) == ([700], "mine@example.org")


def test_what_only_a_colleague_changed_is_taken_over(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    page = client.get(PAGE).text
    base = re.search(r'name="base" value="([^"]*)"', page)
    assert base
    mine = _typed(goals="700", contact="mine@example.org", base=unescape(base[1]))
    _set(goals=[300], listing=Listing.INITIALS, asking=Asking(role=Asked(Demand.NOT, False)))
    page = client.post(PAGE, data=mine).text
    both, _, theirs = page.split('id="problems"')[1].partition("by them alone")
    assert "300" in both
    assert "Names in public" not in both
    taken = theirs.split("</div>")[0]
    assert "initials only" in taken
    assert "Profession or role, shown in public" in taken
    assert '<option selected value="initials">' in page
    assert 'value="mine@example.org"' in page
    assert not re.search(r'<input[^>]* checked[^>]* id="role_shown"', page)
    for broken in ("", "[]", "{", "null", '{"goals": {}}'):
        assert client.post(PAGE, data=mine | {"base": broken}).status_code == 409


def test_of_many_who_save_at_once_one_is_heard(app: Flask) -> None:
    letter = make_letter().letter
    letter_id, version = letter.id, letter.version

    def save(goal: int) -> bool:
        with app.app_context():
            mine = db.session.get(Letter, letter_id)
            assert mine
            wanted = Settings(Moderation.AFTER, 0, [], Listing.NAMES, [goal], Asking(), "", "", {})
            try:
                settings.change(mine, Role.EDITOR, version, wanted)
            except Overtaken:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(1, 9))) == 1
    assert _letter().version == version + 1


def test_nothing_is_shown_against_a_promise(app: Flask) -> None:
    found = make_letter()
    private = Asking(comment=Asked(shown=False))
    _set(listing=Listing.INITIALS, asking=private)
    _set(listing=Listing.NAMES)  # nobody had signed: a mistake, undone
    _set(listing=Listing.INITIALS)
    make_signature(found)
    with pytest.raises(PromiseBroken) as broken:
        _set(listing=Listing.NAMES, asking=Asking())
    assert broken.value.what == {"listing", "comment"}
    _set(listing=Listing.NOT)  # less is always possible
    assert _letter().listing == Listing.NOT


def test_what_was_hidden_by_mistake_comes_back_while_nobody_signed_since(app: Flask) -> None:
    found = make_letter()
    make_signature(found)
    _set(listing=Listing.NOT)
    _set(listing=Listing.NAMES)
    _set(listing=Listing.NOT)
    make_signature(found)
    with pytest.raises(PromiseBroken):
        _set(listing=Listing.NAMES)


def test_what_was_promised_to_who_corrects_holds_too(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    _set(asking=Asking(role=Asked(shown=False)))
    correction = {"decision": "correct", "name": "Ann Lee", "role": "spy"}
    assert client.post(signature_path(signature), data=correction).status_code == 303
    with pytest.raises(PromiseBroken):
        _set(asking=Asking())


def test_a_promise_is_told_beside_its_field(client: FlaskClient) -> None:
    found = make_letter()
    _set(asking=Asking(role=Asked(shown=False)))
    make_signature(found)
    sign_in(client)
    answer = client.post(PAGE, data=_typed())
    assert answer.status_code == 422
    assert 'id="role_shown-error"' in answer.text


def test_initials_are_those_of_any_script_and_stand_everywhere(client: FlaskClient) -> None:
    found = make_letter()
    _set(listing=Listing.INITIALS)
    signature = make_signature(found, name="नमिता शर्मा", affiliation="Chor")
    assert "Show my initials in the public list" in client.get("/letters/a-letter").text
    sign_in(client)
    panel = client.get("/organize/letters/a-letter/moderation?tab=recent").text
    assert "<dd>only its initials</dd>" in panel
    assert "In public only their initials stand." in panel
    for path in ("/letters/a-letter", "/letters/a-letter/signatures"):
        page = client.get(path).text
        assert "न. श." in page
        assert "Chor" in page
        assert "नमिता" not in page
    own = client.get(signature_path(signature)).text
    assert "न. श." in own
    assert "नमिता शर्मा" in own  # said to be read by the organizers alone


@pytest.mark.parametrize("name", ["", "—", "3", "'", "́"])
def test_initials_of_what_has_no_letter_are_none(name: str) -> None:
    assert text.initials(name) == ""


def test_a_letter_that_lists_no_names_shows_none(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, name="From Before", comment="Because.")
    for _ in seed.seed(found.letter, found.revision, 60):
        pass
    _set(listing=Listing.NOT, moderation=Moderation.BEFORE)
    page = client.get("/letters/a-letter").text
    assert 'name="show_name"' not in page
    assert "Names are read" not in page
    assert "Each signature is read by an organizer" in page
    assert client.post(SIGN, data=form(show_name="y")).status_code == 303
    assert db.session.query(Signature).filter_by(name="Ann Lee").one().show_name is False
    for path in ("/letters/a-letter", "/letters/a-letter/signatures", "/embed/a-letter"):
        shown = client.get(path).text
        assert "From Before" not in shown
        assert "Because." not in shown
        assert "Earlier names" not in shown
    assert "No names are listed" in client.get("/letters/a-letter/signatures?q=From").text
    assert client.get("/embed/a-letter/count.json").json["count"] == 61


def test_what_is_not_asked_is_not_taken(client: FlaskClient) -> None:
    make_letter()
    nothing = Asked(Demand.NOT)
    _set(asking=Asking(*[nothing] * 5))
    page = client.get("/letters/a-letter").text
    for name in ("role", "affiliation", "location", "country", "comment"):
        assert f'name="{name}"' not in page
    typed = form(role="=1", affiliation="Firm", location="Here", comment="www.example.com")
    assert client.post(SIGN, data=typed | {"question_1": "x"}).status_code == 303
    signature = db.session.query(Signature).one()
    assert (signature.role, signature.affiliation, signature.comment) == ("", "", "")
    assert signature.answers is None


def test_what_is_demanded_stands_in_sight_and_is_demanded_in_order(client: FlaskClient) -> None:
    make_letter()
    must = Asked(Demand.REQUIRED)
    _set(asking=Asking(*[must] * 5))
    _ask(label="How long?", required=True)
    assert "<details" not in client.get("/letters/a-letter").text.split('id="sign"')[1]
    answer = client.post(SIGN, data=form(name="", consent=""))
    assert answer.status_code == 422
    summary = answer.text.split('id="problems"')[1].split("</ul>")[0]
    assert ">Your name – Write your name" in summary
    assert "How long?</bdi> – Answer this" in summary
    assert ">Tick this box" in summary
    assert re.findall(r'href="#(\w+)"', summary) == [
        *("name", "role", "affiliation", "location", "country", "comment"),
        *("question_1", "consent"),
    ]


def test_questions_are_asked_answered_and_shown_where_they_should(client: FlaskClient) -> None:
    make_letter(moderation=Moderation.BEFORE)
    _ask(Shape.TEXT, "Since <i>when</i>?", shown=True)
    _ask(Shape.CHOICE, "Which branch?", choices=("Stage", "Page"), required=True, shown=True)
    _ask(Shape.YES_NO, "A member?")
    page = client.get("/letters/a-letter").text
    assert "Since &lt;i&gt;when&lt;/i&gt;?" in page
    assert client.post(SIGN, data=form()).status_code == 422
    assert client.post(SIGN, data=form(question_2="3")).status_code == 422
    assert client.post(SIGN, data=form(question_2="2", question_3="maybe")).status_code == 422
    typed = form(question_1=" 1999 ", question_2="2", question_3="yes")
    assert client.post(SIGN, data=typed).status_code == 303
    signature = db.session.query(Signature).one()
    assert signature.answers == {"1": "1999", "2": "2", "3": "yes"}
    asked = client.get(confirm_path(signature)).text
    for said in ("1999", "Page", "A member?", "yes"):
        assert said in asked
    shown = re.search(r'name="shown" value="(\w+)"', asked)
    assert shown
    client.post(confirm_path(signature), data={"decision": "confirm", "shown": shown[1]})
    sign_in(client)
    queue = client.get("/organize/letters/a-letter/moderation").text
    assert "A member?" in queue
    client.post(f"/organize/letters/a-letter/signatures/{signature.id}/publish")
    names = client.get("/letters/a-letter/signatures").text
    assert "Which branch?" in names
    assert "Page" in names
    assert "A member?" not in names


def test_answers_typed_anew_are_not_confirmed_unseen(client: FlaskClient) -> None:
    make_letter()
    _ask()
    client.post(SIGN, data=form(question_1="since 1999"))
    signature = db.session.query(Signature).one()
    seen = re.search(r'name="shown" value="(\w+)"', client.get(confirm_path(signature)).text)
    assert seen
    client.post(SIGN, data=form(question_1="since 2020"))
    late = client.post(confirm_path(signature), data={"decision": "confirm", "shown": seen[1]})
    assert late.status_code == 409
    assert "since 2020" in late.text


def test_each_language_has_its_own_words(client: FlaskClient) -> None:
    make_letter()
    publish_text("Texte.", Change.TRANSLATION, "fr")
    sign_in(client)
    assert "data_fr" in client.get(PAGE).text
    typed = _typed(data_en="Kept in a safe.", data_fr="Gardé au coffre.")
    assert client.post(PAGE, data=typed).status_code == 303
    french = {"label_fr": "Où ?", "choices_fr": "Ici\nLà-bas", "shown": "y"}
    asked = _wording(label="Where?", choices="Here\nThere")
    short = client.post(f"{PAGE}/questions/new", data=asked | french | {"choices_fr": "Ici"})
    assert (short.status_code, 'id="choices_fr-error"' in short.text) == (422, True)
    assert client.post(f"{PAGE}/questions/new", data=asked | french).status_code == 303
    page = client.get("/letters/a-letter?lang=fr").text
    for said in ("Gardé au coffre.", "Où ?", "Là-bas"):
        assert said in page
    for unsaid in ("Kept in a safe.", "Where?", "There"):
        assert unsaid not in page
    answer = client.post(f"{SIGN}?lang=fr", data=form(question_1="2"))
    assert answer.status_code == 303
    confirm.confirm(db.session.query(Signature).one().id, None)
    assert "Là-bas" in client.get("/letters/a-letter/signatures?lang=fr").text
    assert "There" in client.get("/letters/a-letter/signatures").text


def test_answers_are_as_harmless_as_names(client: FlaskClient) -> None:
    make_letter()
    _ask()
    for answer in ("=SUM(1)", "see www.example.com", "x" * 201, "a" + "\u0301" * 9):
        refused = client.post(SIGN, data=form(question_1=answer))
        assert refused.status_code == 422, answer
        assert 'id="question_1-error"' in refused.text


def _answered(client: FlaskClient) -> None:
    make_letter()
    _ask(Shape.CHOICE, "Which?", choices=("One", "Two"))
    assert client.post(SIGN, data=form(question_1="1")).status_code == 303


def _wording(label: str = "Which?", choices: str = "One\nTwo", **others: str) -> dict[str, str]:
    typed = {"version": str(_letter().version), "shape": "choice"}
    return typed | {"label_en": label, "choices_en": choices} | others


def test_a_question_with_answers_means_what_it_meant(client: FlaskClient) -> None:
    _answered(client)
    sign_in(client)
    before = _letter().questions
    for changed in (
        {"label": "Who else?"},
        {"choices": "Two\nOne"},
        {"choices": "One\nThree"},
        {"choices": "One\nOther\nTwo"},
        {"shape": "text"},
        {"shape": "yes-no"},
    ):
        answer = client.post(f"{PAGE}/questions/1", data=_wording(**changed))
        assert answer.status_code == 409, changed
    assert _letter().questions == before


def test_it_can_be_made_wider_and_retired_and_asked_again(client: FlaskClient) -> None:
    _answered(client)
    sign_in(client)
    wider = _wording(choices="One\nTwo\nThree", required="y")
    assert client.post(f"{PAGE}/questions/1", data=wider).status_code == 303
    assert client.post(f"{PAGE}/questions/1/retire").status_code == 303
    assert 'name="question_1"' not in client.get("/letters/a-letter").text
    assert "Which?" in client.get(PAGE).text
    assert client.post(f"{PAGE}/questions/1/again").status_code == 303
    assert 'name="question_1"' in client.get("/letters/a-letter").text


def test_its_answers_are_not_shown_where_that_was_not_said(client: FlaskClient) -> None:
    _answered(client)
    sign_in(client)
    answer = client.post(f"{PAGE}/questions/1", data=_wording(shown="y"))
    assert answer.status_code == 422
    assert 'id="shown-error"' in answer.text


def test_a_question_nobody_answered_can_become_another(client: FlaskClient) -> None:
    make_letter()
    _ask(Shape.CHOICE, "Which?", choices=("One", "Two"))
    sign_in(client)
    changed = _wording(label="A member?", shape="yes-no", choices="")
    assert client.post(f"{PAGE}/questions/1", data=changed).status_code == 303
    (question,) = _letter().asking.questions
    assert (question.shape, question.label("en"), question.choices) == (
        Shape.YES_NO,
        "A member?",
        (),
    )


def test_a_question_that_cannot_be_asked_is_kept_for_another_try(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    for changed in (
        {"label": ""},
        {"label": "x" * 121},
        {"label": "=1"},
        {"choices": "One"},
        {"choices": "One\nOne"},
        {"choices": "\n".join(map(str, range(13)))},
        {"choices": "One\n" + "x" * 81},
        {"shape": "essay"},
    ):
        answer = client.post(f"{PAGE}/questions/new", data=_wording(**changed))
        assert answer.status_code == 422, changed
    assert _letter().questions == []


def test_five_questions_are_enough(app: Flask) -> None:
    make_letter()
    for _ in range(5):
        _ask()
    with pytest.raises(Overtaken):
        _ask()
    settings.retire(_letter(), Role.EDITOR, "2")
    assert _ask() == "6"  # a key never means another question
    with pytest.raises(Overtaken):
        settings.ask_again(_letter(), Role.EDITOR, "2")


def test_a_viewer_sees_the_settings_and_no_button(client: FlaskClient) -> None:
    make_letter()
    sign_in(client, role=Role.VIEWER)
    page = client.get(PAGE).text
    assert "fieldset disabled" in page
    assert "Save the settings" not in page


def test_an_answer_that_fits_no_more_is_not_shown(client: FlaskClient) -> None:
    found = make_letter()
    _ask(Shape.CHOICE, "Which?", choices=("One", "Two"), shown=True)
    signature = make_signature(found)
    signature.answers = {"1": "7", "9": "x"}
    db.session.commit()
    page = client.get("/letters/a-letter/signatures").text
    assert signature.state == State.PUBLISHED
    assert "Which?" not in page


def test_what_holds_a_signature_is_chosen_and_watched_names_are_listed(
    client: FlaskClient,
) -> None:
    sign_in(client)
    make_letter()
    typed = _typed(hold_scripts="y", hold_unsolved="y", watch=" Zoë  Star \n\nZoë Star\nKim Ray")
    assert client.post(PAGE, data=typed).status_code == 303
    letter = _letter()
    assert letter.hold == Signal.SCRIPTS | Signal.UNSOLVED
    assert letter.watch == ["Zoë Star", "Kim Ray"]
    page = client.get(PAGE).text
    assert re.search(r'<input[^>]* checked[^>]* id="hold_scripts"', page)
    assert "Zoë Star\nKim Ray</textarea>" in page.replace("\r", "")
    for watch in ("\n".join(f"Name Number {n}" for n in range(501)), "x" * 101):
        refused = client.post(PAGE, data=_typed(watch=watch))
        assert (refused.status_code, watch in refused.text) == (422, True)
    assert _letter().watch == ["Zoë Star", "Kim Ray"]
