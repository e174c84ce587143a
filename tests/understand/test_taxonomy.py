"""Trees of categories, and the files that are none."""

import pytest

from assortment.core.errors import BadInput
from assortment.understand.taxonomy import grown, read_taxonomy


def _read(folder, text: str, name: str = "tree.txt"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return read_taxonomy(file)


def test_googles_lines_are_read_with_their_numbers_and_without(tmp_path):
    numbered = _read(tmp_path, "# Google_Product_Taxonomy_Version: 2021\n1 - Home\n2 - Home > Kitchen - Bar\n")
    assert numbered.paths == ("Home", "Home > Kitchen - Bar") == _read(tmp_path, "Home\nHome>Kitchen - Bar").paths


def test_the_same_tree_from_lines_a_table_and_json(tmp_path):
    lines = _read(tmp_path, "Home > Kitchen > Mugs\nHome > Kitchen > Pans\nToys\n")
    table = _read(tmp_path, "id,parent,name\n3,2,Mugs\n4,2,Pans\n2,1,Kitchen\n1,,Home\n5,,Toys\n", "tree.csv")
    tree = _read(tmp_path, '{"Home": {"Kitchen": ["Mugs", "Pans"]}, "Toys": null}', "tree.json")
    assert lines.paths == tree.paths == ("Home", "Home > Kitchen", "Home > Kitchen > Mugs", "Home > Kitchen > Pans", "Toys")
    assert set(table.paths) == set(lines.paths)
    assert lines.leaves.tolist() == [2, 3, 4]
    assert [(parent, rows.tolist()) for parent, rows in lines.families] == [(-1, [0, 4]), (0, [1]), (1, [2, 3])]


def test_parents_always_stand_before_their_children():
    tree = grown(["A > B > C", "A", "D > B"])
    assert all(parent < row for row, parent in enumerate(tree.parents))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "tree.txt is empty"),
        ("# nothing but a remark\n", "names no category"),
        ("Home\nToys\nHome\n", "line 3: Home stands twice, first on line 1"),
        ("Home\nHome > \n", "line 2: a step of 'Home > ' has no name"),
        ("Home > Mugs > Home\n", "line 1: 'Home' stands under itself in 'Home > Mugs > Home'; that is a cycle"),
        ("id,parent,name\n1,3,A\n2,1,B\n3,2,C\n", "a cycle: A > C > B > A; a category cannot be its own ancestor"),
        ("id,parent,name\n1,1,A\n", "a cycle: A > A"),
        ("id,parent,name\n1,9,A\n", "the parent 9 of A does not exist"),
        ("id,parent,name\n1,,A\n1,,B\n", "line 3: the id 1 stands twice"),
        ("id,parent,name\n1,,A\n2,,A\n", "A stands twice; give one of them another name"),
        ("id,parent,name\n1,,\n", "line 2: a category has no name"),
        ("id,parent,name\n1,A\n", "line 2: 2 fields; there should be 3"),
        ('{"A": {"B": ["A"]}}', "'A' stands under itself in 'A > B > A'; that is a cycle"),
        ('{"A": [1]}', "1 under 'A' is no name of a category"),
        ('{"A": null, "A": null}', "A stands twice under one parent"),
        ('{"A": ', "broken JSON"),
        ("Home|Garden\n", "Home|Garden has a '|', which stands between labels; write / instead"),
        (" > ".join("abcdefghijklmnopqrstuvwxyz"), "has more than 20 steps"),
    ],
)
def test_a_file_that_is_no_tree_is_refused_with_where_and_why(tmp_path, text, said):
    with pytest.raises(BadInput) as error:
        _read(tmp_path, text)
    assert said in str(error.value)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read_taxonomy(tmp_path / "none.txt")
    (tmp_path / "latin.txt").write_bytes("Möbel".encode("latin-1"))
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_taxonomy(tmp_path / "latin.txt")
