"""The wish on the page: the slider, the contract, what it achieves, what it costs and what gives way."""

import re
from collections import Counter
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.slates import renewed, shown, slate
from tests.serve import goods

pytestmark = pytest.mark.browser


def test_the_slider_changes_the_slate_and_says_what_changed(page: Page):
    page.goto("/?user=tea3")
    before, old = slate(page), shown(page)
    expect(page.locator("#amount")).to_have_text("as the shop sets it")
    page.get_by_label("Variety").fill("1")
    after = renewed(page, old)
    expect(page.locator("#amount")).to_have_text("100 %")
    assert after != before
    assert sorted(after) == sorted(before)
    moved = sum(one != other for one, other in zip(before, after, strict=True))
    expect(page.locator("#changed")).to_contain_text(f"0 came, 0 went, {moved} moved")


def test_the_slider_obeys_the_keyboard(page: Page):
    page.goto("/?user=tea3")
    old = shown(page)
    page.get_by_label("Variety").press("End")
    renewed(page, old)
    expect(page.locator("#amount")).to_have_text("100 %")


def wish_more(page: Page, address: str = "/?user=tea3") -> str:
    """Open all that may be wished for; returns the slate's id."""
    page.goto(address)
    old = shown(page)
    page.get_by_text("More wishes").click()
    return old


def test_a_cap_holds_on_the_page(page: Page):
    old = wish_more(page)
    page.get_by_label("At most").select_option("1")
    after = renewed(page, old)
    assert len(after) == 3
    assert len({item[0] for item in after}) == 3
    expect(page.locator("#achieved")).to_contain_text("3 products of 3 kinds, at most 1 of one category")


BRANDS = dict(zip(goods.catalog().ids.names, goods.catalog().column("brand"), strict=True))


def test_a_cap_and_a_floor_reach_the_slate(page: Page):
    old = wish_more(page)
    before = Counter(BRANDS[item] for item in slate(page))
    assert max(before.values()) > 1
    page.get_by_role("combobox", name="of one", exact=True).first.select_option("brand")
    page.get_by_label("At most").select_option("1")
    after = renewed(page, old)
    assert max(Counter(BRANDS[item] for item in after if BRANDS[item]).values()) == 1
    page.get_by_label("Least relevance").fill("0.5")
    expect(page.locator("#gave")).to_contain_text(re.compile(r"Relevance of at least 50\s%: the least has \d+\s%\."))
    expect(page.locator("#count")).to_have_text("2 set")


def side_by_side(items: list[str]) -> int:
    """How many neighbours are of one kind."""
    return sum(one[0] == other[0] for one, other in pairwise(items))


def test_goods_of_one_kind_are_kept_apart(page: Page):
    old = wish_more(page)
    page.get_by_label("At most").select_option("2")
    assert side_by_side(renewed(page, old)) > 0
    old = shown(page)
    page.get_by_label("No two of one").select_option("category")
    page.get_by_label("within").select_option("2")
    assert side_by_side(renewed(page, old)) == 0
    expect(page.locator("#achieved")).to_contain_text("no two of one category within 2 places")
    page.get_by_label("At most").select_option("")
    expect(page.locator("#gave")).to_contain_text("No two of one category within 2 places: two stand side by side.")


def test_prices_may_be_spread(page: Page):
    old = wish_more(page)
    page.get_by_label("Prices").select_option("3")
    renewed(page, old)
    expect(page.locator("#achieved")).to_contain_text("prices in 3 bands")


def level(page: Page, name: str) -> int:
    """Where a scale stands, 0 … 100."""
    return int(page.get_by_role("meter", name=name).get_attribute("aria-valuenow"))


def test_the_scales_move_with_the_slider_and_the_cap(page: Page):
    old = wish_more(page)
    varied, cost = level(page, "How varied"), level(page, "What it costs")
    expect(page.locator("#usual")).to_be_hidden()
    page.get_by_label("Variety").fill("0")
    renewed(page, old)
    expect(page.locator("#cost .tick")).to_be_visible()
    assert level(page, "What it costs") == 0
    expect(page.locator("#achieved")).to_contain_text("costs no expected relevance")
    old = shown(page)
    page.get_by_label("Variety").fill("1")
    renewed(page, old)
    assert level(page, "What it costs") > cost
    expect(page.locator("#usual")).to_have_text(f"The marks: as the shop sets it, {varied} % and {cost} %.")
    expect(page.locator("#cost b")).to_have_text(f"{level(page, 'What it costs')} %")
    assert level(page, "How varied") == varied, "all that there is stands on the slate either way"
    old = shown(page)
    page.get_by_label("At most").select_option("1")
    renewed(page, old)
    assert level(page, "How varied") > varied


def test_a_wish_that_cannot_be_met_says_so_and_why(page: Page):
    old = wish_more(page)
    note = page.get_by_role("status").filter(has_text="cannot meet")
    expect(note).to_have_count(0)
    page.get_by_label("At least").select_option("12")
    renewed(page, old)
    expect(note).to_contain_text(
        re.compile(r"At least 12 different categories: the slate has \d\. The \d+ candidates have only 3\.")
    )
    expect(page.locator("#achieved")).to_contain_text("8 products, 3 categories, ")
    old = shown(page)
    page.get_by_role("link", name="Back to what the shop sets").click()
    renewed(page, old)
    expect(note).to_have_count(0)
    expect(page.get_by_label("Variety")).to_be_focused()
    expect(page.locator("#count")).to_be_empty()


def test_all_that_was_wished_is_taken_back(page: Page):
    page.goto("/?user=tea3&diversity=0.9&at_most=category:1&at_most=brand:1&at_least=price:3&floor=0.5")
    old = shown(page)
    expect(page.get_by_label("At most")).to_have_count(2)
    page.get_by_role("link", name="Back to what the shop sets").click()
    renewed(page, old)
    expect(page.get_by_label("At most")).to_have_count(1)
    expect(page.get_by_label("Variety")).to_have_value("0.2")
    expect(page.get_by_label("Least relevance")).to_have_value("0")
    expect(page.get_by_role("link", name="Back to what the shop sets")).to_be_hidden()
    page.wait_for_url("**/?user=tea3")


def test_a_slate_that_caps_leave_short_says_so_in_words(page: Page):
    old = wish_more(page)
    page.get_by_label("At most").select_option("1")
    renewed(page, old)
    expect(page.locator("#gave")).to_contain_text("12 products: the slate has 3.")
    expect(page.locator("#gave")).to_contain_text("at most 1 of one category")


def test_the_wish_is_in_the_address(page: Page):
    old = wish_more(page)
    page.get_by_label("Variety").fill("0.6")
    page.get_by_label("At most").select_option("1")
    renewed(page, old)
    page.get_by_role("button", name="Another cap").click()
    page.get_by_label("At most").nth(1).select_option("2")
    page.wait_for_url("**at_most=brand**")
    given = parse_qs(urlsplit(page.url).query)
    assert given == {"user": ["tea3"], "diversity": ["0.6"], "at_most": ["category:1", "brand:2"]}
    slate(page)
    expect(page.locator("#achieved")).to_contain_text("at most 1 of one brand")
    told = page.locator("#achieved").inner_text()
    page.reload()
    expect(page.locator("#achieved")).to_have_text(told)
    expect(page.locator("#amount")).to_have_text("60 %")
    expect(page.get_by_label("At most").nth(1)).to_have_value("2")
    expect(page.get_by_role("combobox", name="of one", exact=True).nth(1)).to_have_value("brand")


def test_the_last_wish_wins_though_an_answer_is_late(page: Page):
    old = wish_more(page)
    held: list[Route] = []
    asked: list[str] = []

    def hold(route: Route) -> None:
        asked.append(parse_qs(urlsplit(route.request.url).query)["diversity"][0])
        held.append(route) if not held else route.continue_()

    page.route("**/?*diversity*", hold)
    with page.expect_request("**/?*diversity*"):
        page.get_by_label("Variety").fill("0.5")
    for moved in ("0.6", "0.7", "0.8", "1"):
        page.get_by_label("Variety").fill(moved)
    with page.expect_response("**/?*diversity=1"):
        held[0].continue_()
    expect(page.locator("#meters")).to_be_visible()
    page.wait_for_url("**diversity=1")
    assert asked == ["0.5", "1"]
    assert shown(page) != old


def test_a_column_that_the_shop_lacks_is_told_on_the_page(page: Page, complaints: list[str]):
    page.goto("/?user=tea3&at_most=brnd:2")
    expect(page.get_by_role("alert")).to_contain_text("No column 'brnd'; did you mean 'brand'?")
    page.get_by_role("link", name="Back to what the shop sets").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert slate(page)
    complaints.clear()


def test_what_cannot_be_read_in_the_address_is_told_and_left_aside(page: Page):
    page.goto("/?user=tea3&at_most=brand&at_least=category:2")
    expect(page.locator("#trouble")).to_have_text("at_most=brand in the address is not COLUMN:NUMBER; it is left aside.")
    slate(page)
    expect(page.locator("#count")).to_have_text("1 set")
    page.goto("/?user=tea3&diversity=much")
    expect(page.locator("#trouble")).to_contain_text("diversity=much")
    expect(page.locator("#amount")).to_have_text("as the shop sets it")


def test_all_of_the_wish_can_be_made_by_keyboard(page: Page):
    page.goto("/?user=tea3")
    old = shown(page)
    page.get_by_label("Variety").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#more > summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    renewed(page, old)
    expect(page.locator("#achieved")).to_contain_text("at most 2 of one category")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Another cap")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("At most").nth(1)).to_be_focused()
    old = shown(page)
    page.keyboard.press("1")
    renewed(page, old)
    expect(page.locator("#achieved")).to_contain_text("at most 1 of one brand")


def test_the_trace_obeys_the_whole_wish(page: Page):
    page.goto("/trace?user=tea2&at_most=category:1")
    expect(page.locator(".stage").last.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_label("At most")).to_be_visible()
