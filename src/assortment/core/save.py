"""Save and load what was fitted, without pickle: a JSON of the structure beside one `.npy` file per array.

What is loaded may hold only the classes named to `load`; a file cannot bring code of its own.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from assortment.core.arrays import strings
from assortment.core.errors import AssortmentError, BadInput

FORMAT = 1


def save(value: object, folder: Path) -> None:
    """Write a fitted stage, a pipeline or any tree of frozen dataclasses into a new folder."""
    folder.mkdir(parents=True)
    writer = _Writer(folder)
    structure = {"format": FORMAT, "value": writer.write(value)}
    (folder / "structure.json").write_text(json.dumps(structure, ensure_ascii=False, indent=1))


def load(folder: Path, known: Iterable[type]) -> Any:
    """Read what `save` wrote. known: the classes that it may hold; raises `BadInput` for any other, and for damaged files."""
    try:
        return _loaded(folder, known)
    except AssortmentError:
        raise
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise BadInput(f"{folder} is damaged ({error}); fit it again") from error


def _loaded(folder: Path, known: Iterable[type]) -> Any:
    file = folder / "structure.json"
    if not file.exists():
        raise BadInput(f"{folder} holds nothing saved: {file.name} is missing")
    structure = json.loads(file.read_text())
    if structure.get("format") != FORMAT:
        raise BadInput(f"{folder} was saved in format {structure.get('format')}; this version reads {FORMAT}; fit it again")
    return _Reader(folder, {_class_name(cls): cls for cls in known}).read(structure["value"])


def _class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


class _Writer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: dict[int, tuple[np.ndarray, Any]] = {}

    def write(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, np.ndarray):
            return self._strings(value) if value.dtype == object else {"array": self._file(value)}
        if isinstance(value, sparse.csr_matrix):
            parts = {name: self._file(getattr(value, name)) for name in ("data", "indices", "indptr")}
            return {"sparse": {**parts, "shape": list(value.shape)}}
        if isinstance(value, np.generic):
            return value.item()
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            kept = [field.name for field in dataclasses.fields(value) if field.init]
            fields = {name: self.write(getattr(value, name)) for name in kept}
            return {"class": _class_name(type(value)), "fields": fields}
        if isinstance(value, Mapping):
            return {"mapping": [[self.write(key), self.write(entry)] for key, entry in value.items()]}
        if isinstance(value, Sequence):
            return [self.write(entry) for entry in value]
        raise TypeError(f"a {type(value).__name__} cannot be saved")

    def _file(self, array: np.ndarray) -> str:
        """The name of the file that holds an array; one that several parts share is written once."""
        if id(array) not in self.written:
            name = f"{len(self.written) + 1}.npy"
            np.save(self.folder / name, array, allow_pickle=False)
            self.written[id(array)] = (array, name)
        return self.written[id(array)][1]

    def _strings(self, array: np.ndarray) -> Any:
        """Strings as the bytes of a JSON list, in a file of their own."""
        if id(array) not in self.written:
            text = json.dumps(array.tolist(), ensure_ascii=False).encode("utf-8", "surrogatepass")
            self.written[id(array)] = (array, self._file(np.frombuffer(text, np.uint8)))
        return {"strings": self.written[id(array)][1]}


class _Reader:
    def __init__(self, folder: Path, known: Mapping[str, type]) -> None:
        self.folder = folder
        self.known = known
        self.arrays: dict[str, np.ndarray] = {}

    def read(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(self.read(entry) for entry in value)
        if not isinstance(value, dict):
            return value
        ((tag, held), *rest) = value.items()
        if tag == "array":
            return self._array(held)
        if tag == "strings":
            return self._strings(held)
        if tag == "sparse":
            parts = tuple(self._array(held[name]) for name in ("data", "indices", "indptr"))
            return sparse.csr_matrix(parts, shape=tuple(held["shape"]))
        if tag == "mapping":
            return {self.read(key): self.read(entry) for key, entry in held}
        if tag == "class":
            return self._instance(held, dict(rest)["fields"])
        raise BadInput(f"{self.folder} holds an unknown mark '{tag}'; it was not written by this version")

    def _array(self, name: str) -> np.ndarray:
        if Path(name).name != name:
            raise BadInput(f"{self.folder} names a file outside itself: {name}")
        if name not in self.arrays:
            self.arrays[name] = np.load(self.folder / name, allow_pickle=False)
        return self.arrays[name]

    def _strings(self, name: str) -> np.ndarray:
        if name not in self.arrays:
            values = json.loads(np.load(self.folder / name).tobytes().decode("utf-8", "surrogatepass"))
            self.arrays[name] = strings(values)
        return self.arrays[name]

    def _instance(self, name: str, fields: Mapping[str, Any]) -> Any:
        if name not in self.known:
            raise BadInput(f"{self.folder} holds a '{name}', which is not a known part; it is not loaded")
        kept = {field.name for field in dataclasses.fields(self.known[name]) if field.init}
        if kept != set(fields):
            raise BadInput(f"{self.folder} holds a '{name}' of another version of this program; fit it again")
        return self.known[name](**{field: self.read(entry) for field, entry in fields.items()})
