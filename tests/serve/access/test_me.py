"""What each role may do on the page of a person."""

import pytest

from assortment.core.mutes import standing
from assortment.store.access import Access
from assortment.store.sql import Store
from tests.serve.access.conftest import Browser
from tests.serve.access.test_login import entered

MUTE = {"column": "category", "value": "Trains", "muted": "yes"}


@pytest.mark.parametrize(("role", "mutes", "forgets"), [("operator", True, False), ("privacy", True, True)])
def test_who_may_look_at_a_person_mutes_for_them_and_who_may_forget_does_it_there(
    browser: Browser, keys: dict[str, str], access: Access, store: Store, role: str, mutes: bool, forgets: bool
):
    entered(browser, keys[role])
    page = browser("GET", "/me?user=tea1")
    assert page.status_code == 200
    assert ('action="/me/forget"' in page.text) == forgets, "what they may not do is not offered"
    assert (browser("POST", "/me/muted", data=MUTE).status_code == 303) == mutes
    assert bool(standing(store.mutings("tea1"))) == mutes
    assert (browser("POST", "/me/forget").status_code == 303) == forgets
    assert bool(store.history("tea1")) != forgets
    acts = [(entry.who, entry.act) for entry in access.entries()]
    assert ((role, "POST /me/muted") in acts) == mutes
    assert acts.count((role, "forgot a person")) == forgets
    assert "tea1" not in str(access.entries())


@pytest.mark.parametrize("role", ["events", "read", "metrics"])
def test_keys_of_programs_have_no_part_in_it(browser: Browser, keys: dict[str, str], store: Store, role: str):
    for method, path in (("GET", "/me?user=tea1"), ("POST", "/me/muted?user=tea1"), ("POST", "/me/forget?user=tea1")):
        assert browser(method, path, key=keys[role], data=MUTE).status_code in (303, 403), path
    assert store.history("tea1")
    assert not store.mutings("tea1")


def test_who_is_forgotten_on_the_page_has_a_receipt_that_the_audit_log_has(
    browser: Browser, keys: dict[str, str], access: Access
):
    entered(browser, keys["privacy"])
    browser("GET", "/me?user=tea1")
    browser("POST", "/me/forget")
    (forgot,) = [entry for entry in access.entries() if entry.act == "forgot a person"]
    assert f"Receipt {forgot.about.split(':')[0]}" in browser("GET", "/me").text
