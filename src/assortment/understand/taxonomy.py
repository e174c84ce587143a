"""A tree of categories, read from a file that the shop names."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from assortment.core.arrays import Rows
from assortment.core.errors import BadInput

STEP = " > "
"""What stands between the steps of a path."""

DEEPEST = 20
"""Steps that a path may have."""


@dataclass(frozen=True)
class Taxonomy:
    """Paths such as `Home > Kitchen`, a parent always before its children, none twice.

    >>> tree = Taxonomy(("Home", "Home > Kitchen", "Toys"))
    >>> tree.parents.tolist(), tree.leaves.tolist()
    ([-1, 0, -1], [1, 2])
    """

    paths: Sequence[str]

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def _row(self) -> Mapping[str, int]:
        return {path: row for row, path in enumerate(self.paths)}

    @cached_property
    def parents(self) -> Rows:
        """[m] the row of each path's parent, -1 where it has none."""
        return np.array([self._row.get(path.rpartition(STEP)[0], -1) for path in self.paths], np.int64)

    @cached_property
    def families(self) -> Sequence[tuple[int, Rows]]:
        """Each row that others stand under, -1 for the top, and the rows of its children; parents before their children."""
        order = np.argsort(self.parents, kind="stable")
        found, starts = np.unique(self.parents[order], return_index=True)
        return list(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(order) else []

    @cached_property
    def leaves(self) -> Rows:
        """The rows of the paths that nothing stands under."""
        return np.setdiff1d(np.arange(len(self.paths)), self.parents)


def grown(paths: Sequence[str]) -> Taxonomy:
    """The tree of some paths, with the parents that they leave out; in the order of the paths.

    >>> grown(["Home > Kitchen", "Toys"]).paths
    ('Home', 'Home > Kitchen', 'Toys')
    """
    known: dict[str, None] = {}
    for path in paths:
        steps = path.split(STEP)
        known.update(dict.fromkeys(STEP.join(steps[:n]) for n in range(1, len(steps) + 1)))
    return Taxonomy(tuple(known))


def tidy(path: str) -> str:
    """A path with its steps trimmed and set apart as ours are.

    >>> tidy("Home>Kitchen  > Mugs ")
    'Home > Kitchen > Mugs'
    """
    return STEP.join(" ".join(step.split()) for step in path.split(">"))


def read_taxonomy(file: Path | str) -> Taxonomy:
    """Read the shop's own tree, or Google's product taxonomy.

    A text file has one path to a line, `Home > Kitchen > Mugs`, with or without `123 - ` before it; lines that begin with `#`
    are remarks. A CSV or TSV file has the columns `id`, `parent` and `name`; a JSON file is the tree itself, as in
    `{"Home": {"Kitchen": ["Mugs", "Plates"]}}`. Raises `BadInput`, with the line, for a file that is empty, a path that stands
    twice, a step without a name, a parent that does not exist, and a category that is its own ancestor.
    """
    file = Path(file)
    text = _text(file)
    if not text.strip():
        raise BadInput(f"{file} is empty; it should have one path to a line, as in Home > Kitchen > Mugs")
    if text.lstrip()[0] in "{[":
        paths = _from_json(file, text)
    elif _is_table(text):
        paths = _from_table(file, text)
    else:
        paths = _from_lines(file, text)
    if not paths:
        raise BadInput(f"{file} names no category; it should have one path to a line, as in Home > Kitchen > Mugs")
    for path in paths:
        if path.count(STEP) >= DEEPEST:
            raise BadInput(f"{file}: {path[:80]}… has more than {DEEPEST} steps")
        if "|" in path:
            raise BadInput(f"{file}: {path} has a '|', which stands between labels; write / instead")
    return grown(paths)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput(f"the taxonomy {file} does not exist") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the taxonomy {file} is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise BadInput(f"the taxonomy {file} cannot be read: {error.strerror}") from error


def _from_lines(file: Path, text: str) -> list[str]:
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        path = tidy(_unnumbered(line))
        _check(file, number, path)
        if path in seen:
            raise BadInput(f"{file}, line {number}: {path} stands twice, first on line {seen[path]}; remove one")
        seen[path] = number
    return list(seen)


def _unnumbered(line: str) -> str:
    """A line less the number of Google's before it."""
    number, dash, rest = line.partition(" - ")
    return rest if dash and number.strip().isdigit() else line


def _check(file: Path, number: int, path: str) -> None:
    """Raise for a step without a name, and for one that stands under itself, as `A > B > A` does."""
    steps = path.split(STEP)
    if not all(steps):
        raise BadInput(f"{file}, line {number}: a step of '{path}' has no name")
    again = next((step for place, step in enumerate(steps) if step in steps[:place]), None)
    if again is not None:
        raise BadInput(f"{file}, line {number}: '{again}' stands under itself in '{path}'; that is a cycle")


def _is_table(text: str) -> bool:
    return {"id", "parent", "name"} <= {name.strip().lower() for name in next(_rows(text), [])}


def _rows(text: str) -> Iterator[list[str]]:
    separator = "\t" if "\t" in text.partition("\n")[0] else ","
    return csv.reader(text.splitlines(), delimiter=separator)


def _from_table(file: Path, text: str) -> list[str]:
    rows = list(_rows(text))
    place = {name.strip().lower(): column for column, name in enumerate(rows[0])}
    names: dict[str, str] = {}
    parents: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        if len(row) != len(rows[0]):
            raise BadInput(f"{file}, line {number}: {len(row)} fields; there should be {len(rows[0])}")
        id, parent, name = (" ".join(row[place[column]].split()) for column in ("id", "parent", "name"))
        if id in names:
            raise BadInput(f"{file}, line {number}: the id {id} stands twice; remove one")
        if not id or not name:
            raise BadInput(f"{file}, line {number}: a category has no {'name' if id else 'id'}")
        names[id], parents[id] = name.replace(">", "/"), parent
    paths = [_path(file, id, names, parents) for id in names]
    if len(set(paths)) < len(paths):
        twice = next(path for path, count in Counter(paths).items() if count > 1)
        raise BadInput(f"{file}: {twice} stands twice; give one of them another name")
    return paths


def _path(file: Path, id: str, names: Mapping[str, str], parents: Mapping[str, str]) -> str:
    """The path of a category, upwards from it; raises for a parent that is not there and for a cycle."""
    chain = [id]
    while parents[chain[-1]]:
        above = parents[chain[-1]]
        if above not in names:
            raise BadInput(f"{file}: the parent {above} of {names[chain[-1]]} does not exist")
        if above in chain:
            cycle = STEP.join(names[one] for one in [*chain[chain.index(above) :], above])
            raise BadInput(f"{file}: a cycle: {cycle}; a category cannot be its own ancestor")
        chain.append(above)
    return STEP.join(names[one] for one in reversed(chain))


def _from_json(file: Path, text: str) -> list[str]:
    try:
        tree = json.loads(text, object_pairs_hook=lambda pairs: _unique(file, pairs))
    except json.JSONDecodeError as error:
        raise BadInput(f"{file}, line {error.lineno}, column {error.colno}: broken JSON: {error.msg}") from error
    paths = list(_branches(file, tree, ()))
    for path in paths:
        _check(file, 1, path)
    return paths


def _unique(file: Path, pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"{file}: {name} stands twice under one parent; remove one")
    return dict(pairs)


def _branches(file: Path, tree: object, above: tuple[str, ...]) -> Iterator[str]:
    """The paths of a JSON tree, parents first."""
    if isinstance(tree, dict):
        branches: list[tuple[object, object]] = list(tree.items())
    elif isinstance(tree, list):
        branches = [(leaf, None) for leaf in tree]
    elif tree is None:
        return
    else:
        branches = [(tree, None)]
    if len(above) > DEEPEST:
        raise BadInput(f"{file}: {STEP.join(above[:3])} … has more than {DEEPEST} steps")
    for name, under in branches:
        if not isinstance(name, str):
            raise BadInput(f"{file}: {json.dumps(name)[:40]} under '{STEP.join(above)}' is no name of a category")
        here = (*above, " ".join(name.replace(">", "/").split()))
        yield STEP.join(here)
        yield from _branches(file, under, here)
