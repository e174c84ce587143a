"""What watches a run: its numbers, step by step, in a tool that draws them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from assortment.core.errors import BadSetting, did_you_mean


class Tracker(Protocol):
    """Is given the numbers of a run, by name, at some of its steps, and told when there are no more."""

    def track(self, step: int, values: Mapping[str, float]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Untracked:
    """Nobody draws the run."""

    def track(self, step: int, values: Mapping[str, float]) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


UNTRACKED = Untracked()


@dataclass(frozen=True, eq=False)
class TensorBoard:
    """Event files, which `tensorboard --logdir` draws. writer: a SummaryWriter of torch."""

    writer: Any

    def track(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)
        self.writer.flush()

    def close(self) -> None:
        self.writer.close()


@dataclass(frozen=True, eq=False)
class WandB:
    """Weights & Biases. run: as `wandb.init` gives it."""

    run: Any

    def track(self, step: int, values: Mapping[str, float]) -> None:
        self.run.log(dict(values), step=step)

    def close(self) -> None:
        self.run.finish()


@dataclass(frozen=True, eq=False)
class MLflow:
    """MLflow. client: an MlflowClient; run: the id of the run."""

    client: Any
    run: str

    def track(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.client.log_metric(self.run, name, value, step=step)

    def close(self) -> None:
        self.client.set_terminated(self.run)


def open_tracker(name: str, folder: Path, run: str, settings: Mapping[str, Any]) -> Tracker:
    """What draws a run.

    name: `none`; `tensorboard`, which writes into folder; `wandb`, which writes there and sends only where WANDB_MODE is
    `online`; `mlflow`, which writes into `mlflow.db` there or, where MLFLOW_TRACKING_URI is set, to it. run: how the run is
    called; settings: what it was asked. Raises `BadSetting` where the tool is not installed.
    """
    if name not in TRACKERS:
        raise did_you_mean("tracker", name, TRACKERS)
    opened = _OPENED.get(name)
    return opened(folder, run, settings) if opened else UNTRACKED


def _tensorboard(folder: Path, run: str, settings: Mapping[str, Any]) -> Tracker:
    _installed("tensorboard", "tensorboard")
    writer = import_module("torch.utils.tensorboard").SummaryWriter(str(folder / run))
    writer.add_text("settings", "\n".join(f"    {name} = {value}" for name, value in settings.items()))
    return TensorBoard(writer)


def _wandb(folder: Path, run: str, settings: Mapping[str, Any]) -> Tracker:
    wandb = _installed("wandb", "wandb")
    mode = os.environ.get("WANDB_MODE", "offline")
    folder.mkdir(parents=True, exist_ok=True)
    began = wandb.init(
        project="assortment", id=run, name=run, dir=str(folder), config=dict(settings), mode=mode, resume="allow"
    )
    return WandB(began)


def _mlflow(folder: Path, run: str, settings: Mapping[str, Any]) -> Tracker:
    mlflow = _installed("mlflow", "mlflow")
    folder.mkdir(parents=True, exist_ok=True)
    where = os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{folder.absolute() / 'mlflow.db'}")
    client = mlflow.MlflowClient(tracking_uri=where)
    experiment = client.get_experiment_by_name("assortment")
    number = experiment.experiment_id if experiment else client.create_experiment("assortment")
    began = client.create_run(number, run_name=run).info.run_id
    for key, value in settings.items():
        client.log_param(began, key, value)
    return MLflow(client, began)


def _installed(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise BadSetting(f"tracking by {module} needs it installed: pip install {package}") from error


_OPENED: Mapping[str, Callable[[Path, str, Mapping[str, Any]], Tracker]] = {
    "tensorboard": _tensorboard,
    "wandb": _wandb,
    "mlflow": _mlflow,
}

TRACKERS = ("none", *_OPENED)
