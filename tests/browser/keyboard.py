"""Going through a page with the Tab key alone, and seeing where one is."""

from typing import Any

from playwright.sync_api import Page

FOCUSED = """wanted => {
    const field = document.activeElement, style = getComputedStyle(field);
    const box = field.getBoundingClientRect();
    const on_top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
        name: field.name || "",
        tag: field.localName,
        there: field.matches(wanted),
        outlined: style.outlineStyle !== "none" || style.boxShadow !== "none",
        uncovered: field.contains(on_top) || on_top?.contains(field)
            || [...(field.labels || [])].some(label => label.contains(on_top)),
    };
}"""


def tab_to(page: Page, wanted: str, most: int = 120) -> list[dict[str, Any]]:
    """Press Tab until what a selector names has the focus; where it went meanwhile.

    What is folded is unfolded on the way; wherever it stops, that is to be seen.
    """
    went: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        went.append(page.evaluate(FOCUSED, wanted))
        if went[-1]["there"]:
            unseen = [stop for stop in went if not (stop["outlined"] and stop["uncovered"])]
            assert unseen == []
            return went
        if went[-1]["tag"] == "summary":
            page.keyboard.press("Enter")
    raise AssertionError(f"Tab does not come to {wanted}: {went}")
