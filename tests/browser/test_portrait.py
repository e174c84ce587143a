"""What the shop knows of a person, in a real browser: they read it, mute an interest, and the next goods obey."""

import pytest
from playwright.sync_api import Page, expect

from assortment.core.events import Event
from assortment.core.mutes import standing
from assortment.store.sql import Store
from tests import world
from tests.browser.slates import renewed, slate

pytestmark = pytest.mark.browser

LATER = world.START + 100 * world.DAY


def test_an_interest_is_muted_the_next_goods_obey_and_it_is_taken_back(page: Page, store: Store):
    store.append([Event("muter", item, "view", LATER + n) for n, item in enumerate(["r0", "t0", "t1", "t2"])])
    page.goto("/me?user=muter")
    assert {item[0] for item in slate(page, "#next")[:3]} == {"t"}
    tea = page.locator(".interest", has=page.get_by_role("heading", name="Tea"))
    expect(tea).to_contain_text("75")
    expect(tea).to_contain_text("3 products")
    old = page.locator("#next").get_attribute("data-slate")
    tea.get_by_role("button", name="Mute: Tea").click()
    assert not [item for item in renewed(page, old, "#next") if item.startswith("t")]
    expect(page.locator("#toast")).to_contain_text("Muted: Tea")
    expect(page.locator("#muted li")).to_have_text(["Tea category, 6 products Show again"])
    page.goto("/")
    assert sorted(slate(page)) == ["r0", "r1", "r2", "r3", "r4", "r5", "x/1"]
    page.goto("/search?q=tea pot")
    assert slate(page)[0] == "t2"
    page.goto("/me")
    slate(page, "#next")
    old = page.locator("#next").get_attribute("data-slate")
    page.locator("#muted").get_by_role("button", name="Show again: Tea").click()
    assert [item for item in renewed(page, old, "#next") if item.startswith("t")]
    expect(page.get_by_role("heading", name="Muted")).to_be_hidden()
    assert standing(store.mutings("muter")) == ()


def test_a_brand_is_muted_by_keyboard_and_the_focus_stays(page: Page, store: Store):
    page.goto("/me?user=tea1")
    slate(page, "#next")
    button = page.get_by_role("button", name="Mute: clay")
    button.focus()
    page.keyboard.press("Enter")
    again = page.locator("#brands").get_by_role("button", name="Show again: clay")
    expect(again).to_be_focused()
    assert [(one.column, one.value) for one in standing(store.mutings("tea1"))] == [("brand", "clay")]
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Mute: clay")).to_be_focused()


def test_habits_and_words_are_told(page: Page):
    page.goto("/me?user=train2")
    expect(page.get_by_role("meter", name="Prices")).to_have_attribute("aria-valuetext", "£12.00 – £30.00")
    expect(page.get_by_role("meter", name="Variety")).to_be_visible()
    expect(page.locator("#habits")).to_contain_text("5 visits, 1 day apart as a rule")
    expect(page.locator("#words")).to_contain_text("train")
    page.get_by_role("link", name="Search for this").click()
    page.wait_for_url("**/search?q=**")
    assert {item[0] for item in slate(page)[:3]} == {"r"}


def test_of_somebody_new_nothing_is_told_but_what_they_would_be_shown(page: Page):
    page.goto("/me?user=nobody-yet")
    assert slate(page, "#next")
    expect(page.locator("#summary")).to_contain_text("Nothing yet")
    for heading in ("Your interests", "Muted", "Categories", "Habits", "In words", "Hidden"):
        expect(page.get_by_role("heading", name=heading, include_hidden=True)).to_have_count(0)


def test_a_mute_that_the_server_does_not_take_is_told(page: Page, complaints: list[str]):
    page.goto("/me?user=tea2")
    slate(page, "#next")
    page.route("**/me/muted", lambda route: route.abort())
    page.get_by_role("button", name="Mute: Tea").click()
    expect(page.locator("#toast")).to_contain_text("The shop does not answer just now.")
    expect(page.get_by_role("button", name="Mute: Tea")).to_be_visible()
    complaints.clear()


NAMELESS = """() => [...document.querySelectorAll("button, a, input, select, [role=meter]")]
  .filter((node) => node.checkVisibility() && !node.closest("[aria-hidden=true]"))
  .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")))
  .filter((node) => !(node.textContent.trim() || node.labels?.length))
  .map((node) => node.outerHTML)"""
"""What has no name to a reader of screens."""

FAINT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (node) => {
    const [dark, bright] = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((one, other) => one - other);
    return (bright + 0.05) / (dark + 0.05);
  };
  const says = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  return [...document.querySelectorAll("main *:not(svg *)")]
    .filter((node) => node.checkVisibility() && says(node) && contrast(node) < 4.5)
    .map((node) => `${contrast(node).toFixed(2)} ${node.outerHTML.slice(0, 120)}`);
}"""
"""Text with less than the contrast of 4.5 that WCAG 2.2 asks for (AA)."""


@pytest.mark.parametrize("page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_all_can_be_read_and_named(page: Page, store: Store):
    page.goto("/me?user=tea4")
    slate(page, "#next")
    page.get_by_role("button", name="Mute: iron").click()
    expect(page.locator("#muted li")).to_have_count(1)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(FAINT) == []
    page.get_by_role("button", name="Show again: iron").first.click()
    expect(page.locator("#muted li")).to_have_count(0)
