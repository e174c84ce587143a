"""The learned policies of a shop: each a folder of its own, called by its name in the shop's settings."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assortment.core.pipeline import Plan
from assortment.rl.stage import LongRun


def at_home(plan: Plan, folder: Path) -> Plan:
    """A plan whose policies are where they lie, in a folder of the shop; a path stays as it is."""
    return _with(plan, lambda name: str((folder / name).absolute()) if name and "/" not in name else name)


def by_name(plan: Plan, folder: Path) -> Plan:
    """A plan that calls the policies of a folder by their names: the other way round."""
    return _with(plan, lambda path: Path(path).name if path and Path(path).parent == folder.absolute() else path)


def _with(plan: Plan, change: Callable[[str], str]) -> Plan:
    stages = tuple(
        replace(recipe, policy=change(recipe.policy)) if isinstance(recipe, LongRun) else recipe for recipe in plan.stages
    )
    return replace(plan, stages=stages) if any(isinstance(recipe, LongRun) for recipe in stages) else plan
