"""The groups of a shop's people, in words."""

from dataclasses import dataclass

from assortment.portrait.segments import Segment, Segments, level, stability
from assortment.report.words import number, share


@dataclass(frozen=True)
class Groups:
    """How far they can be trusted, and a row of cells for each: name, people, share, takes, prices, interests."""

    said: str
    rows: tuple[tuple[str, ...], ...]


def groups(found: Segments) -> Groups | None:
    """Segments as the page shows them, None where there are none."""
    return Groups(stability(found), tuple(map(_row, found.segments))) if found.segments else None


def _row(segment: Segment) -> tuple[str, ...]:
    traits = "; ".join(f"{trait.label} ×{trait.times:.1f}" for trait in segment.traits)
    people = f"{segment.people:,}"
    return segment.name, people, share(segment.share), number(segment.takes), level(segment.level), traits or "–"
