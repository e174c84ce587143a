"""What smaller encoders are worth: how fast each is, and what it finds."""

from dataclasses import dataclass

from assortment.compress.compressed import LOSS, Compressed, Look, Row
from assortment.report.plots import Dot, Line, Plot, around, axis, placed
from assortment.report.words import between, number, written


@dataclass(frozen=True)
class Smaller:
    """said: what became of it; plot: NDCG over speed; rows: every encoder, whether it was kept, and its numbers."""

    said: tuple[str, ...]
    plot: Plot
    rows: tuple[tuple[str, bool | None, tuple[str, ...]], ...]


def smaller(found: Compressed) -> Smaller:
    """What there is to show of a compression."""
    return Smaller(_said(found), _plot(found), tuple((row.name, row.passed, _cells(row, found.rows[0])) for row in found.rows))


def _said(found: Compressed) -> tuple[str, ...]:
    if found.encoder is None:
        return (f"No step keeps {number(100 * (1 - LOSS))} % of the NDCG of the semantic part; the encoder stays.",)
    looks = ((name, look) for name, look in (("validation", found.validation), ("test", found.test)) if look)
    verdict = "It serves from the next fit on." if found.kept else "That is too much, so the encoder stays."
    told = "; ".join(_looked(name, look) for name, look in looks)
    return f"With the smallest that was kept, the whole pipeline goes {told}.", verdict


def _looked(name: str, look: Look) -> str:
    moved = look.change
    return (
        f"from {written(look.before.mean, 4)} to {written(look.after.mean, 4)} of {look.before.name} on {name}, "
        f"{look.people:,} people (person by person between {written(moved.low, 4, '+')} and {written(moved.high, 4, '+')})"
    )


def _plot(found: Compressed) -> Plot:
    """Up is better, and so is right; below the dashed line lies what loses too much."""
    served = found.rows[2] if len(found.rows) > 2 else found.rows[0]
    x = axis("titles per second of processor", [row.speed for row in found.rows], zero=True)
    floor = (1 - LOSS) * served.ndcg.mean
    y = axis(f"NDCG@{found.k}", [floor, *(row.ndcg.mean for row in found.rows)])
    dots = [_dot(row, "shop" if row.passed else "other" if row.passed is None else "pale") for row in found.rows]
    words = [around(row.speed, row.ndcg.mean, row.name, kind="loud" if row.passed else "other") for row in found.rows]
    return Plot(
        f"{y.title} over speed for {len(found.rows)} encoders",
        x,
        y,
        260,
        lines=(Line(((x.low, floor), (x.high, floor)), "floor"),),
        dots=tuple(dots),
        words=placed(words, x, y, 260, dots),
    )


def _dot(row: Row, kind: str) -> Dot:
    return Dot(row.speed, row.ndcg.mean, 5, kind, f"{row.name}: {row.ndcg.mean:.4f} at {row.speed:.0f} titles a second")


def _cells(row: Row, first: Row) -> tuple[str, ...]:
    return (
        written(row.megabytes, 1),
        written(row.speed, 0),
        f"{written(row.speed / first.speed, 1)} ×",
        written(row.ndcg.mean, 4),
        between(row.change),
    )
