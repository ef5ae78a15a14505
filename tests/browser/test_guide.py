"""What the guide for developers tells them, tried as it stands there."""

import json
import re
import shlex
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse, Host, Watch
from tests.site import Site, letter_file
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@dataclass(frozen=True)
class Example:
    """What stands on the page to be copied."""

    kind: str
    of: str
    """For HTML the policy it needs, for JSON what it is an answer of."""
    code: str


@dataclass(frozen=True)
class Guide:
    """The page, as far as something can be done with it."""

    examples: list[Example]
    policies: dict[str, str]

    def of(self, kind: str) -> list[Example]:
        """The examples of a kind; there are some."""
        found = [each for each in self.examples if each.kind == kind]
        assert found
        return found


_READ = """all => all.map(pre => [pre.dataset.kind, pre.dataset.of ?? pre.id, pre.textContent])"""


@pytest.fixture(scope="module")
def letter(demo: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The newest letter, which the guide is about, with as many signatures as one has soon."""
    folder = tmp_path_factory.mktemp("letter")
    file = letter_file(folder, "told-of", title="Pay us, ask us, let us speak", goal=500)
    demo.run("letter", "publish", str(file))
    demo.run("letter", "seed", "told-of", "--signatures", "384")
    return "told-of"


@pytest.fixture
def guide(browse: Browse, letter: str) -> Guide:
    """The guide as a browser reads it."""
    reader = browse(width=1280)
    reader.goto("/embed/")
    expect(reader.locator(f"open-letter.live[letter={letter}] .figure")).to_be_visible()
    found = [Example(*each) for each in reader.locator("pre").evaluate_all(_READ)]
    policies = {
        each.of.removeprefix("policy-"): each.code for each in found if each.kind == "policy"
    }
    return Guide([each for each in found if each.kind != "policy"], policies)


def _hosted(host: Host, policy: str, html: str) -> str:
    """A page of somebody else that allows nothing but what a policy says; its address."""
    lines = " ".join(f"default-src 'none'; {policy} require-trusted-types-for 'script'".split())
    host.pages["/guided"] = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Host</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{lines}">{html}'
    ).encode()
    return f"{host.url}/guided"


def _shows(page: Page, policy: str, count: int) -> None:
    """Wait until an example stands on a page as it should."""
    number = re.compile(r"\D?".join(str(count)))
    if policy in {"element", "nonce"}:
        expect(page.locator("open-letter .figure")).to_have_text(number)
    elif policy == "form":
        expect(
            page.frame_locator("open-letter iframe").locator("form [name=email]")
        ).to_be_visible()
    elif policy == "frame":
        expect(page.frame_locator("iframe").locator(".figure")).to_have_text(number)
    elif policy == "badge":
        width = "image => image.decode().then(() => image.naturalWidth)"
        assert page.get_by_role("img").evaluate(width) > 50
    else:
        assert policy == "link"
        expect(page.get_by_role("link")).to_be_visible()


def test_its_pages_show_what_they_should_with_the_policies_it_states(
    guide: Guide,
    browse: Browse,
    demo: Site,
    host: Host,
    watch: Watch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (numbers,) = [each for each in guide.of("json") if each.of.endswith("count.json")]
    count = json.loads(numbers.code)["count"]
    reader = browse(width=800)
    for example in guide.of("html"):
        reader.goto(_hosted(host, guide.policies.get(example.of, ""), example.code))
        _shows(reader, example.of, count)
        for link in reader.get_by_role("link").evaluate_all("all => all.map(a => a.href)"):
            assert Visitor(demo.url).get(link).status == 200
    (script,) = guide.of("script")
    reader.goto(_hosted(host, guide.policies["numbers"], "<p>A page with a script</p>"))
    assert reader.evaluate(f"async () => {{ {script.code}; return count }}") == count
    watch.pardon("can escape its sandbox")  # as Chromium says of every frame of a kind
    with capsys.disabled():
        for name, lines in guide.policies.items():
            print(f"\nContent-Security-Policy for {name}: {' '.join(lines.split())}", end="")


LINE = 25
"""Pixels that the names of those who signed last take more or less, as long as they are."""


def test_the_room_it_states_is_what_the_element_takes(
    guide: Guide, browse: Browse, host: Host
) -> None:
    (room,), (line, *_) = guide.of("css"), guide.of("html")
    views = [line.code.replace(" letter=", f' view="{each}" lang="en" letter=') for each in _VIEWS]
    host.pages["/room"] = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Host</title>"
        f"<link rel=icon href=data:,><style>{room.code}</style>{''.join(views)}"
    ).encode()
    for width in (390, 1200):
        reader = browse(width=width)
        reader.goto(f"{host.url}/room")
        expect(reader.locator("open-letter .figure:visible")).to_have_count(len(_VIEWS))
        for kept, taken in reader.locator("open-letter").evaluate_all(_ROOM):
            assert kept - 25 - LINE < taken <= kept, width


_VIEWS = ("card", "progress", "count")
_ROOM = """all => all.map(each => [each, each.shadowRoot.querySelector(".box")].map(
  (box) => box.getBoundingClientRect().height))"""


def test_its_policies_hold_nothing_that_is_not_needed(
    guide: Guide, browse: Browse, host: Host, watch: Watch
) -> None:
    reader = browse()
    watch.pardon("Content Security", "can escape its sandbox", "no numbers for the moment")
    for name, code in {each.of: each.code for each in guide.of("html")}.items():
        lines = guide.policies.get(name, "").splitlines()
        for left_out in lines:
            rest = " ".join(line for line in lines if line != left_out)
            with reader.expect_console_message(lambda said: "Content Security" in said.text):
                reader.goto(_hosted(host, rest, code))


def test_its_programs_get_the_answers_it_shows(guide: Guide, demo: Site) -> None:
    program = Visitor(demo.url)
    for example in guide.of("shell"):
        curl, address = shlex.split(example.code)
        answer = program.get(address)
        assert (curl, answer.status) == ("curl", 200)
        assert answer.headers.get_content_type() == example.of
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for example in guide.of("json"):
        told, real = json.loads(example.code), program.get(example.of).json
        assert told | {"as_of": None} == real | {"as_of": None}
    (badge,) = guide.of("markdown")
    address = badge.code.rpartition("(")[2].removesuffix(")")
    assert parse_qs(urlsplit(address).query) == {"url": [badge.of]}
    assert program.get(badge.of).status == 200
