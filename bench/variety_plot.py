"""The curves that `variety.py` or `pipeline_variety.py` measured on validation, as a picture: NDCG@10 against redundancy.

python bench/variety_plot.py RESULT.json OUT.svg
"""

import json
import sys
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from assortment.evaluate.frontier import frontier

WIDE, HIGH, LEFT, BELOW, KEYS = 620, 400, 70, 50, 250
NEAR = 0.9
COLOURS = ("#0b6e4f", "#c8553d", "#3d5a98", "#b8860b", "#7b4f9d", "#2f8f9d", "#8a6d3b", "#555555")


def curves(points: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """By system its front [m, 2] of redundancy and NDCG@10, from relevance only on, the one that reaches most first."""
    base = points[0]
    floor = NEAR * base["NDCG@10"]
    found = {}
    for name in dict.fromkeys(point["system"] for point in points[1:]):
        of = np.array([(p["redundancy"], p["NDCG@10"]) for p in [base, *points] if p["system"] in (name, base["system"])])
        front = of[frontier(np.stack([of[:, 1], -of[:, 0]], 1))]
        found[name] = front[front[:, 1] >= floor]
    return dict(sorted(found.items(), key=lambda curve: curve[1][:, 0].min()))


def drawn(told: dict[str, Any]) -> str:
    lines = curves(told["points"])
    every = np.concatenate(list(lines.values()))
    (x0, y0), (x1, y1) = every.min(0), every.max(0)

    def at(point: np.ndarray) -> str:
        x = LEFT + (point[0] - x0) / (x1 - x0) * (WIDE - 20)
        return f"{x:.1f},{20 + (y1 - point[1]) / (y1 - y0) * (HIGH - 20):.1f}"

    parts = [f'<text x="{LEFT}" y="{HIGH + BELOW - 8}">redundancy, the mean cosine of the pairs, {x0:.3f} to {x1:.3f}</text>']
    parts.append(f'<text x="16" y="{HIGH - 40}" transform="rotate(-90 16,{HIGH - 40})">NDCG@10, {y0:.4f} to {y1:.4f}</text>')
    parts.append(f'<path d="M{LEFT},16 V{HIGH + 4} H{LEFT + WIDE}" fill="none" stroke="#999"/>')
    for place, (name, curve) in enumerate(lines.items()):
        colour = COLOURS[place] if place < len(COLOURS) else "#bbbbbb"
        dash = ' stroke-dasharray="5 3"' if name.startswith("pyversity") else ""
        path = " ".join(at(point) for point in curve)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dash}/>')
        y = 24 + 16 * place
        parts.append(f'<path d="M{LEFT + WIDE + 10},{y - 4} h22" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<text x="{LEFT + WIDE + 38}" y="{y}">{escape(name)}</text>')
    size = f'viewBox="0 0 {LEFT + WIDE + KEYS} {max(HIGH + BELOW, 24 + 16 * len(lines))}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="#222">'
    title = f"<title>{escape(told['split'])}, validation, {told['people']} people: NDCG@10 against redundancy</title>"
    return "\n".join([head, title, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(drawn(json.loads(Path(sys.argv[1]).read_text())))
