"""What is noticed about a signature, told in words, and what follows: never more than is true."""

import re
import timeit
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from petition import address, domains, lookalike, text
from petition.actions import index_names, launch, manage, networks, tally
from petition.actions.screening import of_words
from petition.database import writing
from petition.extensions import db
from petition.models import Actor, Decision, Letter, Report, Role, Signal, Signature, State
from petition.queries import tallies
from tests.factories import fresh, make_letter, make_signatory, make_signature, sign_in

QUEUE = "/organize/letters/a-letter/moderation"
TABS = ("waiting", "reported", "aside", "recent", "all")
ASIDE = f"{QUEUE}?tab=aside"
REPORTED = f"{QUEUE}?tab=reported"
ORDINARY = """
    Ng|Hrdlička|Krzysztof Brzęczyszczykiewicz|Nguyễn Thị Minh Khai|Strč Prst|MacDonald|McDonnell
    J. R. R. Smith|X Li|Ewert|Rafferty Doherty|Azer Aliyev|Schwarzschild|Hirschschmidt|Nkrumah
    Mkhitaryan|Ndlovu|Mtshali|Þórður Guðmundsdóttir|Aaron Ooi|Llywelyn Pwll|Srđan Krstić
    Trpmir Vlk|Schwertner|Trewartha|Kaʻahumanu|Anne-Marie O’Brien|D'Souza|Louis XIV|Lalala
    John Smith III|Dzhokhar|Ljiljana Smrž|Çağlar Ümmügülsüm|Đặng Phạm|Апросин|Укенов
    Олександр Щербак|Ганна Криворучко|Ελένη Παπαδοπούλου|IT-специалист Иванова|Ρ. Κ.
    山田太郎|山田タロウ|佐々木ひろみ|ラーシュ・ベリ|陈伟|김민수|अमित कुमार|दीपिका|דוד לוי|محمد علي
    สมชาย ใจดี|Նարե Սարգսյան|ნინო ბერიძე|தமிழ்ச்செல்வி|Aaliyah Mississippi|Bangladesh Werth
"""


def _noticed(name: str, affiliation: str = "", email: str = "a@example.org") -> Signal:
    return of_words(name, affiliation, address.parse(email))


def _is_alike(name: str, other: str) -> bool:
    return lookalike.skeleton(name) == lookalike.skeleton(other)


LIKE_BILL_GATES = """
    Віll Gаtes|BiIl Gates|BILL GATES|bill gates|Gates, Bill|Dr. Bill Gates|Bi11 Gates|Ｂｉｌｌ Gates
    𝐁𝐢𝐥𝐥 Gates|Bíll Gåtes|Prof Dr Bill-Gates|ВІLL GАTЕS|“Bill Gates”|(Bill Gates)|Bill Gates™
    ʙɪʟʟ ɢᴀᴛᴇꜱ|ᏴᎥᏞᏞ ᏀᎪᎢᎬᏚ|🅱ill Gates|Bill Gate5|8ill G4te$|B!ll 6@tes|Bill•Gates|Bill 'Gates'
"""
WITH_ADDITIONS = """
    Bill Gates, Microsoft|Bill Gates III|William Henry Gates III|Bill Gates (real)|The Bill Gates
    Bill Gates PhD|Hon. Bill Gates|Sir Bill Gates KBE|Prof. Dr. med. Bill Gates|Bill Gates jr
    Bill Gates Bill Gates|Bill Gates2|$Bill Gates!|Elon Musk*|Donald John Trump|Barack H. Obama II
    Dr. Angela Merkel, Bundeskanzlerin a. D.|President Obama|Wladimir Putin|Vladimir Poutine
    Владимир Владимирович Путин|Си Цзиньпин|فلاديمير بوتين|Bill Smith-Gates
"""


def _names(listed: str) -> list[str]:
    return [text.tidy(name) for name in listed.strip().replace("\n", "|").split("|")]


def test_names_that_look_the_same_have_one_skeleton() -> None:
    for other in _names(LIKE_BILL_GATES):
        assert _is_alike("Bill Gates", other), other
        assert _noticed(other) & Signal.NOTABLE, other


def test_a_famous_name_is_noticed_with_what_is_put_beside_it() -> None:
    for name in _names(WITH_ADDITIONS):
        assert _noticed(name) & Signal.NOTABLE, name
    for name in (
        "Gates Billings",
        "Barbara Gates",
        "Bill Gatesby",
        "Angela Putin",
        "Bill",
        "Путин",
    ):
        assert not _noticed(name) & Signal.NOTABLE, name


def test_a_skeleton_does_not_hang_on_case_or_accents_in_any_script() -> None:
    for name, other in (
        ("Иван Петров", "ПЕТРОВ ИВАН"),
        ("Ελένη Παπαδοπούλου", "ελενη ΠΑΠΑΔΟΠΟΥΛΟΥ"),
        ("Hrdlička", "hrdlicka"),
        ("Łukasz Søren", "Lukasz Soren"),
        ("Işıl Strauß", "IŞIL STRAUSS"),
        ("O’Neil", "O'NEIL"),
        ("Mary", "Rnary"),
    ):
        assert _is_alike(name, other), (name, other)
    for name, other in (
        ("Ann Lee", "Anna Lee"),
        ("राम", "रोम"),
        ("김민수", "김민서"),
        ("محمد", "محمود"),
        ("王伟", "王为"),
    ):
        assert not _is_alike(name, other), (name, other)


def test_a_closer_look_tells_spellings_apart() -> None:
    assert lookalike.spelt("Dr. ANN Lee") == lookalike.spelt("Lee, Ann")
    assert lookalike.spelt("Ann Lee") != lookalike.spelt("Lee Ann")
    assert lookalike.spelt("Ann Lée") != lookalike.spelt("Ann Lee")
    assert lookalike.spelt("Аnn Lee") != lookalike.spelt("Ann Lee")  # a Cyrillic A


@pytest.mark.parametrize(
    ("signal", "names"),
    [
        (Signal.SCRIPTS, "Віll|Аnna Lee|Gаtes|Λουκάs|Pеter-Anna"),
        (Signal.NOISE, "asdf|asdf jkl|qwertz|Qwerty Uiop|azerty|йцукен|фыва|aaaa|xkjdfhg|User1234"),
        (Signal.NOISE, "hahahaha|zxcvbn|fdsa"),
        (Signal.JOKE, "Dr Johnny Bananas|Mickey Mouse|mickey m. mouse|MickeyMouse|Mouse, Mickey"),
        (Signal.JOKE, "SEYMOUR BUTTS|test test|Anonymous|Місkеу Моuse|N/A|匿名"),
        (Signal.NOTABLE, "Sam Altman|Yann LeCun|Yann Le Cun|Xi Jinping|Jinping Xi|习近平"),
        (Signal.NOTABLE, "Elon R. Musk|B i l l G a t e s|J.K. Rowling|Билл Гейтс|Tim Berners Lee"),
    ],
)
def test_each_signal_is_noticed(signal: Signal, names: str) -> None:
    for name in names.split("|"):
        assert _noticed(name) & signal, name


def test_names_of_all_the_world_pass() -> None:
    for name in _names(ORDINARY):
        assert _noticed(name) == Signal(0), name
        assert not text.is_like_an_address(name), name
    for name in ("Billy Gatesby", "Minnie Mouser", "Johnny Test User", "Testa Tester-Smith"):
        assert not _noticed(name) & (Signal.NOTABLE | Signal.JOKE), name


ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyzàéîõüßøłđþæıșěŵ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяїєіґў",
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊ",
    "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويئءةىپچژگک",
    "अआइईउऊएऐओऔकखगघचछजझटठडढतथदधनपफबभमयरलवशषसहािीुूेैोौं्",
    "กขคงจฉชซญฎฏฐณดตถทธนบปผฝพฟภมยรลวศษสหอฮะาิีึืุูเแโใไ",
    "あいうえおかがきぎくぐけげアイウエオカガキギクグー々山田川本木林森中村",
    "가나다라마바사아자차카타파하김이박최정강조윤장임金李朴",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
)


@given(
    st.sampled_from(ALPHABETS).flatmap(
        lambda letters: st.lists(st.text(letters, min_size=1, max_size=12), min_size=1, max_size=4)
    ),
    st.sampled_from(" -'’."),
)
def test_a_tidy_name_of_one_script_is_never_taken_for_mixed(words: list[str], by: str) -> None:
    name = text.tidy(by.join(words))
    for written in (name, name.upper(), name.title()):
        assert not lookalike.mixed_scripts(written)
        assert _is_alike(written, text.tidy(f" Dr.  {written} "))


def test_the_domain_is_compared_with_the_organization_with_care() -> None:
    for host, organization in (
        ("stanford.edu", "Harvard University"),
        ("harvard.edu", "MIT"),
        ("columbia.edu", "The New York Times"),
        ("health.gov.au", "Ministry of Culture"),
    ):
        assert _noticed("Ann Lee", organization, f"a@{host}") == Signal.DOMAIN, organization
    for host, organization in (
        ("cs.stanford.edu", "Stanford University"),
        ("mit.edu", "Massachusetts Institute of Technology"),
        ("student.ox.ac.uk", "University of Oxford"),
        ("soton.ac.uk", "University of Southampton"),
        ("wustl.edu", "Washington University in St. Louis"),
        ("pku.edu.cn", "Peking University"),
        ("u-tokyo.ac.jp", "東京大学"),
        ("gmail.com", "Harvard University"),
        ("example.org", "The New York Times"),
        ("mit.edu", "painter"),
        ("mit.edu", ""),
    ):
        assert _noticed("Ann Lee", organization, f"a@{host}") == Signal(0), organization


def test_throw_away_domains_are_known_with_those_below_them() -> None:
    assert _noticed("Ann Lee", email="a@mailinator.com") == Signal.THROWAWAY
    assert domains.is_throwaway("any.mailinator.com")
    assert not domains.is_throwaway("com")


def test_a_letter_watches_for_names_of_its_own() -> None:
    ann = address.parse("a@example.org")
    watch = ["Zoë Star", "Kim Ray"]
    for name in ("Zoe Star", "STAR ZOË", "Ms Kim Ray", "Кim Ray"):
        assert of_words(name, "", ann, watch) & Signal.NOTABLE, name
    assert not of_words("Zoe Starr", "", ann, watch) & Signal.NOTABLE


@pytest.mark.parametrize(
    "names",
    [
        ("Jörg Müller", "Joerg Mueller", "JÖRG MÜLLER", "Joerg Müller", "Jo\u0308rg Mu\u0308ller"),
        ("Søren Å. Weiß", "Soeren Aa. Weiss", "Soren A. Weiss", "SØREN Å. WEISS"),
    ],
)
def test_a_watched_name_is_known_in_its_other_spelling(names: tuple[str, ...]) -> None:
    ann = address.parse("a@example.org")
    for watched in names[:2]:
        for name in names:
            if name.isascii() and watched.isascii() and name != watched:
                continue  # nobody can tell which letters were meant
            assert of_words(name, "", ann, [watched]) & Signal.NOTABLE, (watched, name)
        for other in ("Jo Do", "Jorge Muler", "Soren Weissmann"):
            assert not of_words(other, "", ann, [watched]) & Signal.NOTABLE


def test_to_look_costs_next_to_nothing() -> None:
    ann, watch = address.parse("ann@cs.stanford.edu"), [f"Name Number{n}" for n in range(500)]
    names = iter(range(10_000))

    def look() -> None:
        of_words(f"Maximilian Musterfrau {next(names)}", "Harvard University", ann, list(watch))

    look()
    assert min(timeit.repeat(look, number=100, repeat=5)) / 100 < 0.001


def _told(client: FlaskClient, signature: Signature) -> list[str]:
    """What the queue says was noticed about a signature."""
    page = client.get(f"{QUEUE}?tab=all").text
    row = page.partition(f'id="signature-{signature.id}"')[2].partition('class="stands"')[0]
    listed = re.search(r'<ul class="noticed">(.*?)</ul>', row, re.DOTALL)
    sentences = re.findall(r"<li[^>]*>(.*?)</li>", listed[1], re.DOTALL) if listed else []
    return [unescape(each) for each in sentences]


def test_impersonations_are_held_or_flagged_with_the_reason_in_words(client: FlaskClient) -> None:
    """The cases of past open letters: famous names, look-alikes, jokes, one name many times."""
    sign_in(client)
    found = make_letter()
    with writing(db.session):
        db.session.query(Letter).update(
            {"hold": (Signal.JOKE | Signal.SCRIPTS).value, "watch": ["Kim Writer"]}
        )
    found = found.__class__(db.session.query(Letter).one(), found.revision)
    known = "The name of a well-known person, or one that looks like it."
    for name, words in (
        ("Yann LeCun", known),
        ("Віll Gаtes", known),
        ("Kim Writer", "A name that you want to make sure of, or one that looks like it."),
        ("Віll Gаtes II", "Letters of several scripts stand in one word"),
        ("Dr Johnny Bananas", "This looks like a joke"),
        ("Mickey Mouse", "This looks like a joke"),
    ):
        signature = make_signature(found, state=State.HELD, name=name)
        assert any(words in told for told in _told(client, signature)), name
        assert name not in client.get("/letters/a-letter").text
    one, *others = (make_signature(found, name="Ann Lee") for _ in range(3))
    alike = make_signature(found, name="LEE ANN")
    assert not one.signals & (Signal.SAME_NAME | Signal.LIKE_NAME)
    assert all(each.signals & Signal.SAME_NAME for each in others)
    for each in (one, others[0]):  # the first too, once there are others
        assert "2 more signatures have this name." in _told(client, each)
    assert alike.signals & (Signal.SAME_NAME | Signal.LIKE_NAME) == Signal.LIKE_NAME
    assert "3 more signatures have a name that looks like this one." in _told(client, alike)
    assert alike.state == State.PUBLISHED  # people do have the same name
    odd = make_signature(
        found,
        name="Kim Ray",
        affiliation="Harvard University",
        email="kim@stanford.edu",
        country="DE",
    )
    assert "<bdi>Germany</bdi>" in client.get(f"{QUEUE}?tab=all").text
    assert (
        "The address is at stanford.edu; the organization given is “Harvard University”."
        in _told(client, odd)
    )
    assert tallies.drift() == []


def test_a_notable_name_is_not_published_until_somebody_made_sure(client: FlaskClient) -> None:
    sign_in(client)
    found = make_letter()
    signature = make_signature(found, state=State.HELD, name="Bill Gates")
    base = f"/organize/letters/a-letter/signatures/{signature.id}"
    line = re.search(r"<details>\s*<summary>(.*?)</summary>", client.get(QUEUE).text, re.DOTALL)
    assert line
    assert "Bill Gates" in line[1]
    assert "well-known name" in line[1]
    refused = client.post(f"{base}/publish")
    assert refused.status_code == 409
    assert "Bill Gates: note first how you made sure that it is them." in refused.text
    for evidence in ("", "x" * 501):
        wrong = client.post(f"{base}/verify", data={"name": "Bill Gates", "evidence": evidence})
        assert (wrong.status_code, evidence in wrong.text) == (422, True)
    sure = {"name": "Bill Gates", "evidence": "Called his office.", "publish": "held"}
    for other in ({"name": "Bill Goats"}, {"role": "Chief"}, {"affiliation": "Big Firm"}):
        assert client.post(f"{base}/verify", data=sure | other).status_code == 409
    assert fresh(signature.id).verified_at is None
    assert client.post(f"{base}/verify", data=sure).status_code == 303
    signature = fresh(signature.id)
    assert (signature.state, signature.verified_at is None) == (State.PUBLISHED, False)
    assert 'class="verified"' in client.get("/letters/a-letter").text
    assert "Called his office." in client.get(f"{QUEUE}?tab=all").text
    assert "Called his office." not in client.get("/letters/a-letter").text
    assert client.post(f"{base}/take-back").status_code == 303
    signature = fresh(signature.id)
    assert (signature.state, signature.verified_at) == (State.HELD, None)
    page = client.get(QUEUE).text
    assert "Bill Gates is not verified any more, and waits." in page
    assert "/undo" not in page  # nobody could, until somebody has made sure again
    assert 'class="verified"' not in client.get("/letters/a-letter").text
    assert client.post(f"{base}/take-back").status_code == 409
    assert tallies.drift() == []


def test_who_was_asked_first_needs_no_second_check_under_that_name(client: FlaskClient) -> None:
    found = make_letter()
    for asked, signed, state in (
        ("Bill Gates", "Dr. Bill Gates", State.PUBLISHED),
        ("Kim Ray", "Yann LeCun", State.HELD),
    ):
        signatory = make_signatory(found, name=asked)
        entry = launch.FirstEntry(signed, "Composer", "")
        signature = launch.sign_first(signatory.id, found.revision.id, entry, None)
        assert signature.state == state, signed
        assert signature.skeleton == lookalike.skeleton(signed)


def _set_aside(signature: Signature, signals: Signal = Signal.NETWORK) -> None:
    with writing(db.session):
        row = db.session.get(Signature, signature.id)
        assert row
        tally.adjust(row.letter_id, {State(row.state): -1, State.QUARANTINED: 1})
        decision = Decision(letter_id=row.letter_id, signature_id=row.id, actor=Actor.SCREENING)
        decision.from_state, decision.to_state = row.state, State.QUARANTINED
        db.session.add(decision)
        row.state = State.QUARANTINED
        row.signals |= signals


def test_what_is_set_aside_is_let_in_held_or_rejected_and_each_can_be_undone(
    client: FlaskClient,
) -> None:
    sign_in(client)
    found = make_letter()
    page = ASIDE
    aside = {"at": "aside", "seen": "quarantined"}
    for verb, to in (
        ("publish", State.PUBLISHED),
        ("hold", State.HELD),
        ("reject", State.REJECTED),
    ):
        signature = make_signature(found, name="Ann Lee")
        _set_aside(signature)
        assert f'id="signature-{signature.id}"' in client.get(page).text
        path = f"/organize/letters/a-letter/signatures/{signature.id}/{verb}"
        done = client.post(path, data=aside | {"reason": "duplicate"})
        assert done.location.startswith(page), verb
        assert fresh(signature.id).state == to
        told = client.get(page).text
        undo = re.search(r'action="([^"]+/undo)"', told)
        assert undo, verb
        assert client.post(path, data=aside | {"reason": "duplicate"}).status_code == 409
        assert client.post(undo[1]).status_code == 303
        assert fresh(signature.id).state == State.QUARANTINED
    assert tallies.drift() == []


def test_who_signed_before_names_were_compared_is_found_too(app: Flask) -> None:
    found = make_letter()
    early = make_signature(found, name="Ann Lee")
    with writing(db.session):
        early.skeleton = None
    assert not make_signature(found, name="Ann Lee").signals & Signal.SAME_NAME
    with writing(db.session):
        db.session.query(Signature).filter(Signature.id != early.id).update({"name": "Kim Ray"})
    while index_names.some_names():
        pass
    assert make_signature(found, name="Ann Lee").signals & Signal.SAME_NAME


def test_all_that_are_set_aside_stand_again_as_they_would_have(client: FlaskClient) -> None:
    sign_in(client)
    found = make_letter()
    plain, other = (make_signature(found, name=name) for name in ("Ann Lee", "Kim Ray"))
    notable = make_signature(found, state=State.HELD, name="Yann LeCun")
    left = make_signature(found, name="Left Alone")
    for each in (plain, other, notable):
        _set_aside(each)
    assert "3 set aside" in client.get("/organize/").text
    page = client.get(ASIDE).text
    shown = re.findall(r'type="checkbox" name="signature" value="(\d+)"', page)
    looked = re.search(r'name="shown" value="([^"]+)"', page)
    assert looked
    assert "2 of these were published before, 1 waited." in page
    assert page.count("was published until") == 2
    assert page.count("waited until") == 1
    assert {int(each) for each in shown} == {plain.id, other.id, notable.id}
    let_stand = {"shown": looked[1], "scope": "selection", "act": "restore", "at": "aside"}
    elsewhere = make_signature(make_letter(slug="another"))
    ids = [*shown, str(left.id), "-1", "x", "9" * 30]
    sweeps = "/organize/letters/a-letter/sweeps"
    answer = client.post(sweeps, data={**let_stand, "signature": [*ids, elsewhere.id]})
    assert answer.status_code == 303
    assert "3 signatures stand again" in client.get(answer.location).text
    assert fresh(elsewhere.id).state == State.PUBLISHED
    states = [fresh(each.id).state for each in (plain, other, notable, left)]
    assert states == [State.PUBLISHED, State.PUBLISHED, State.HELD, State.PUBLISHED]
    assert tallies.drift() == []


def test_a_network_is_allowed_from_a_signature_or_by_its_address(client: FlaskClient) -> None:
    sign_in(client)
    found = make_letter()
    signature = make_signature(found, name="Ann Lee")
    _set_aside(signature)
    base = "/organize/letters/a-letter"
    assert "for a day (1 set aside from there)" in client.get(ASIDE).text
    client.post(f"{base}/signatures/{signature.id}/allow", data={"at": "aside"})
    page = client.get(ASIDE).text
    assert "came from there before: 1 published now, 0 waiting." in page
    ends = re.findall(r'action="([^"]+/networks/\d+/end)"', page)
    assert len(ends) == 1
    for typed in ("", "nowhere", "10.0.0.0/8"):
        wrong = client.post(f"{base}/networks", data={"network": typed})
        assert (wrong.status_code, f'value="{typed}"' in wrong.text) == (422, True), typed
    assert client.post(f"{base}/networks", data={"network": "192.0.2.0/24"}).status_code == 303
    client.post(ends[0])
    db.session.rollback()
    network = networks.of_signer(db.session.query(Letter).one(), "192.0.2.77")
    assert network != networks.digest("192.0.2.77")  # it counts as of the network that is allowed
    assert client.get(ASIDE).text.count("/end") == 1


def test_reports_are_settled_or_end_with_the_signature(client: FlaskClient) -> None:
    sign_in(client)
    found = make_letter()
    signature = make_signature(found, name="Ann Lee")
    other = make_signature(found, name="Kim Ray")
    with writing(db.session):
        for cause, words, of in (
            ("not-me", "I never signed <this>.", signature),
            ("abuse", "", signature),
            ("other", "", other),
        ):
            db.session.add(
                Report(letter_id=found.letter.id, signature_id=of.id, cause=cause, words=words)
            )
    page = REPORTED
    assert "2 reported" in client.get("/organize/").text
    seen = client.get(page).text
    assert "I never signed &lt;this&gt;." in seen
    first, last = re.findall(r'action="([^"]+/settle)"', seen)
    _report(signature, "since that page was made")
    assert client.post(first, data={"at": "reported"}).location == page
    told = client.get(page).text
    assert "I never signed" not in told
    assert "since that page was made" in told
    undo = re.search(r'action="([^"]+/reopen)"', told)
    assert undo
    assert client.post(undo[1], data={"at": "reported"}).status_code == 303
    assert "I never signed" in client.get(page).text
    reject = f"/organize/letters/a-letter/signatures/{signature.id}/reject"
    sent = {"at": "reported", "seen": "published", "reason": "impersonation"}
    assert client.post(reject, data=sent).status_code == 303
    told = client.get(page).text
    assert re.findall(r'action="([^"]+/settle)"', told) == [last]
    assert client.post(first).status_code == 409
    undo = re.search(r'action="([^"]+/undo)"', told)
    assert undo
    assert client.post(undo[1], data={"at": "reported"}).status_code == 303
    assert "I never signed" in client.get(page).text  # what the rejection settled waits again


def _report(signature: Signature, words: str) -> None:
    with writing(db.session):
        about = {"letter_id": signature.letter_id, "signature_id": signature.id}
        db.session.add(Report(**about, cause="other", words=words))


def test_junk_hides_no_report(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petition.queries.reports.PAGE", 2)
    sign_in(client)
    found = make_letter()
    junk, other, late, mine = (
        make_signature(found, name=name) for name in ("Al Junk", "Bo Junk", "Cy Late", "Ann Lee")
    )
    for number in range(7):  # by turns about two
        _report(junk, f"junk {number}")
        _report(other, "more junk")
    _report(late, "a true one")
    manage.disown(mine.id, None)
    page = client.get(REPORTED).text
    assert re.findall(r'id="signature-(\d+)"', page) == [str(mine.id), str(junk.id)]
    assert "by the link in the mail to their address" in page
    assert re.findall(r"junk \d", page) == [f"junk {number}" for number in (6, 5, 4, 3, 2)]
    assert "and 2 earlier reports" in page
    further = re.search(r'rel="next" href="([^"]+)"', page)
    assert further
    page = client.get(unescape(further[1])).text
    assert re.findall(r'id="signature-(\d+)"', page) == [str(other.id), str(late.id)]
    assert 'rel="next"' not in page
    for forged in ("1-x", "1", "1--1", f"1-{'9' * 30}"):
        assert client.get(f"{REPORTED}&after={forged}").status_code == 404


def test_what_is_published_though_something_was_noticed_is_found(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.queries.queue.PAGE", 2)
    sign_in(client)
    found = make_letter()
    hidden = make_signature(found, name="Mickey Mouse", show_name=False)
    one, two, three = (make_signature(found, name="Ann Lee") for _ in range(3))
    unsolved, plain = (make_signature(found, name=name) for name in ("Kim Ray", "Lou Fay"))
    with writing(db.session):
        fresh(plain.id).signals = 0
    assert fresh(unsolved.id).signals == Signal.UNSOLVED

    def listed(path: str) -> tuple[list[int], str]:
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200
        return [int(each) for each in re.findall(r'id="signature-(\d+)"', answer.text)], answer.text

    rows, page = listed(f"{QUEUE}/noticed")
    assert rows == [three.id, two.id]
    further = re.search(r'rel="next" href="([^"]+)"', page)
    assert further
    rows, page = listed(unescape(further[1]))
    assert rows == [hidden.id]  # the first of a name had no other beside it
    assert "name not shown" in page
    assert listed(f"{QUEUE}/noticed?signal=joke")[0] == [hidden.id]
    assert listed(f"{QUEUE}/noticed?signal=unsolved")[0] == [unsolved.id, three.id]
    assert listed(f"{QUEUE}/noticed?signal=noise")[0] == []
    wrong = client.get(f"{QUEUE}?tab=all&signal=unknown")
    assert wrong.status_code == 422
    assert "Choose one of these." in wrong.text
    assert 'class="row' not in wrong.text, "nothing more than was asked for"
    assert listed(f"{QUEUE}/published")[0] == [plain.id, unsolved.id]
    rejected = client.post(
        f"/organize/letters/a-letter/signatures/{hidden.id}/reject",
        data={"at": "all", "seen": "published", "reason": "not-a-name", "back": "signal=joke"},
    )
    assert rejected.location == f"{QUEUE}?tab=all&signal=joke#signature-{hidden.id}"
    assert fresh(hidden.id).state == State.REJECTED
    assert fresh(one.id).state == State.PUBLISHED
    rows, page = listed(f"{QUEUE}?tab=all&signal=joke&state=published")
    assert rows == []
    undo = re.search(r'action="([^"]+/undo)"', page)
    assert undo
    assert client.post(undo[1], data={"at": "all"}).location.startswith(f"{QUEUE}?tab=all#")
    assert fresh(hidden.id).state == State.PUBLISHED


@pytest.mark.parametrize("tab", TABS)
def test_a_queue_costs_a_fixed_number_of_statements(
    client: FlaskClient, statements: list[str], tab: str
) -> None:
    sign_in(client, role=Role.MODERATOR)
    found = make_letter()

    def cost() -> int:
        statements.clear()
        assert client.get(QUEUE, query_string={"tab": tab}).status_code == 200
        return len([each for each in statements if each != "BEGIN"])

    def add(name: str) -> None:
        for state in (State.HELD, State.QUARANTINED):
            signature = make_signature(found, name=name)
            with writing(db.session):
                db.session.add(
                    Report(letter_id=found.letter.id, signature_id=signature.id, cause="abuse")
                )
            if state is State.QUARANTINED:
                _set_aside(signature, Signal.NETWORK | Signal.SAME_NAME)

    add("Ann Lee")
    before = cost()
    for name in ("Kim Ray", "Kim Ray", "Lou Fay"):
        add(name)
    assert cost() == before
