"""A read-out as a document that JSON knows."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from assortment.experiment.readout import Readout


def told(found: Readout) -> dict[str, Any]:
    """Everything of a read-out; what is not finite is None."""
    document = _plain({one.name: getattr(found, one.name) for one in dataclasses.fields(found) if one.name != "experiment"})
    return {**document, "experiment": found.experiment.told, "srm": {**document["srm"], "blocks": found.srm.blocks}}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
