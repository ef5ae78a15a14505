"""The queue by keys alone, without scripts, by touch, as it is read out, and by two at once."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, StorageState, expect

from tests import site as sites
from tests.browser.conftest import PHONE, Browse, box_of
from tests.browser.places import confirm, fill_in, mail_to, signed_in
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SLUG = "many-wait"
QUEUE = f"/organize/letters/{SLUG}/moderation"
WIDE = 1280
TOUCH = 44
"""Pixels that a thumb needs."""


ANNA, BEN = "anna@example.org", "ben@example.org"
"""The one moderator, and the other."""


@pytest.fixture(scope="module")
def states(demo: Site) -> dict[str, StorageState]:
    """The browser states of both, of whose team is a letter under which many wait."""
    file = sites.letter_file(demo.folder, SLUG, title="Many wait", moderation="before")
    demo.run("letter", "publish", str(file))
    demo.run("letter", "seed", SLUG, "--signatures", "40")
    with _database(demo) as database:
        [[letter]] = database.execute("SELECT id FROM letter WHERE slug = ?", [SLUG])
        held = "UPDATE signature SET state = 'held', published_at = NULL WHERE letter_id = ?"
        database.execute(held, [letter])
        database.execute("UPDATE tally SET state = 'held' WHERE letter_id = ?", [letter])
    add = partial(demo.run, "organizer", "add")
    return {who: signed_in(demo, add(who, "--role", "moderator")) for who in (ANNA, BEN)}


@pytest.fixture
def enter(browse: Browse, states: dict[str, StorageState]) -> Callable[..., Page]:
    """Opens the queue as the one moderator or as the other."""

    def open_queue(who: str = ANNA, *, width: int = WIDE, **options: bool) -> Page:
        page = browse(state=states[who], width=width, **options)
        page.goto(QUEUE)
        return page

    return open_queue


def _database(demo: Site) -> sqlite3.Connection:
    return sqlite3.connect(Path(demo.environment["PETITION_DATA_DIR"]) / "petition.sqlite3")


def _row(page: Page, number: str | None) -> Locator:
    return page.locator(f"#signature-{number}")


def _waiting(page: Page) -> list[str]:
    """The numbers of the signatures that wait, in their order."""
    numbers: list[str] = page.evaluate(
        "[...document.querySelectorAll('[data-state=held]')].map(row => row.dataset.signature)"
    )
    return numbers


def _look(page: Page) -> None:
    """Let a page hear at once what it hears every few seconds."""
    with page.expect_request("**/attention") as asked:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert asked.value.response()


@contextmanager
def _hearing_nothing(*pages: Page) -> Iterator[None]:
    """Keep from pages what others do, for a while."""
    for page in pages:
        page.route("**/attention", _unanswered)
    yield
    for page in pages:
        page.unroute("**/attention")


def _unanswered(_route: Route) -> None:
    pass


def _summary(row: Locator) -> Locator:
    return row.locator("summary").first


def test_it_is_decided_and_undone_by_keys_alone(enter: Callable[..., Page]) -> None:
    page = enter()
    first, following = (_row(page, number) for number in _waiting(page)[:2])
    name = _summary(first).locator(".name").inner_text()
    heard = page.locator("#heard")
    press = page.keyboard.press

    press("j")
    expect(_summary(first)).to_be_focused()
    expect(first).to_have_attribute("aria-current", "true")
    press("o")
    expect(first.locator(".story")).to_be_visible()
    press("o")

    press("r")
    menu = page.get_by_role("menu")
    expect(menu).to_have_accessible_name(re.compile(f"Why is .*{name}.* rejected"))
    expect(menu.locator(".whose")).to_contain_text(name)
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="2 not a real name")).to_be_focused()
    press("Escape")
    expect(_summary(first)).to_be_focused()
    assert first.get_attribute("data-state") == "held", "nothing is decided by leaving"

    press("r")
    press("5")
    expect(first.locator(".outcome")).to_contain_text("Rejected: abuse")
    expect(_summary(first)).to_be_focused()
    expect(first.locator(".since")).not_to_be_visible()
    expect(heard).to_have_text(f"Rejected {name}: abuse.")
    expect(first.get_by_role("button", name="Publish")).not_to_be_visible()
    expect(first).to_match_aria_snapshot(
        f"""
        - listitem:
          - group: /{name}/
          - text: "Rejected: abuse"
          - button "Undo"
        """
    )

    press("u")
    expect(first.get_by_role("button", name="Publish")).to_be_visible()
    expect(_summary(first)).to_be_focused()
    expect(heard).to_have_text(f"{name} waits again.")

    press("Control+a")
    assert first.get_attribute("data-state") == "held", "that selects the page"
    press("a")
    expect(first.locator(".outcome")).to_have_text(re.compile("Published.*Undo", re.DOTALL))
    expect(_summary(first)).to_be_focused()
    expect(_summary(first)).to_have_accessible_description(re.compile("Published"))
    press("j")
    expect(_summary(following)).to_be_focused()

    page.reload()
    expect(first).to_have_count(0)
    press("u")
    expect(page.locator(".shown")).to_have_text(f"{name} waits again.")
    press("u")
    expect(page.locator(".shown")).to_have_text("There is nothing to undo.")
    page.reload()
    expect(first).to_have_attribute("data-state", "held")


def test_keys_are_explained_and_can_be_switched_off(enter: Callable[..., Page]) -> None:
    page = enter()
    waiting = _waiting(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("undo what you decided last")
    page.keyboard.press("j")
    page.keyboard.press("a")
    dialog.get_by_label("Single keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.reload()
    assert _waiting(page) == waiting

    page.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Single keys").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.get_by_label("Reason to reject").focus()
    page.keyboard.press("a")  # chooses what begins with it, as in any list
    assert _waiting(page) == waiting


def test_several_are_chosen_and_decided_about_by_one_press(enter: Callable[..., Page]) -> None:
    page = enter()
    ticks = page.get_by_role("checkbox", name=re.compile("^Choose "))
    bar = page.locator("#many")
    expect(bar.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    ticks.nth(1).click()
    ticks.nth(3).click(modifiers=["Shift"])
    expect(bar.get_by_role("button", name="Publish 3")).to_be_in_viewport()
    page.keyboard.press("x")
    expect(bar.get_by_role("button", name="Reject 2")).to_be_visible()
    every = bar.get_by_label("tick all of this page")
    expect(every).to_be_checked(indeterminate=True)
    every.check()
    expect(bar.get_by_role("button", name=f"Publish {ticks.count()}")).to_be_visible()
    every.uncheck()
    page.keyboard.press("j")
    page.keyboard.press("x")
    waiting = len(_waiting(page))
    bar.get_by_role("button", name="Publish 1").click()
    expect(page.locator(".done").get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("[data-state=held]")).to_have_count(waiting - 1)
    page.locator(".done").get_by_role("button", name="Undo").click()
    expect(page.locator("[data-state=held]")).to_have_count(waiting)


def test_what_is_seldom_done_is_fetched_into_the_row(enter: Callable[..., Page]) -> None:
    page = enter()
    page.goto(f"{QUEUE}?tab=all&state=held")
    row = page.locator("[data-signature]").nth(2)
    _summary(row).click()
    link = row.get_by_role("link", name="Verify, note, hand over")
    expect(row.get_by_role("textbox")).to_have_count(0)
    link.click()
    expect(link).to_have_count(0)
    expect(row.locator(".further")).to_contain_text("How you made sure")
    row.get_by_label("Note", exact=True).fill("Asked their office.")
    row.get_by_role("button", name="Write the note").click()
    expect(page).to_have_url(re.compile(r"tab=all&state=held#signature-\d+$"))
    expect(page.locator("[data-signature]").nth(2)).to_contain_text("1 note")


def test_it_is_decided_and_undone_without_scripts(enter: Callable[..., Page]) -> None:
    page = enter(javascript=False)
    number = _waiting(page)[0]
    row = _row(page, number)
    name = _summary(row).locator(".name").inner_text()
    row.get_by_role("button", name="Reject").click()
    page.wait_for_load_state()
    assert number in _waiting(page), "which reason, is asked first"
    row.get_by_role("combobox").select_option("abuse")
    row.get_by_role("button", name="Reject").click()
    done = page.locator(".done")
    expect(done).to_contain_text(f"Rejected {name}: abuse.")
    expect(row.get_by_role("button", name="Reject")).to_have_count(0)
    done.get_by_role("button", name="Undo").click()
    expect(page.locator(".done")).to_contain_text(f"{name} waits again.")
    expect(row).to_have_attribute("data-state", "held")


def test_it_is_decided_and_undone_by_a_thumb(enter: Callable[..., Page]) -> None:
    page = enter(width=PHONE, touch=True)
    number, below = _waiting(page)[:2]
    row = _row(page, number)
    buttons = row.get_by_role("button")
    assert all(box_of(each)["height"] >= TOUCH for each in buttons.all())
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    between = _between(row, _row(page, below))

    row.get_by_role("button", name="Reject").tap()
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    assert all(box_of(each)["height"] >= TOUCH for each in menu.get_by_role("menuitem").all())
    menu.get_by_role("menuitem", name="a wrong affiliation").tap()
    expect(row.locator(".outcome")).to_contain_text("Rejected: a wrong affiliation")
    assert _between(row, _row(page, below)) == between, "nothing moves under the thumb"
    undo = row.get_by_role("button", name="Undo")
    assert box_of(undo)["height"] >= TOUCH
    undo.tap()
    expect(row.get_by_role("button", name="Publish")).to_be_visible()
    assert _between(row, _row(page, below)) == between
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def _between(row: Locator, below: Locator) -> float:
    return box_of(below)["y"] - box_of(row)["y"]


def test_two_on_one_queue_neither_lose_nor_double_a_decision(
    enter: Callable[..., Page], demo: Site
) -> None:
    anna, ben = enter(), enter(BEN)
    plain = enter(BEN, javascript=False)
    one, two, three = _waiting(anna)[:3]

    for _ in (one, two):
        ben.keyboard.press("j")
    _look(ben)
    _look(anna)
    expect(_row(anna, two)).to_contain_text(re.compile("ben@example.org.* is looking at this"))

    # Both at once, about the same.
    before = _decisions(demo)
    with _hearing_nothing(anna, ben):
        _row(anna, one).get_by_role("button", name="Reject").click()
        anna.get_by_role("menuitem", name="abuse").click(no_wait_after=True)
        _row(ben, one).get_by_role("button", name="Publish").click(no_wait_after=True)
        told = [_row(page, one).locator(".outcome") for page in (anna, ben)]
        for outcome in told:
            expect(outcome).to_be_visible()
        late = [outcome.inner_text() for outcome in told if ", by " in outcome.inner_text()]
    assert len(late) == 1, "one of them is told"
    assert _decisions(demo) == before + 1

    # A form that is sent too late.
    _row(plain, one).get_by_role("button", name="Publish").click()
    expect(plain.get_by_role("alert")).to_contain_text("somebody decided first")
    assert _decisions(demo) == before + 1

    # What is decided elsewhere changes in its place, and the rest stays where it is.
    place = box_of(_row(ben, three))["y"]
    _row(anna, two).get_by_role("button", name="Publish").click()
    expect(_row(anna, two).locator(".outcome")).to_contain_text("Published")
    fill_in(demo, "late@example.org", slug=SLUG, name="Lou Late")
    confirm(demo, mail_to(demo, "late@example.org"))
    _look(ben)
    expect(_row(ben, two).locator(".outcome")).to_contain_text("Published, by anna@example.org")
    expect(_row(ben, two).get_by_role("button", name="Publish")).not_to_be_visible()
    assert box_of(_row(ben, three))["y"] == place
    new = ben.get_by_role("link", name="1 new one waits: show")
    expect(new).to_be_visible()
    late_name = ben.locator("bdi.name", has_text="Lou Late")
    expect(late_name).to_have_count(0)
    new.click()
    expect(late_name).to_be_visible()


def _decisions(demo: Site) -> int:
    with _database(demo) as database:
        [[number]] = database.execute(
            "SELECT count(*) FROM decision JOIN letter ON letter.id = decision.letter_id "
            "WHERE letter.slug = ? AND organizer_id IS NOT NULL",
            [SLUG],
        )
    return int(number)
