"""A training run as one function: a budget, one measure that decides, checkpoints, and the same run on after it was killed."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from assortment.core.errors import BadInput, BadSetting
from assortment.core.progress import tell
from assortment.learn.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from assortment.learn.compute import drawing, threads
from assortment.learn.schedule import Point, Schedule, Trained, best
from assortment.learn.track import UNTRACKED, Tracker

Loss: TypeAlias = Callable[[int, np.random.Generator], Tensor]
"""The loss of a step by its number, from 0. What it draws it takes from the generator, which follows from seed and step."""

Measured: TypeAlias = Callable[[], float]
"""How good the model is as it stands, higher being better."""


class Rule(Protocol):
    """What happens after each step beside the optimiser's, such as a rank given to one matrix and taken from another."""

    def after(self, step: int, share: float) -> None:
        """share: how much of the budget is spent, 0 … 1; gradients of the step are still there."""

    def state(self) -> Mapping[str, Tensor]:
        """What must be known for the run to go on."""
        ...

    def restore(self, state: Mapping[str, Tensor]) -> None: ...


@dataclass(frozen=True)
class _NoRule:
    def after(self, step: int, share: float) -> None:
        """Nothing."""

    def state(self) -> Mapping[str, Tensor]:
        return {}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Nothing."""


NO_RULE = _NoRule()


def train(
    model: nn.Module,
    loss: Loss,
    measure: Measured,
    schedule: Schedule,
    *,
    name: str = "train",
    file: Path | None = None,
    about: str = "",
    tracker: Tracker = UNTRACKED,
    rule: Rule = NO_RULE,
    clock: Callable[[], float] = time.monotonic,
) -> Trained:
    """Train the parameters of a model that want gradients, and leave it with those that measured best.

    The loss is called with the model in training mode, the measure in evaluation mode and without gradients. name: what the
    bar is called; file: where the run is saved at every look, and goes on from where there is one: a run that was killed ends
    as if it had not been; about: what makes a run another (settings, data); a file of another is refused; clock: by which the
    minutes are counted, in seconds. Raises `BadSetting` where the loss is no longer a number, and `BadInput` for a file that is
    damaged or of another run.

    What a step draws (from the generator, and in torch) follows from the seed and its number. A budget in minutes ends a
    run at other steps on a faster machine; one in steps does not.

    >>> import torch
    >>> line, x = torch.nn.Linear(1, 1), torch.linspace(-1, 1, 20)[:, None]
    >>> def error(): return ((line(x) - 3 * x) ** 2).mean()
    >>> trained = train(line, lambda step, rng: error(), lambda: -float(error()), Schedule(steps=200, rate=0.1, decay=0))
    >>> trained.stopped, trained.best.value > -0.01
    ('all steps', True)
    """
    run = _Run(model, schedule, rule, clock)
    with threads(schedule.threads):
        if file is not None and file.exists():
            run.go_on(read_checkpoint(file), about, file)
        else:
            run.look(measure)
            _note(run, file, about, tracker)
        for _ in _steps(run, name):
            run.step(loss)
            if run.at % schedule.every == 0:
                run.look(measure)
                _note(run, file, about, tracker)
        if run.points[-1].step < run.at:
            run.look(measure)
            _note(run, file, about, tracker)
        run.take_best()
    return Trained(run.points, run.stopped or "")


def _steps(run: "_Run", name: str) -> Iterator[None]:
    """A turn for each step that is left to make; tells how far the run is."""
    while run.stopped is None:
        yield
        share = run.share
        total = max(run.at + 1, round(run.at / share)) if share else run.at + 1
        tell(name, run.at, total, _remark(run, share))
    tell(name, max(run.at, 1), max(run.at, 1))


def _remark(run: "_Run", share: float) -> str:
    """How the run goes: `loss 0.6931, best 0.0412, 4 min left`."""
    loss = "" if run.loss is None else f"loss {run.loss:.4f}, "
    return f"{loss}best {best(run.points).value:.4f}, {_left(run.seconds, share)} left"


def _left(seconds: float, share: float) -> str:
    """The time that the rest of the budget will take.

    >>> _left(60, 0.25), _left(3, 0.5)
    ('3 min', '3 s')
    """
    left = seconds * (1 / share - 1) if share else math.inf
    return f"{left / 60:.0f} min" if left >= 100 else f"{left:.0f} s"


def _note(run: "_Run", file: Path | None, about: str, tracker: Tracker) -> None:
    """Save the run as it stands, and show its numbers."""
    point = run.points[-1]
    values = {"value": point.value, "rate": run.schedule.rate_at(run.share), "seconds": point.seconds}
    tracker.track(point.step, values if point.loss is None else values | {"loss": point.loss})
    if file is not None:
        write_checkpoint(file, run.checkpoint(about))


@dataclass(eq=False)
class _Run:
    """A run as it stands: the only thing here that changes."""

    model: nn.Module
    schedule: Schedule
    rule: Rule
    clock: Callable[[], float]
    at: int = 0
    points: tuple[Point, ...] = ()
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.weights = {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}
        if not self.weights:
            raise BadSetting("the model has no parameter to train; all of them are frozen")
        matrices = [weight for weight in self.weights.values() if weight.ndim > 1]
        others = [weight for weight in self.weights.values() if weight.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": self.schedule.decay}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW([group for group in groups if group["params"]], lr=self.schedule.rate)
        self.best = self._copy()
        self.began, self.before = self.clock(), 0.0

    @property
    def seconds(self) -> float:
        """Spent, before the run was killed too."""
        return self.before + self.clock() - self.began

    @property
    def share(self) -> float:
        return self.schedule.share(self.at, self.seconds)

    @property
    def loss(self) -> float | None:
        """The mean since the last look."""
        return float(np.mean(self.losses)) if self.losses else None

    @property
    def stopped(self) -> str | None:
        """Why the run is at its end, None where it is not."""
        if self.at >= self.schedule.steps:
            return "all steps"
        if self.points and self.points[-1].step == self.at and self._idle >= self.schedule.patience:
            return "no better"
        return "time" if self.share >= 1 else None

    @property
    def _idle(self) -> int:
        """How many looks there were since the best."""
        return len(self.points) - 1 - self.points.index(best(self.points))

    def step(self, loss: Loss) -> None:
        share = self.schedule.share(self.at + 0.5, self.seconds)
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate_at(share)
        self.model.train()
        with drawing(self.schedule.seed, self.at):
            value = loss(self.at, np.random.default_rng([self.schedule.seed, self.at]))
        if not torch.isfinite(value):
            way_out = f"lower the rate, now {self.schedule.rate:g}"
            raise BadSetting(f"the loss is {float(value.detach())} at step {self.at}; {way_out}")
        self.optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(list(self.weights.values()), self.schedule.clip)
        self.optimiser.step()
        self.rule.after(self.at, share)
        self.losses.append(float(value.detach()))
        self.at += 1

    def look(self, measure: Measured) -> None:
        self.model.eval()
        with torch.no_grad():
            value = measure()
        if math.isnan(value):
            raise BadInput(f"the measure is not a number after {self.at} steps; is there anything to measure on?")
        known = best(self.points).value if self.points else -math.inf
        self.points = (*self.points, Point(self.at, self.seconds, self.loss, value))
        self.losses.clear()
        if value > known:
            self.best = self._copy()

    def checkpoint(self, about: str) -> Checkpoint:
        points = [[point.step, point.seconds, point.loss, point.value] for point in self.points]
        state = self.optimiser.state
        return Checkpoint(
            about=about,
            seconds=self.seconds,
            points=points,
            now={name: weight.detach() for name, weight in self.weights.items()},
            best=self.best,
            optimiser={f"{part} {name}": value for name, w in self.weights.items() for part, value in state.get(w, {}).items()},
            rule=self.rule.state(),
        )

    def go_on(self, kept: Checkpoint, about: str, file: Path) -> None:
        """Take everything from a checkpoint."""
        if kept.about != about or set(kept.now) != set(self.weights):
            runs = f"({kept.about or 'unnamed'}, not {about or 'unnamed'})"
            raise BadInput(f"{file} is of another run {runs}; delete it to begin anew")
        self.points = tuple(Point(int(step), seconds, loss, value) for step, seconds, loss, value in kept.points)
        self.at, self.before, self.began = self.points[-1].step, kept.seconds, self.clock()
        self._put(kept.now)
        self.best = dict(kept.best)
        for key, value in kept.optimiser.items():
            part, _, name = key.partition(" ")
            self.optimiser.state[self.weights[name]][part] = value
        self.rule.restore(kept.rule)

    def take_best(self) -> None:
        self._put(self.best)
        self.model.eval()

    def _copy(self) -> dict[str, Tensor]:
        return {name: weight.detach().clone() for name, weight in self.weights.items()}

    def _put(self, weights: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(weights[name])


def epoch_rows(step: int, n: int, batch: int, seed: int) -> np.ndarray:
    """The rows of a step when n rows are gone through in another order each time, `batch` at a time; what is left over at the
    end of a round is in none of it. Follows from the step and the seed alone.

    >>> sorted(np.concatenate([epoch_rows(step, 6, 2, seed=1) for step in (3, 4, 5)]).tolist())
    [0, 1, 2, 3, 4, 5]
    """
    batch = min(batch, n)
    turn, place = divmod(step, n // batch)
    return np.random.default_rng([seed, turn, n]).permutation(n)[place * batch : (place + 1) * batch]
