"""The tuned encoders of a shop: each a folder of its own, called by its name."""

import re
from pathlib import Path

from assortment import kept
from assortment.core.errors import BadSetting, did_you_mean
from assortment.core.pipeline import Plan
from assortment.finetune.result import Finetuned
from assortment.parts import with_encoders
from assortment.retrieve.semantic import Semantic
from assortment.understand.embed import Embed

KIND = "tuned:"
"""How the settings of a shop speak of its tuned encoders: `tuned:NAME`."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def encoders(folder: Path) -> dict[str, Finetuned]:
    """What was tuned into a folder, by name; runs that are not at their end are left out."""
    files = sorted(folder.glob("*/finetuned.json"))
    again = f"assortment finetune {folder.parent}"
    return {file.parent.name: kept.read(file, Finetuned, again) for file in files}


def place(folder: Path, name: str | None, method: str) -> Path:
    """Where a run called so is kept; without a name, that of a run by the method that was not finished, or a new one."""
    if name is None:
        numbers = range(1, 10_000)
        return next(folder / f"{method}-{n}" for n in numbers if not (folder / f"{method}-{n}" / "finetuned.json").exists())
    if not _NAME.fullmatch(name) or name.endswith(".coming"):
        raise BadSetting(f"'{name}' is no name for an encoder; take letters, digits, dots and dashes")
    if (folder / name / "finetuned.json").exists():
        raise BadSetting(f"there is an encoder '{name}' already; take another name, or delete {folder / name}")
    return folder / name


def based_on(base: str, serving: str) -> str:
    """The encoder that is tuned: for `auto` the one that serves, or pkg:minilm where that cannot be trained."""
    if base != "auto":
        return base
    return serving if serving.startswith(("pkg:", "hf:")) else "pkg:minilm"


def at_home(plan: Plan, folder: Path) -> Plan:
    """A plan whose tuned encoders are where they lie; raises `UnknownName` for one that is not there."""
    return with_encoders(plan, lambda _, spec: f"onnx:{_folder(spec, folder)}" if spec.startswith(KIND) else spec)


def by_name(plan: Plan, folder: Path) -> Plan:
    """A plan that calls the tuned encoders of a folder by their names: the other way round."""
    return with_encoders(plan, lambda _, spec: _spec(spec, folder))


def _folder(spec: str, folder: Path) -> Path:
    name = spec.removeprefix(KIND)
    names = [file.parent.parent.name for file in folder.glob("*/onnx/model.onnx")]
    if name not in names:
        raise did_you_mean("tuned encoder", name, names)
    return (folder / name / "onnx").absolute()


def _spec(spec: str, folder: Path) -> str:
    where = Path(spec.removeprefix("onnx:"))
    return f"{KIND}{where.parent.name}" if spec.startswith("onnx:") and where.parent.parent == folder.absolute() else spec


def served(plan: Plan, spec: str, words: bool) -> Plan:
    """A plan, its tuned encoders called by their names, that compares goods by another encoder.

    words: the encoder has learnt from words too, and compares them with goods; where it has not, what was tuned no longer reads
    them. Raises `BadSetting` for a plan that embeds nothing.
    """
    if not any(isinstance(recipe, Embed) for recipe in plan.understand):
        raise BadSetting("the plan has no 'embed', so no encoder compares goods; add it to what is understood")

    def change(part: type, before: str) -> str:
        if part is Embed or (part is Semantic and words):
            return spec
        return Semantic.encoder if part is Semantic and before.startswith(KIND) else before

    return with_encoders(plan, change)
