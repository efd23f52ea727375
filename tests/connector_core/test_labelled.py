"""Labelled sets as people have them: folders, and CSV files from every spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector_core.labelled import read_folder, read_labelled
from model_service.errors import Misconfigured


def _photo(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def _list(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    place = folder / "photos.csv"
    place.write_bytes(text.encode(encoding))
    return place


def test_every_subfolder_is_a_tag_and_its_photos_may_lie_deeper(tmp_path: Path) -> None:
    _photo(tmp_path / "Aurora Shell" / "front.jpg")
    _photo(tmp_path / "Aurora Shell" / "day two" / "BACK.JPG")
    _photo(tmp_path / "Brücke" / "a.heic")
    found = read_labelled(tmp_path)
    assert found.tags == (("product", "Aurora Shell"), ("product", "Brücke"))
    assert {item.asset for item in found.items} == {
        "Aurora Shell/front.jpg",
        "Aurora Shell/day two/BACK.JPG",
        "Brücke/a.heic",
    }
    assert found.notes == ()


def test_what_is_left_out_of_a_folder_is_said(tmp_path: Path) -> None:
    _photo(tmp_path / "Aurora" / "a.jpg")
    _photo(tmp_path / "loose.jpg")
    _photo(tmp_path / ".propernoun" / "hidden.jpg")
    (tmp_path / "Empty").mkdir()
    found = read_labelled(tmp_path)
    assert [item.asset for item in found.items] == ["Aurora/a.jpg"]
    assert "Empty" in found.notes[0] and "1 photos lie beside" in found.notes[1]


def test_folders_can_be_left_out_by_name(tmp_path: Path) -> None:
    _photo(tmp_path / "Aurora" / "a.jpg")
    _photo(tmp_path / "new" / "b.jpg")
    assert [item.tag for item in read_folder(tmp_path, leave_out=("new",)).items] == ["Aurora"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_spreadsheet_s_export_is_understood(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = ["Path,Tag", "a.jpg,Crème brûlée", '"b,c;d.jpg",Möhre', ""]
    text = "\r\n".join(line if line.startswith('"') else line.replace(",", separator) for line in lines)
    text = text.replace('d.jpg",', 'd.jpg"' + separator)
    found = read_labelled(_list(tmp_path, text, encoding))
    assert [(item.path.name, item.tag) for item in found.items] == [("a.jpg", "Crème brûlée"), ("b,c;d.jpg", "Möhre")]
    assert bool(found.notes) == (encoding == "cp1252")


def test_paths_count_from_where_the_list_lies_and_may_come_from_windows(tmp_path: Path) -> None:
    photo = _photo(tmp_path / "shoot" / "a.jpg")
    found = read_labelled(_list(tmp_path, f"path,tag\nshoot\\a.jpg,One\n{photo},Two\n"))
    assert [item.path for item in found.items] == [photo, photo]
    assert found.items[0].asset == "shoot/a.jpg"


def test_a_list_without_its_columns_is_refused_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no column tag: its first line must name path, tag, and it names path, l"):
        read_labelled(_list(tmp_path, "path,label\na.jpg,One\n"))
    with pytest.raises(Misconfigured, match="it names nothing"):
        read_labelled(_list(tmp_path, ""))
    with pytest.raises(Misconfigured, match="lists no photos"):
        read_labelled(_list(tmp_path, "path,tag\n"))


def test_what_is_not_there_is_refused_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="There is no"):
        read_labelled(tmp_path / "nowhere")
    with pytest.raises(Misconfigured, match="one subfolder a tag"):
        read_labelled(tmp_path)


def test_a_group_is_a_facet_of_the_vocabulary(tmp_path: Path) -> None:
    text = "path,tag,group\na.jpg,Aurora,product\na.jpg,Blue,colour\nb.jpg,Borealis,product\nb.jpg,Red,colour\n"
    found = read_labelled(_list(tmp_path, text))
    assert {item.group for item in found.items} == {"product", "colour"}
    assert len(found.items) == 4 and found.notes == ()


def test_a_group_that_crosses_the_tags_is_read_as_the_shoot_and_a_note_says_so(tmp_path: Path) -> None:
    text = "path,tag,group\na.jpg,Aurora,monday\nb.jpg,Aurora,friday\nc.jpg,Borealis,monday\nd.jpg,Borealis,friday\n"
    found = read_labelled(_list(tmp_path, text))
    assert {item.group for item in found.items} == {"product"}
    assert {item.shoot for item in found.items} == {"monday", "friday"}
    assert "was read as the shoot" in found.notes[0]


def test_a_column_named_shoot_settles_what_group_means(tmp_path: Path) -> None:
    text = "path,tag,group,shoot\na.jpg,Aurora,x,1\nb.jpg,Aurora,y,2\nc.jpg,Borealis,x,1\nd.jpg,Borealis,y,2\n"
    found = read_labelled(_list(tmp_path, text))
    assert {(item.group, item.shoot) for item in found.items} == {("x", "1"), ("y", "2")}


def test_the_photos_to_judge_by_are_read_like_the_examples(tmp_path: Path) -> None:
    crossing = "path,tag,group\na.jpg,A,1\nb.jpg,A,2\nc.jpg,B,1\nd.jpg,B,2\n"
    examples = read_labelled(_list(tmp_path, crossing))
    judged = read_labelled(_list(tmp_path, "path,tag,group\ne.jpg,A,3\nf.jpg,B,3\n"), like=examples)
    assert {(item.group, item.shoot) for item in judged.items} == {("product", "3")}


def test_an_empty_tag_is_a_stranger_and_no_tag(tmp_path: Path) -> None:
    found = read_labelled(_list(tmp_path, "path,tag\na.jpg,Aurora\nb.jpg,\n,Aurora\n"))
    assert found.tags == (("product", "Aurora"),)
    assert [item.tag for item in found.items] == ["Aurora", ""]
    assert "1 lines" in found.notes[0]
