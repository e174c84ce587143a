"""Tuning a shop: what serves, what is kept, and the way back."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assortment import kept
from assortment.cli import app
from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.pipeline import Plan
from assortment.encoders import Encoders
from assortment.finetune.encoders import based_on, served
from assortment.finetune.result import Finetuned
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.shop import Shop
from assortment.understand.embed import Embed
from tests.finetune.conftest import STRONG, WEAK, opened


@pytest.fixture
def shop(done: tuple[Finetuned, Path], tmp_path: Path) -> Shop:
    """A copy of the shop whose tuned encoder won, the weak one serving again: a shop may be moved."""
    shutil.copytree(done[1].parent.parent, tmp_path / "shop")
    shop = Shop(tmp_path / "shop")
    Encoders(shop).serve(WEAK)
    return shop


def toml(shop: Shop) -> str:
    return (shop.folder / "shop.toml").read_text()


def test_one_that_won_is_written_to_the_settings_fitted_and_rolled_back_by_name(shop: Shop):
    before = toml(shop)
    Encoders(shop).serve("lora-1")
    assert 'encoder = "tuned:lora-1"' in toml(shop)
    assert str(shop.folder) not in toml(shop)
    assert (shop.folder / "shop.before.toml").read_text() == before
    assert Encoders(shop).serving == "tuned:lora-1"
    shop.fit()
    assert shop.pipeline.catalog.column("vector").any()
    Encoders(shop).serve(WEAK)
    assert Encoders(shop).serving == WEAK
    assert toml(shop) == before


def test_what_won_is_in_the_settings_of_its_shop(done):
    shop = Shop(done[1].parent.parent)
    assert (Encoders(shop).serving, list(Encoders(shop).tuned)) == ("tuned:lora-1", ["lora-1"])
    assert WEAK in (shop.folder / "shop.before.toml").read_text()


def test_words_are_read_by_what_learnt_from_words_alone():
    plan = Plan((Semantic(encoder="hash:8"),), (Embed(encoder="hash:8"),))
    goods = served(plan, "tuned:a", words=False)
    assert (goods.understand[0].encoder, goods.stages[0].encoder) == ("tuned:a", "hash:8")
    both = served(plan, "tuned:b", words=True)
    assert both.stages[0].encoder == "tuned:b"
    assert served(both, "tuned:a", words=False).stages[0].encoder == Semantic.encoder
    with pytest.raises(BadSetting, match="no 'embed'"):
        served(Plan((Popular(),)), "tuned:a", words=False)


def test_a_name_that_is_not_there_is_refused_and_nothing_is_changed(shop: Shop):
    before = toml(shop)
    for name in ("lora-2", "hsah:8", "onnx:nowhere"):
        with pytest.raises((UnknownName, RuntimeError)):
            Encoders(shop).serve(name)
    assert toml(shop) == before
    (shop.folder / "shop.toml").write_text(before.replace(WEAK, "tuned:lora-2"))
    with pytest.raises(UnknownName, match="no tuned encoder 'lora-2'; did you mean 'lora-1'"):
        _ = Shop(shop.folder).settings


def test_the_frozen_one_stays_where_it_is_better(recipe, tmp_path: Path):
    shop = opened(tmp_path, STRONG)
    before = toml(shop)
    name, found = Encoders(shop).tune(replace(recipe, steps=20))
    assert not found.won
    assert found.gain.high < 0
    assert (name, list(Encoders(shop).tuned)) == ("lora-1", ["lora-1"])
    assert toml(shop) == before
    assert not (shop.folder / "shop.before.toml").exists()
    with pytest.raises(BadSetting, match="there is an encoder 'lora-1' already"):
        Encoders(shop).tune(recipe, name="lora-1")
    with pytest.raises(BadSetting, match="no name for an encoder"):
        Encoders(shop).tune(recipe, name="../lora")


KILLED = """
import os, signal, sys
from pathlib import Path
from assortment.core.progress import watched_by
from assortment.encoders import Encoders
from assortment.finetune.recipe import Finetune
from assortment.kept import typed
from assortment.shop import Shop
import json
def die(part, step, total):
    if part.startswith("finetune") and step == 67:
        os.kill(os.getpid(), signal.SIGKILL)
with watched_by(die):
    Encoders(Shop(Path(sys.argv[1]))).tune(typed(Finetune, json.loads(sys.argv[2])))
"""


def test_killed_with_9_the_same_command_ends_as_if_it_had_not_been(done, recipe, tmp_path: Path):
    shop, env = opened(tmp_path), {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", KILLED, str(shop.folder), json.dumps(kept.plain(recipe))]
    ended = subprocess.run(command, env=env, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert (shop.folder / "encoders" / "lora-1" / "run.safetensors").exists()
    assert not Encoders(shop).tuned
    with pytest.raises(BadInput, match="of another run"):
        Encoders(shop).tune(replace(recipe, steps=81))
    name, found = Encoders(shop).tune(recipe)
    assert name == "lora-1"
    assert [point.value for point in found.points] == [point.value for point in done[0].points]
    assert found.tuned == done[0].tuned
    assert Encoders(shop).serving == "tuned:lora-1"


def test_the_command_line_lists_serves_and_says_what_is_wrong(shop: Shop):
    runner = CliRunner()
    listed = runner.invoke(app, ["encoders", str(shop.folder), "--serve", "lora-1", "--json"])
    assert listed.exit_code == 0, listed.output
    assert '"serving": "tuned:lora-1"' in listed.stdout
    table = runner.invoke(app, ["encoders", str(shop.folder)])
    assert "lora-1" in table.stdout
    refused = runner.invoke(app, ["finetune", str(shop.folder), "--track", "wnadb"])
    assert isinstance(refused.exception, UnknownName)
    assert "did you mean 'wandb'" in str(refused.exception)


def test_what_is_tuned_is_what_serves_where_it_can_be():
    assert based_on("auto", "pkg:me5-small") == "pkg:me5-small"
    assert based_on("auto", "onnx:/there") == based_on("auto", "hash:8") == "pkg:minilm"
    assert based_on("hf:mine", "pkg:minilm") == "hf:mine"
