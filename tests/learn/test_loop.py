"""A training run: its budget, what it keeps, and the same run on after it was killed."""

import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.progress import watched_by
from assortment.learn.compute import precise
from assortment.learn.loop import Schedule, epoch_rows, train
from assortment.learn.track import open_tracker

SOME = Schedule(minutes=math.inf, steps=40, every=10, rate=0.05, patience=9)


class Curve:
    """A small net with dropout that is to follow a curve, on rows drawn anew at each step."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.2), nn.Tanh(), nn.Linear(8, 1))
        self.x = torch.linspace(-2, 2, 50)[:, None]
        self.asked: list[int] = []

    def loss(self, step: int, rng: np.random.Generator) -> torch.Tensor:
        self.asked.append(step)
        rows = torch.from_numpy(rng.integers(0, 50, 8))
        return ((self.model(self.x[rows]) - self.x[rows].sin()) ** 2).mean()

    def measure(self) -> float:
        return -float(((self.model(self.x) - self.x.sin()) ** 2).mean().detach())

    def weights(self) -> np.ndarray:
        return torch.cat([weight.detach().flatten() for weight in self.model.parameters()]).numpy()


def killed_at(step: int, curve: Curve, file: Path) -> None:
    """Train until a step, in which everything stops."""

    def loss(at: int, rng: np.random.Generator) -> torch.Tensor:
        if at == step:
            raise KeyboardInterrupt
        return curve.loss(at, rng)

    with pytest.raises(KeyboardInterrupt):
        train(curve.model, loss, curve.measure, SOME, file=file, about="curve")


def test_it_learns_and_keeps_the_weights_that_measured_best():
    curve = Curve()
    trained = train(curve.model, curve.loss, curve.measure, SOME)
    assert [point.step for point in trained.points] == [0, 10, 20, 30, 40]
    assert trained.best.value > trained.start.value
    assert curve.measure() == trained.best.value
    assert not curve.model.training


def test_a_run_that_gets_worse_ends_early_with_the_weights_it_began_with():
    curve, values = Curve(), iter([5.0, 4.0, 4.5, 3.0, 9.0])
    before = curve.weights()
    trained = train(curve.model, curve.loss, lambda: next(values), Schedule(steps=100, every=2, patience=3))
    assert (trained.stopped, trained.points[-1].step, trained.best.step) == ("no better", 6, 0)
    assert (curve.weights() == before).all()


def test_patience_begins_anew_with_every_better_look():
    curve, values = Curve(), iter([1.0, 0.5, 2.0, 1.5, 1.8])
    trained = train(curve.model, curve.loss, lambda: next(values), Schedule(steps=100, every=1, patience=2))
    assert (trained.points[-1].step, trained.best.step) == (4, 2)


@pytest.mark.parametrize("step", [0, 7, 10, 33])
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(step, tmp_path):
    whole, file = Curve(), tmp_path / "run.safetensors"
    expected = train(whole.model, whole.loss, whole.measure, SOME)
    killed_at(step, Curve(), file)
    again = Curve()
    torch.manual_seed(99)
    again.model[0].weight.data.fill_(7)
    found = train(again.model, again.loss, again.measure, SOME, file=file, about="curve")
    assert again.asked[0] == step - step % 10
    assert (again.weights() == whole.weights()).all()
    assert [(p.step, p.value) for p in found.points] == [(p.step, p.value) for p in expected.points]
    assert found.points[-1].loss == expected.points[-1].loss


SCRIPT = """
import os, signal, sys
from pathlib import Path
from tests.learn.test_loop import SOME, Curve, train
curve = Curve()
def loss(step, rng):
    if step == 25:
        os.kill(os.getpid(), signal.SIGKILL)
    return curve.loss(step, rng)
train(curve.model, loss, curve.measure, SOME, file=Path(sys.argv[1]), about="curve")
"""


def test_kill_9_in_the_middle_loses_nothing(tmp_path):
    """A process of its own is killed at step 25; this one goes on from step 20."""
    file, env = tmp_path / "run.safetensors", {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", SCRIPT, str(file)], env=env).returncode == -signal.SIGKILL
    again, whole = Curve(), Curve()
    train(again.model, again.loss, again.measure, SOME, file=file, about="curve")
    assert again.asked[0] == 20
    train(whole.model, whole.loss, whole.measure, SOME)
    assert (again.weights() == whole.weights()).all()


def test_a_run_that_is_at_its_end_is_not_made_again(tmp_path):
    file, curve = tmp_path / "run.safetensors", Curve()
    first = train(curve.model, curve.loss, curve.measure, SOME, file=file)
    again = Curve()
    second = train(again.model, again.loss, again.measure, SOME, file=file)
    assert second.points == first.points
    assert not again.asked
    assert (again.weights() == curve.weights()).all()


def test_a_file_of_another_run_or_a_damaged_one_is_refused_and_stays(tmp_path):
    file, curve = tmp_path / "run.safetensors", Curve()
    train(curve.model, curve.loss, curve.measure, SOME, file=file, about="curve")
    kept = file.read_bytes()
    with pytest.raises(BadInput, match=r"of another run \(curve, not line\); delete it"):
        train(curve.model, curve.loss, curve.measure, SOME, file=file, about="line")
    assert file.read_bytes() == kept
    file.write_bytes(kept[:200])
    with pytest.raises(BadInput, match="is damaged"):
        train(curve.model, curve.loss, curve.measure, SOME, file=file, about="curve")
    file.write_bytes(b"")
    with pytest.raises(BadInput, match="is damaged"):
        train(curve.model, curve.loss, curve.measure, SOME, file=file, about="curve")


def test_a_checkpoint_that_cannot_be_written_says_so_and_the_one_before_stays(tmp_path):
    curve, file = Curve(), tmp_path / "run.safetensors"
    killed_at(5, curve, file)
    kept = file.read_bytes()
    file.with_name(f"{file.name}.coming").mkdir()
    with pytest.raises(BadInput, match="what was there before stays"):
        train(curve.model, curve.loss, curve.measure, SOME, file=file, about="curve")
    assert file.read_bytes() == kept


def test_what_a_budget_in_time_leaves_is_told(tmp_path):
    curve, heard, done = Curve(), [], []
    with watched_by(lambda *told: done.append(told), lambda part, remark: heard.append(remark)):
        train(curve.model, curve.loss, curve.measure, SOME, name="curve")
    assert heard[0].startswith("loss ")
    assert heard[0].endswith(" left")
    assert done[-1] == ("curve", 40, 40)
    assert all(told < total for _, told, total in done[:-2])


def test_the_budget_in_time_is_that_of_all_sittings_together():
    schedule = Schedule(minutes=2, steps=1000)
    assert schedule.share(100, 30) == 0.25
    assert schedule.share(500, 30) == 0.5
    assert schedule.share(10, 500) == 1
    curve = Curve()
    assert train(curve.model, curve.loss, curve.measure, Schedule(minutes=1e-6)).stopped == "time"


def test_the_rate_rises_and_then_falls_to_what_is_to_be_left():
    schedule = Schedule(rate=1.0, warm=0.1, cool=0.5)
    assert [round(schedule.rate_at(share), 3) for share in (0, 0.04, 0.1, 1)] == [0, 0.392, 0.95, 0.5]
    assert Schedule(rate=1.0, warm=0, cool=0).rate_at(0) == 1


def test_what_is_frozen_is_neither_trained_nor_saved(tmp_path):
    curve, file = Curve(), tmp_path / "run.safetensors"
    curve.model[0].requires_grad_(False)
    before = curve.model[0].weight.clone()
    train(curve.model, curve.loss, curve.measure, SOME, file=file)
    assert (curve.model[0].weight == before).all()
    assert b"0.weight" not in file.read_bytes()
    with pytest.raises(BadSetting, match="all of them are frozen"):
        train(curve.model.requires_grad_(False), curve.loss, curve.measure, SOME)


def test_a_loss_or_a_measure_that_is_no_number_is_an_error():
    curve = Curve()
    with pytest.raises(BadSetting, match=r"the loss is nan at step 0; lower the rate, now 0\.05"):
        train(curve.model, lambda step, rng: curve.loss(step, rng) * math.nan, curve.measure, SOME)
    with pytest.raises(BadInput, match="the measure is not a number"):
        train(curve.model, curve.loss, lambda: math.nan, SOME)


@pytest.mark.parametrize(
    ("name", "value"), [("minutes", 0), ("rate", 0), ("steps", 0), ("warm", 1.1), ("every", 0), ("decay", -1)]
)
def test_settings_outside_their_range_are_refused(name, value):
    with pytest.raises(BadSetting, match=name):
        Schedule(**{name: value})


def test_what_others_draw_is_left_as_it_was():
    curve = Curve()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    train(curve.model, curve.loss, curve.measure, SOME)
    assert torch.rand(1) == expected


def test_rows_of_a_round_are_all_the_rows_in_an_order_of_its_own():
    rounds = [np.concatenate([epoch_rows(5 * turn + step, 10, 2, 1) for step in range(5)]).tolist() for turn in range(2)]
    assert sorted(rounds[0]) == sorted(rounds[1]) == list(range(10))
    assert rounds[0] != rounds[1]
    assert epoch_rows(0, 3, 64, 1).tolist() != epoch_rows(1, 3, 64, 1).tolist() or len(epoch_rows(0, 3, 64, 1)) == 3


def test_precision_is_one_of_those_there_are():
    with precise("fp32", torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    with precise("bf16", torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    with pytest.raises(UnknownName, match="did you mean 'bf16'"):
        precise("bf61", torch.device("cpu"))


def test_tensorboard_gets_every_look(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    curve, tracker = Curve(), open_tracker("tensorboard", tmp_path, "curve", {"rate": 0.05})
    trained = train(curve.model, curve.loss, curve.measure, SOME, tracker=tracker)
    tracker.close()
    seen = accumulator.EventAccumulator(str(tmp_path / "curve"))
    seen.Reload()
    assert [event.step for event in seen.Scalars("value")] == [0, 10, 20, 30, 40]
    assert seen.Scalars("value")[-1].value == pytest.approx(trained.points[-1].value)
    assert [event.step for event in seen.Scalars("loss")] == [10, 20, 30, 40]


def test_a_tracker_that_is_not_there_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(BadSetting, match="pip install wandb"):
        open_tracker("wandb", tmp_path, "curve", {})
    with pytest.raises(UnknownName, match="did you mean 'tensorboard'"):
        open_tracker("tensorbord", tmp_path, "curve", {})
