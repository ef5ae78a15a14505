"""Badges as a browser draws them."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from petition import badges
from tests.site import DEMO_LETTER, Site
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LABELS = """
    signed | signatures so far | Wir sind W. M. Wim
    haben unterzeichnet | Unterschriften für Künstler | Größe ÄÖÜ ẞ
    υπέγραψαν | υπογραφές μέχρι σήμερα | ΎΨΩΣΗ Ϊ
    підписали | підписів уже є | ЇЖАК Щ
    التوقيعات | وقّعوا على الرسالة | رسالة 2026 (open)
    חתמו | חתימות עד כה | שָׁלוֹם 100%
    हस्ताक्षर | हस्ताक्षर किए गए | क्षत्रिय त्र्यम्बक
    ลงชื่อแล้ว | ผู้ร่วมลงนาม | ที่นี่ ญี่ปุ่น
    署名しました | 賛同者 | ガギグゲゴ、ｱｲｳ
    လက်မှတ်ထိုးပြီး | စာတစ်စောင် | ကြိုးစားသည်
"""
BOXES = """pictures => pictures.map(svg => [...svg.querySelectorAll("path")].map(path => {
    const box = path.getBoundingClientRect(), all = svg.getBoundingClientRect();
    return [box.left - all.left, box.right - all.left, box.top - all.top, box.bottom - all.top];
}))"""


def _labels() -> list[str]:
    return [label.strip() for line in LABELS.strip().splitlines() for label in line.split("|")]


@pytest.mark.parametrize("size", badges.SIZES)
def test_words_stand_within_their_side_in_every_script(
    chromium: Browser, demo: Site, size: str
) -> None:
    anybody = Visitor(demo.url)
    asked = [urlencode({"size": size, "label": label}) for label in _labels()]
    drawn = [anybody.get(f"/embed/{DEMO_LETTER}/badge.svg?{each}").html for each in asked]
    page = chromium.new_page()
    page.set_content("".join(drawn))
    pictures = page.locator("svg").evaluate_all(BOXES)
    page.close()
    assert len(pictures) == 30
    for paths in pictures:
        for ground, words in zip(paths[::2], paths[1::2], strict=True):
            left, right, top, bottom = ground
            first, last, high, low = words
            assert left < first < last < right
            assert top <= high < low <= bottom
        (left, right, *_), (first, last, *_) = paths[:2]
        assert last - first >= 0.6 * (right - left)
