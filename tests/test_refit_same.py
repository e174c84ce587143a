"""A refit right after a fit has nothing to do, however the fit came by its settings."""

from dataclasses import replace
from pathlib import Path

import pytest

from assortment.config import Settings
from assortment.core.pipeline import Plan
from assortment.diversify.stage import Diversify
from assortment.retrieve.popular import Popular
from assortment.shop import Shop
from tests.test_releases import BAD, EARLY, GOOD, shop

WHOLE = replace(GOOD, plan=Plan((Popular(), Diversify(diversity=1)), GOOD.plan.understand))


def nothing_to_do(made: Shop) -> None:
    ended = made.refit()
    assert not ended.changed, ended.why
    assert "nothing has changed" in ended.why
    assert ended.release == made.release.name


@pytest.mark.parametrize("settings", [BAD, WHOLE], ids=["others", "a whole number for any number"])
def test_a_refit_after_a_fit_of_other_settings_fits_nothing(tmp_path: Path, settings: Settings):
    made = shop(tmp_path, EARLY)
    before = made.release.name
    made.fit(settings)
    assert made.release.name != before, "what was open is not what serves"
    nothing_to_do(made)
    nothing_to_do(Shop(made.folder))


def test_settings_that_are_kept_are_those_that_were_fitted(tmp_path: Path):
    made = shop(tmp_path, EARLY)
    made.fit(WHOLE)
    assert made.release.settings == made.settings == Shop(made.folder).settings
