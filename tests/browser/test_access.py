"""Every page of the shop: axe-core finds no serious fault, in light and in dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.slates import renewed, shown

pytestmark = pytest.mark.browser

SCHEMES = [{"color_scheme": "light"}, {"color_scheme": "dark"}]
PATHS = (
    "/?user=tea3",
    "/?user=tea3&diversity=0.9&at_most=category:1&at_least=brand:9&floor=0.9",
    "/kinds",
    "/kinds/category/Tea",
    "/items/t1",
    "/items/x/1",
    "/search?q=tea",
    "/search?q=",
    "/basket",
    "/me?user=tea4",
    "/me?user=nobody",
    "/trace?user=tea2",
    "/experiments",
    "/docs",
    "/?user=tea3&at_most=brnd:2",
)


@pytest.mark.parametrize("page", SCHEMES, indirect=True)
def test_nothing_serious_is_wrong_with_any_page(page: Page, complaints: list[str]):
    for path in PATHS:
        page.goto(path)
        assert faults(page) == [], path
    complaints.clear()


@pytest.mark.parametrize("page", SCHEMES, indirect=True)
def test_nothing_serious_is_wrong_on_the_way_to_the_till(page: Page):
    page.goto("/?user=till")
    page.locator("#slate .why summary").first.click()
    page.get_by_text("More wishes").click()
    old = shown(page)
    page.get_by_label("Variety").fill("1")
    renewed(page, old)
    assert faults(page) == []
    page.get_by_role("button", name="Add to basket").first.click()
    expect(page.locator("#toast")).to_have_text("In your basket.")
    page.goto("/basket")
    assert faults(page) == []
    page.goto("/me")
    page.get_by_text("Forget me").click()
    assert faults(page) == []
