"""Reading a slate off a page."""

from playwright.sync_api import Page, expect


def slate(page: Page, grid: str = "#slate") -> list[str]:
    """The items on the slate, once it is there."""
    expect(page.locator(f"{grid}[aria-busy='false']")).to_be_visible()
    return page.locator(f"{grid} .card").evaluate_all("cards => cards.map((card) => card.dataset.item)")


def renewed(page: Page, old: str, grid: str = "#slate") -> list[str]:
    """The items once another slate than `old` has come."""
    expect(page.locator(grid)).not_to_have_attribute("data-slate", old)
    return slate(page, grid)


def shown(page: Page) -> str:
    slate(page)
    return page.locator("#slate").get_attribute("data-slate")
