"""Decisions about many signatures: settled before, moved in batches, undone as a whole."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from petition.actions import (
    confirm,
    manage,
    moderate,
    organizers,
    recount,
    removals,
    sweep,
    swept,
)
from petition.actions.move import MOVES
from petition.actions.sweep import Asked
from petition.clock import now
from petition.database import writing
from petition.exceptions import PetitionError
from petition.extensions import db
from petition.models import (
    Act,
    Cause,
    Decision,
    Kind,
    Moderation,
    Organizer,
    OutgoingMail,
    Removal,
    Report,
    Role,
    Signature,
    Stage,
    State,
    Sweep,
)
from petition.queries import shown, sweeps, tallies
from petition.queries.letters import LetterText
from petition.queries.shown import Shown
from tests.accounts import make_member
from tests.factories import TEAM, fresh, make_letter, make_signature, make_sweep, sign_in

HERE = "/organize/letters/a-letter"
NOTABLE = "Yann LeCun"


@pytest.fixture
def found(client: FlaskClient) -> LetterText:
    """A letter moderated before, with a moderator looking at it."""
    sign_in(client)
    return make_letter(moderation=Moderation.BEFORE)


def _organizer() -> int:
    number: int = db.session.query(Organizer.id).limit(1).scalar()
    return number


def _held(found: LetterText, *names: str) -> list[int]:
    return [make_signature(found, state=State.HELD, name=name).id for name in names]


def _states(ids: list[int]) -> list[str]:
    return [fresh(each).state for each in ids]


def _all(found: LetterText) -> tuple[Any, str, int]:
    return found.letter, Role.MODERATOR, _organizer()


def _choose(found: LetterText, ids: list[int], act: Act, reason: str | None = None) -> Sweep:
    looked = shown.look(found.letter.id, {})
    return sweep.choose(*_all(found), looked, ids, Asked(act, reason))


def _send(client: FlaskClient, found: LetterText, **data: Any) -> Any:
    looked = shown.look(found.letter.id, data.pop("conditions", {}))
    return client.post(f"{HERE}/sweeps", data={"shown": looked.token(), **data})


def _work() -> int:
    """Be the worker until nothing is due; how many batches that were."""
    number = 0
    while sweep.one_batch():
        number += 1
    return number


def _true() -> None:
    """Every kept number agrees with its rows, and all that is rejected is counted by a reason."""
    db.session.rollback()
    assert recount.find() == []
    for letter_id, number in db.session.query(
        Removal.letter_id, db.func.sum(Removal.number)
    ).group_by(Removal.letter_id):
        assert number == tallies.of_letter(letter_id).rejected


def test_what_is_ticked_is_decided_and_undone_by_one_press(
    client: FlaskClient, found: LetterText
) -> None:
    ids = _held(found, "Ann Bad", "Bo Bad", "Cy Good")
    assert 'name="scope" value="selection"' in client.get(f"{HERE}/moderation").text
    chosen = {"scope": "selection", "signature": [str(each) for each in ids[:2]]}
    asked = _send(client, found, act="reject", **chosen)
    assert asked.status_code == 422
    assert asked.text.count('name="signature"') == 2
    assert "2 ticked signatures" in asked.text
    assert "Choose a reason before you reject." in asked.text
    assert _send(client, found, act="reject", reason="abuse", **chosen).status_code == 303
    assert _states(ids) == ["rejected", "rejected", "held"]
    page = client.get(f"{HERE}/moderation").text
    assert "Rejected 2 signatures." in page
    undo = re.search(r'action="([^"]*/sweeps/\d+/undo)"', page)
    assert undo is not None
    assert client.post(undo[1], data={"at": "waiting"}).location.endswith("/moderation")
    assert "2 signatures put back." in client.get(f"{HERE}/moderation").text
    assert _states(ids) == ["held"] * 3
    assert client.post(undo[1]).status_code == 409
    _true()


def test_what_nobody_signed_for_is_not_believed(client: FlaskClient, found: LetterText) -> None:
    ids = _held(found, "Ann Lee")
    other = shown.look(make_letter(slug="another").letter.id, {}).token()
    send = {"act": "reject", "reason": "abuse", "signature": str(ids[0])}
    for token in ("", "forged", other):
        for scope in ("selection", "filter"):
            answer = client.post(f"{HERE}/sweeps", data={**send, "scope": scope, "shown": token})
            assert answer.location == f"{HERE}/moderation"
    assert _send(client, found, **send, scope="everything").location == f"{HERE}/moderation"
    assert _states(ids) == ["held"]
    assert db.session.query(Sweep).count() == 0


def test_all_that_match_are_shown_before_they_are_decided_about(
    client: FlaskClient, found: LetterText
) -> None:
    ids = _held(found, "Ann Lee", "Bo Li", NOTABLE)
    published = make_signature(make_letter(slug="elsewhere"))
    send = {"scope": "filter", "act": "publish", "conditions": {"state": "held"}}
    page = client.get(_send(client, found, **send).location)
    assert "Publish 2 signatures" in page.text
    assert "0 now, 2 then" in page.text
    assert "1 more has a well-known name" in page.text
    assert _states(ids) == ["held"] * 3
    assert client.post(f"{page.request.path}/begin").status_code == 303
    assert _states(ids) == ["published", "published", "held"]
    assert fresh(published.id).state == State.PUBLISHED
    assert client.get("/embed/a-letter/count.json").json["count"] == 2
    told = client.get(page.request.path, headers={"Accept": "application/json"}).json
    assert (told["stage"], told["done"], told["of"]) == ("done", 2, 2)
    assert client.post(f"{page.request.path}/undo").status_code == 303
    assert _states(ids) == ["held"] * 3
    _true()


def test_more_than_a_quarter_of_the_count_is_not_taken_away_by_a_press_alone(
    client: FlaskClient,
) -> None:
    sign_in(client)
    found = make_letter(moderation=Moderation.AFTER)
    ids = [make_signature(found).id for _ in range(4)]
    waits = make_signature(found, state=State.PENDING, name="Di Fox").id
    send = {"scope": "filter", "act": "reject", "reason": "abuse"}
    begin = f"{_send(client, found, **send, conditions={'state': 'published'}).location}/begin"
    refused = client.post(begin)
    assert refused.status_code == 422
    assert "<b>Count: 4 now, 0 then.</b>" in refused.text
    assert _states(ids) == ["published"] * 4
    assert client.post(begin, data={"sure": "y"}).status_code == 303
    assert _states(ids) == ["rejected"] * 4
    row = client.get(f"{HERE}/moderation?tab=all&state=pending").text
    assert f'name="signature" value="{waits}" form="many" disabled' in row
    ticked = {"scope": "selection", "act": "reject", "reason": "abuse", "signature": str(waits)}
    _send(client, found, **ticked)
    said = client.get(f"{HERE}/moderation").text
    assert "Nothing was decided. 1 was left as it is" in said
    record = client.get(f"{HERE}/record").text
    assert "began to reject 4 signatures" in record
    assert record.count(f'href="{begin.removesuffix("/begin")}"') == 2


def test_what_came_or_was_decided_after_the_look_is_left_alone(found: LetterText) -> None:
    ids = _held(found, "Ann Lee", "Bo Li", "Cy Day")
    waits = make_signature(found, state=State.PENDING)
    looked = shown.look(found.letter.id, {"state": "held"})
    held_again = moderate.publish(*_all(found), ids[0])
    moderate.undo(*_all(found), sweeps_decision(held_again.id))
    confirm.confirm(waits.id, None)
    late = _held(found, "Di Late")
    asked = Asked(Act.REJECT, "abuse")
    frozen = sweep.freeze(*_all(found), looked, asked)
    assert frozen.found == {"held rejected": 2}
    moderate.publish(*_all(found), ids[1])
    sweep.begin(*_all(found), frozen.id)
    assert (frozen.moved, frozen.left) == (1, 1)
    every = [*ids, waits.id, *late]
    assert _states(every) == ["held", "published", "rejected", "held", "held"]
    chosen = sweep.choose(*_all(found), looked, every, asked)
    assert (chosen.moved, chosen.left) == (0, 5)
    assert db.session.query(Sweep).filter_by(id=chosen.id).count() == 0  # nothing to come back to
    _true()


def sweeps_decision(signature_id: int) -> int:
    """The latest decision about a signature."""
    latest: int = (
        db.session.query(db.func.max(Decision.id)).filter_by(signature_id=signature_id).scalar()
    )
    return latest


def test_undoing_puts_back_reports_and_reasons_and_leaves_what_was_decided_since(
    found: LetterText,
) -> None:
    aside = make_signature(found, state=State.QUARANTINED, name="Ann Lee").id
    ids = [aside, *_held(found, "Bo Li", "Cy Day", "Di Fox")]
    shown_one = make_signature(make_letter(slug="b", moderation=Moderation.AFTER)).id
    with writing(db.session):
        db.session.add(Report(letter_id=found.letter.id, signature_id=ids[1], cause=Cause.ABUSE))
    rejected = _choose(found, ids, Act.REJECT, "not-a-name")
    assert db.session.query(Report).one().settled_at is not None
    moderate.undo(*_all(found), sweeps_decision(ids[3]))
    restored = _choose(found, [*ids, shown_one], Act.RESTORE)
    assert _states(ids) == ["held"] * 4  # of a letter that reads each first
    assert (restored.moved, restored.left) == (3, 2)
    sweep.undo(*_all(found), restored.id)
    assert {fresh(each).removed_for for each in ids[:3]} == {"not-a-name"}
    sweep.undo(*_all(found), rejected.id)  # what was let stand meanwhile was decided about since
    assert (rejected.back, rejected.stage) == (0, Stage.UNDONE)
    _true()


def test_a_rejection_of_many_is_undone_to_where_each_stood(found: LetterText) -> None:
    aside = make_signature(found, state=State.QUARANTINED, name="Ann Lee")
    ids = [aside.id, *_held(found, "Bo Li")]
    with writing(db.session):
        db.session.add(Report(letter_id=found.letter.id, signature_id=ids[1], cause=Cause.ABUSE))
        aside.told = State.PUBLISHED
    looked = shown.look(found.letter.id, {})
    asked = Asked(Act.REJECT, "abuse", tells=True)
    rejected = sweep.choose(*_all(found), looked, ids, asked)
    told = db.session.query(OutgoingMail.signature_id).filter_by(kind=Kind.DECIDED)
    assert {signature_id for (signature_id,) in told} == set(ids)
    sweep.undo(*_all(found), rejected.id)
    assert _states(ids) == ["quarantined", "held"]
    assert fresh(ids[0]).told == State.PUBLISHED
    assert db.session.query(Report).one().settled_at is None
    assert (rejected.back, db.session.query(Removal.number).scalar()) == (2, 0)
    _true()


def test_an_invalidation_is_tried_begun_and_undone(client: FlaskClient, found: LetterText) -> None:
    ids = _held(found, "SpamBöt 1", "spambot 22", "Ann Lee")
    empty = client.post(f"{HERE}/invalidations", data={"reason": ""})
    assert empty.status_code == 422
    assert "Say at least one thing" in empty.text
    assert empty.text.count('class="error"') == 2, "all that is missing is told at once"
    wrong = {"pattern": "**", "address": "*.", "network": "10.0.0.0/8", "since": "x", "reason": ""}
    problems = client.post(f"{HERE}/invalidations", data=wrong)
    assert problems.status_code == 422
    assert problems.text.count('class="error"') == 5
    data = {"pattern": "spambot *", "reason": "abuse", "words": "A robot.", "until": "2999-01-01"}
    page = client.get(client.post(f"{HERE}/invalidations", data=data).location)
    assert "Reject 2 signatures" in page.text
    assert "Name like “spambot *”" in page.text
    assert "SpamBöt 1" in page.text
    assert "Ann Lee" not in page.text
    client.post(f"{page.request.path}/begin")
    assert _states(ids) == ["rejected", "rejected", "held"]
    assert "Rejected 2 signatures" in client.get(f"{HERE}/invalidations").text
    assert "Rejected 2 signatures" in client.get(f"{HERE}/sweeps").text
    client.post(f"{page.request.path}/undo")
    assert _states(ids) == ["held"] * 3
    assert db.session.query(Signature).count() == 3


def test_many_are_moved_by_the_worker_stopped_gone_on_with_and_undone(
    client: FlaskClient, found: LetterText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swept, "BATCH", 2)
    monkeypatch.setattr(swept, "WINDOW", 3)
    monkeypatch.setattr(sweep, "MOST_FOUND", 2)
    ids = _held(found, *(f"Ann {letter}" for letter in "BCDEFGH"))
    many = make_sweep(found)
    page = f"{HERE}/sweeps/{many.id}"
    assert many.stage == Stage.COLLECTING
    assert "Looking: 3 signatures found so far." in client.get(page).text
    assert client.post(f"{page}/begin").status_code == 409
    assert _work() == 2
    assert "Reject 7 signatures" in client.get(page).text
    assert client.post(f"{page}/begin").status_code == 303
    assert _states(ids) == ["held"] * 7
    sweep.one_batch()
    assert "2 of 7" in client.get(page).text
    client.post(f"{page}/stop")
    assert _work() == 0
    assert _states(ids) == ["rejected"] * 2 + ["held"] * 5
    client.post(f"{page}/go-on")
    sweep.one_batch()
    client.post(f"{page}/undo")
    assert _states(ids) == ["rejected"] * 4 + ["held"] * 3
    _work()
    assert _states(ids) == ["held"] * 7
    assert "4 are back where they were" in client.get(page).text
    _true()


def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_goes_on(
    found: LetterText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swept, "BATCH", 2)
    ids = _held(found, *(f"Ann {letter}" for letter in "BCDEF"))
    many = make_sweep(found)
    sweep.begin(*_all(found), many.id)
    sweep.one_batch()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(removals, "adjust", dies)
        with pytest.raises(KeyboardInterrupt):
            sweep.one_batch()
    assert _states(ids) == ["rejected"] * 2 + ["held"] * 3
    _work()
    assert (fresh(ids[4]).state, sweeps.one(found.letter.id, many.id).sweep.moved) == (
        "rejected",
        5,
    )
    assert db.session.query(Decision).filter_by(sweep_id=many.id).count() == 5
    _true()


def test_a_sweep_that_cannot_be_carried_out_keeps_none_behind_it(
    client: FlaskClient, found: LetterText, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = _held(found, "Ann Lee", "Bo Li")
    monkeypatch.setattr(sweep, "MOST_LOOKED", -1.0)
    monkeypatch.setattr(swept, "WINDOW", 1)
    broken, behind = make_sweep(found), make_sweep(found)
    with writing(db.session):
        db.session.get_one(Sweep, broken.id).conditions = {"until": "9000-01-01T00:00:00"}
    page = f"{HERE}/sweeps/{broken.id}"
    assert "not understood any more" in client.get(page).text
    assert f"{page}/discard" in client.get(page).text
    for listing in ("sweeps", "invalidations"):
        assert client.get(f"{HERE}/{listing}").status_code == 200
    _work()
    db.session.expire_all()
    assert [broken.stage, behind.stage] == [Stage.DISCARDED, Stage.READY]
    monkeypatch.setattr(swept, "BATCH", 1)
    sweep.begin(*_all(found), behind.id)
    sweep.one_batch()
    mine, colleague = _organizer(), make_member("colleague@example.org", Role.MODERATOR)
    with monkeypatch.context() as patch:
        patch.setattr(swept, "goes", lambda *_: 1 / 0)
        _work()
        db.session.expire_all()
        assert (behind.stage, behind.moved) == (Stage.STOPPED, 1)
    sweep.go_on(found.letter, Role.MODERATOR, colleague.id, behind.id)
    _work()
    by = db.session.query(Decision.organizer_id).filter_by(sweep_id=behind.id)
    assert [row[0] for row in by.order_by(Decision.id)] == [mine, colleague.id]
    assert _states(ids) == ["rejected"] * 2
    _true()


def test_removals_that_drifted_are_found_and_repaired(found: LetterText) -> None:
    _choose(found, _held(found, "Ann Lee"), Act.REJECT, "abuse")
    with writing(db.session):
        removals.adjust(found.letter.id, {(now().date(), "advertising"): 2})
    assert [each.what for each in recount.find()] == [f"rejected on {now().date()} for advertising"]
    recount.repair()
    _true()


STATES = [State.HELD, State.QUARANTINED, State.PUBLISHED, State.REJECTED]
REASONS = st.sampled_from(["abuse", "duplicate", "not-a-name"])
WHICH = st.integers(0, 5)
ACTS = st.sampled_from(list(Act))


class Moderated(RuleBasedStateMachine):
    """A letter under the hands of a team, its signers and a worker."""

    number = 0

    def __init__(self) -> None:
        super().__init__()
        Moderated.number += 1
        moderation = Moderation.BEFORE if Moderated.number % 2 else Moderation.AFTER
        self.found = make_letter(slug=f"letter-{Moderated.number}", moderation=moderation)
        names = ["Ann Lee", "Bo Li", NOTABLE, "Cy Day"]
        made = [make_signature(self.found, state=State.PENDING, name=name) for name in names]
        for each in made[:3]:
            confirm.confirm(each.id, None)
        made += [make_signature(self.found, state=State.QUARANTINED) for _ in range(2)]
        self.ids = [each.id for each in made]
        self.began = {each: fresh(each).state for each in self.ids}
        self.first = db.session.query(db.func.max(Decision.id)).scalar() or 0
        self.looked = shown.look(self.found.letter.id, {})
        self.sweeps: list[int] = []

    def _try(self, action: Callable[..., Any], *arguments: Any) -> Any:
        with suppress(PetitionError):
            return action(*_all(self.found), *arguments)

    @rule(which=WHICH, reason=REASONS, act=st.sampled_from(["publish", "reject", "hold"]))
    def decide(self, which: int, reason: str, act: str) -> None:
        signature_id = self.ids[which]
        state = fresh(signature_id).state
        if act == "reject":
            self._try(moderate.reject, signature_id, reason, state)
        elif act == "publish":
            self._try(moderate.publish, signature_id, state)
        else:
            self._try(moderate.hold, signature_id)

    @rule(which=WHICH)
    def undo(self, which: int) -> None:
        self._try(moderate.undo, sweeps_decision(self.ids[which]) or 0)

    @rule(which=WHICH, leaves=st.booleans())
    def sign(self, which: int, leaves: bool) -> None:
        with suppress(PetitionError):
            if leaves and which > 3:
                manage.withdraw(self.ids[which], None)
            elif leaves:
                words = {"name": "Another Name", "affiliation": "", "role": "", "location": ""}
                manage.correct(self.ids[which], words, {}, None)
            else:
                confirm.confirm(self.ids[which], None)

    @rule()
    def look(self) -> None:
        self.looked = shown.look(self.found.letter.id, {})

    @rule(which=st.sets(WHICH, min_size=1), act=ACTS, reason=REASONS)
    def choose(self, which: set[int], act: Act, reason: str) -> None:
        ids = [self.ids[each] for each in which]
        made = sweep.choose(*_all(self.found), self.looked, ids, Asked(act, reason))
        if made.moved:
            self.sweeps.append(made.id)

    @rule(state=st.sampled_from([None, *STATES]), act=ACTS, reason=REASONS)
    def freeze(self, state: State | None, act: Act, reason: str) -> None:
        conditions = {"state": state.value} if state else {}
        looked = Shown(self.looked.letter_id, conditions, self.looked.last_id, self.looked.at)
        made = sweep.freeze(*_all(self.found), looked, Asked(act, reason))
        self.sweeps.append(made.id)

    @precondition(lambda self: self.sweeps)
    @rule(
        last=st.booleans(),
        press=st.sampled_from(["begin", "begin", "stop", "go_on", "discard", "undo"]),
    )
    def press(self, last: bool, press: str) -> None:
        self._try(getattr(sweep, press), self.sweeps[-1 if last else 0])

    @rule()
    def work(self) -> None:
        sweep.one_batch()

    @invariant()
    def every_number_is_true(self) -> None:
        _true()

    @invariant()
    def every_change_is_a_decision(self) -> None:
        states = dict(self.began)
        for each in self._decisions():
            assert each.from_state == states[each.signature_id]
            moved = (each.from_state, each.to_state)
            assert moved in MOVES or moved[0] == moved[1]
            states[each.signature_id] = each.to_state
        assert states == {each: fresh(each).state for each in self.ids}

    @invariant()
    def a_sweep_moves_each_once_and_what_was_shown_alone(self) -> None:
        decisions = self._decisions()
        for sweep_id in self.sweeps:
            one = sweeps.one(self.found.letter.id, sweep_id).sweep
            mine = [each for each in decisions if each.sweep_id == sweep_id]
            moved = [each for each in mine if each.undoes_id is None]
            assert len({each.signature_id for each in moved}) == len(moved) == one.moved
            assert len(mine) - len(moved) == one.back
            before = {each.signature_id: each.id for each in moved}
            assert not [
                each
                for each in decisions
                if each.created_at > one.shown_at and each.id < before.get(each.signature_id, 0)
            ]

    def _decisions(self) -> list[Decision]:
        db.session.rollback()
        db.session.expire_all()
        mine = db.session.query(Decision).filter_by(letter_id=self.found.letter.id)
        return mine.filter(Decision.id > self.first).order_by(Decision.id).all()


@pytest.mark.slow
def test_in_any_order_numbers_equal_rows_and_every_change_is_a_decision(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swept, "BATCH", 2)
    monkeypatch.setattr(swept, "WINDOW", 4)
    organizers.add("organizer@example.org", Role.MODERATOR, TEAM)
    run_state_machine_as_test(
        Moderated,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
