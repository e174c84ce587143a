import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from assortment.core.arrays import strings
from assortment.core.errors import BadInput
from assortment.core.save import load, save


@dataclass(frozen=True, eq=False)
class Thing:
    value: Any


def test_every_kind_of_value_comes_back(tmp_path: Path):
    matrix = sparse.csr_matrix(np.array([[0, 1.5], [2, 0]], np.float32))
    values = Thing(
        (1, 2.5, "é 🎁", None, True, {"a": Thing(3)}, np.arange(3, dtype=np.int8), strings(["猫", None, ""]), matrix)
    )
    save(values, tmp_path / "saved")
    number, real, text, nothing, truth, mapping, array, words, back = load(tmp_path / "saved", [Thing]).value
    assert (number, real, text, nothing, truth) == (1, 2.5, "é 🎁", None, True)
    assert mapping["a"].value == 3
    assert array.dtype == np.int8
    assert array.tolist() == [0, 1, 2]
    assert words.tolist() == ["猫", None, ""]
    assert (back != matrix).nnz == 0


def test_an_array_that_two_parts_share_is_written_once_and_shared_again(tmp_path: Path):
    shared = np.arange(5)
    save(Thing((Thing(shared), Thing(shared))), tmp_path / "saved")
    assert len(list((tmp_path / "saved").glob("*.npy"))) == 1
    first, second = load(tmp_path / "saved", [Thing]).value
    assert first.value is second.value


def test_a_class_that_is_not_known_is_not_loaded(tmp_path: Path):
    save(Thing(1), tmp_path / "saved")
    with pytest.raises(BadInput, match=r"Thing', which is not a known part"):
        load(tmp_path / "saved", [])


def test_a_file_outside_the_folder_is_not_read(tmp_path: Path):
    save(Thing(np.arange(3)), tmp_path / "saved")
    file = tmp_path / "saved" / "structure.json"
    file.write_text(file.read_text().replace('"1.npy"', json.dumps("../1.npy")))
    with pytest.raises(BadInput, match="outside itself"):
        load(tmp_path / "saved", [Thing])


def test_pickled_arrays_are_not_read(tmp_path: Path):
    save(Thing(np.arange(3)), tmp_path / "saved")
    np.save(tmp_path / "saved" / "1.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        load(tmp_path / "saved", [Thing])


@pytest.mark.parametrize(
    ("name", "left"), [("structure.json", b'{"format": 1, "val'), ("1.npy", b""), ("1.npy", b"x"), ("1.npy", None)]
)
def test_a_damaged_file_is_told_with_the_way_out(tmp_path: Path, name: str, left: bytes | None):
    save(Thing(np.arange(3)), tmp_path / "saved")
    (tmp_path / "saved" / name).unlink()
    if left is not None:
        (tmp_path / "saved" / name).write_bytes(left)
    with pytest.raises(BadInput, match=r"is damaged .*; fit it again"):
        load(tmp_path / "saved", [Thing])


def test_an_empty_folder_says_what_is_missing(tmp_path: Path):
    with pytest.raises(BadInput, match="holds nothing saved"):
        load(tmp_path, [Thing])


def test_another_format_is_refused_with_the_way_out(tmp_path: Path):
    save(Thing(1), tmp_path / "saved")
    file = tmp_path / "saved" / "structure.json"
    file.write_text(file.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(BadInput, match="fit it again"):
        load(tmp_path / "saved", [Thing])


def test_a_class_whose_fields_have_changed_since_is_refused_with_the_way_out(tmp_path: Path):
    save(Thing(1), tmp_path / "saved")
    file = tmp_path / "saved" / "structure.json"
    file.write_text(file.read_text().replace('"value": 1', '"worth": 1'))
    with pytest.raises(BadInput, match="of another version of this program; fit it again"):
        load(tmp_path / "saved", [Thing])
