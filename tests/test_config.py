from dataclasses import fields
from pathlib import Path

import pytest

from assortment import config
from assortment.config import Settings
from assortment.core.blend import Blend
from assortment.core.errors import BadSetting, UnknownName
from assortment.core.pipeline import Plan
from assortment.diversify.methods import Dpp
from assortment.diversify.stage import Diversify
from assortment.guard.policy import Policy
from assortment.parts import PARTS, default_plan
from assortment.retrieve.popular import Popular

TEXT = """
[shop]
name = "Tea & Trains 🚂"
seed = 7

[[stage]]
use = "blend"
weights = [1, 0.5]
recipes = [{ use = "popular", half_life = 7 }, { use = "popular" }]

[[stage]]
use = "policy"
blocked = ["t1"]

[[stage]]
use = "diversify"
diversity = 0.3
at_most = { brand = 2, "my column" = 1 }
select = { use = "dpp" }
"""


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "shop.toml"
    file.write_text(text, encoding="utf-8")
    return config.read(file)


def test_a_file_says_the_same_as_the_values(tmp_path):
    plan = Plan(
        (
            Blend((Popular(half_life=7), Popular()), (1, 0.5)),
            Policy(blocked=("t1",)),
            Diversify(Dpp(), 0.3, {"brand": 2, "my column": 1}),
        )
    )
    assert read(tmp_path, TEXT) == Settings(name="Tea & Trains 🚂", seed=7, plan=plan)


def test_what_is_written_is_read_back_equal(tmp_path):
    settings = read(tmp_path, TEXT)
    assert read(tmp_path, config.write(settings)) == settings
    other = Settings(currency='"£"\\', plan=default_plan("hf:some/model", again=True, diversity=0.7))
    assert read(tmp_path, config.write(other)) == other


def test_a_setting_that_may_be_left_open_may_be_given(tmp_path):
    settings = read(tmp_path, '[[understand]]\nuse = "clusters"\ncount = 9\n[[stage]]\nuse = "popular"')
    assert settings.plan.understand[0].count == 9
    assert read(tmp_path, config.write(settings)) == settings
    with pytest.raises(BadSetting, match='count is "many"; it should be a whole number'):
        read(tmp_path, '[[understand]]\nuse = "clusters"\ncount = "many"\n[[stage]]\nuse = "popular"')


def test_a_file_without_stages_has_the_default_plan(tmp_path):
    assert read(tmp_path, "") == Settings(plan=default_plan())


@pytest.mark.parametrize(
    ("slip", "answer"),
    [
        ('use = "diversfy"', "no part 'diversfy'; did you mean 'diversify'"),
        ('use = "diversify"\nlambda = 1', "no setting 'lambda'; there are"),
        ('use = "diversify"\ndiversty = 1', "no setting 'diversty'; did you mean 'diversity'"),
        ('use = "diversify"\ndiversity = 2', "diversity is 2.0; it goes from 0 to 1"),
        ('use = "diversify"\ndiversity = "high"', 'diversity is "high"; it should be a number'),
        ('use = "diversify"\ndiversity = true', "diversity is true; it should be a number"),
        ('use = "diversify"\nselect = { use = "popular" }', "cannot use 'popular'; it takes 'mmr' or 'msd' or 'trade'"),
        ('use = "blend"', "blend lacks recipes"),
        ('use = "blend"\nrecipes = [{ use = "poplar" }]', "no part 'poplar'; did you mean 'popular'"),
        ('used = "blend"', "must be a table that says which part to use"),
        ("use = \n\n", r"shop.toml: .*line 2"),
    ],
)
def test_a_slip_is_answered_with_where_and_the_way_out(tmp_path, slip, answer):
    with pytest.raises((BadSetting, UnknownName), match=answer):
        read(tmp_path, f"[[stage]]\n{slip}")


def test_an_unknown_table_is_answered_with_the_near_miss(tmp_path):
    with pytest.raises(BadSetting, match="no setting 'stages'; did you mean 'stage'"):
        read(tmp_path, '[[stages]]\nuse = "popular"')


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadSetting, match=r"none.toml cannot be read"):
        config.read(tmp_path / "none.toml")


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_frozen_and_every_setting_has_a_line_in_its_docstring(name):
    part = PARTS[name]
    assert part.__dataclass_params__.frozen
    for field in fields(part):
        assert field.name in (part.__doc__ or ""), f"{name} does not say what {field.name} is"
