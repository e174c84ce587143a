"""A run on disk: one safetensors file, whose header holds the numbers, put in place in one step."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from assortment.core.errors import BadInput

FORMAT = "assortment run 1"
PARTS = ("now", "best", "optimiser", "rule")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where a run stands. about: which run it is; seconds: spent so far; points: the looks at the model, each its step,
    seconds, loss and value; now and best: weights by name; optimiser: its state, by `<part> <name>`; rule: what its rule must
    know."""

    about: str
    seconds: float
    points: Sequence[Sequence[Any]]
    now: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    optimiser: Mapping[str, Tensor]
    rule: Mapping[str, Tensor]


def write_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint beside the file, and then put it in its place: a reader finds the one before or this one, whole."""
    tensors = {f"{part}/{name}": tensor for part in PARTS for name, tensor in getattr(checkpoint, part).items()}
    numbers = {"about": checkpoint.about, "seconds": checkpoint.seconds, "points": checkpoint.points}
    write_tensors(file, tensors, {"format": FORMAT, "numbers": json.dumps(numbers)})


def write_tensors(file: Path, tensors: Mapping[str, Tensor], header: Mapping[str, str]) -> None:
    """Write tensors as safetensors, in one step."""
    coming = file.with_name(f"{file.name}.coming")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}, coming, dict(header))
        with coming.open("rb") as handle:
            os.fsync(handle.fileno())
        coming.replace(file)
    except (OSError, SafetensorError) as error:
        raise BadInput(f"{file} cannot be written ({error}); see to its disk; what was there before stays") from error


def read_checkpoint(file: Path) -> Checkpoint:
    """What `write_checkpoint` wrote; raises `BadInput` for anything else."""
    try:
        with safe_open(file, "pt") as opened:
            header = opened.metadata() or {}
            if header.get("format") != FORMAT:
                raise BadInput(f"{file} is no checkpoint of this version; delete it to begin anew")
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        numbers = json.loads(header["numbers"])
        parts = {part: _of(part, tensors) for part in PARTS}
        return Checkpoint(numbers["about"], numbers["seconds"], numbers["points"], **parts)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{file} is damaged ({error}); delete it to begin anew") from error


def _of(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(f"{part}/"): tensor for name, tensor in tensors.items() if name.startswith(f"{part}/")}
