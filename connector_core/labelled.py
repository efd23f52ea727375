"""Labelled photos: a folder with one subfolder a tag, or a CSV file with the columns path and tag."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from connector_core.photos import find_photos, is_photo
from connector_core.table import read_table
from model_service.errors import Misconfigured

GROUP = "product"
"""the group of a tag where nobody names one"""


@dataclass(frozen=True, slots=True)
class Item:
    """A photo and what it shows; an empty tag says that it shows none of the vocabulary."""

    asset: str
    """the path from where the set lies, with slashes"""
    path: Path
    tag: str
    group: str = GROUP
    shoot: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled set; a photo may come several times, with tags of several groups."""

    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    """what was left out or read in an uncommon way, one sentence each"""
    group_is_shoot: bool = False

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """Every (group, tag), in the order of the alphabet."""
        return tuple(sorted({(item.group, item.tag) for item in self.items if item.tag}))


def read_labelled(place: Path, *, like: Labelled | None = None) -> Labelled:
    """The set that lies in a folder or is listed in a CSV file. Raises Misconfigured where there is none.

    A column ``group`` names facets of the vocabulary; where that cannot be meant it is read as the shoot, and a note
    says so. ``like`` is an earlier set whose reading of that column is to be repeated.
    """
    if place.is_dir():
        return read_folder(place)
    if not place.exists():
        raise Misconfigured(f"There is no {place}; write the path of a folder with one subfolder a tag, or a CSV file.")
    return _read_csv(place, like)


def read_folder(place: Path, *, leave_out: Collection[str] = ()) -> Labelled:
    """One tag a subfolder, its photos anywhere below; subfolders named in ``leave_out`` are no tags."""
    items: list[Item] = []
    empty = []
    for folder in sorted(place.iterdir()):
        if not folder.is_dir() or folder.name.startswith(".") or folder.name in leave_out:
            continue
        # Names on disks may end in blanks that nobody sees; a tag never does.
        paths = find_photos(folder)
        items += [Item(path.relative_to(place).as_posix(), path, folder.name.strip()) for path in paths]
        if not paths:
            empty.append(folder.name)
    if not items:
        raise Misconfigured(f"{place} holds no tagged photos; make one subfolder a tag and put its photos in there.")
    notes = [f"The folder {name} holds no photos and was left out." for name in empty[:20]]
    loose = sum(is_photo(path.name) for path in place.iterdir() if path.is_file())
    if loose and not leave_out:
        notes.append(f"{loose} photos lie beside the subfolders and have no tag; they were left out.")
    return Labelled(tuple(items), tuple(notes))


def _read_csv(place: Path, like: Labelled | None) -> Labelled:
    table = read_table(place, needed=("path", "tag"))
    notes = list(table.notes)
    items = []
    for row in table.rows:
        if row["path"]:
            path = _located(place.parent, row["path"])
            group, shoot = row.get("group", "") or GROUP, row.get("shoot", "")
            items.append(Item(row["path"].replace("\\", "/"), path, row["tag"], group, shoot))
    if not items:
        raise Misconfigured(f"{place.name} lists no photos; write one line a photo, with its path and its tag.")
    if without := len(table.rows) - len(items):
        notes.append(f"{without} lines of {place.name} have no path and were left out.")
    is_shoot = "shoot" not in table.columns and (like.group_is_shoot if like else _means_shoot(items))
    if is_shoot and "group" in table.columns:
        items = [replace(item, group=GROUP, shoot=item.group) for item in items]
        if like is None:
            notes.append(
                f'The column "group" of {place.name} was read as the shoot, because the same tags occur under several '
                'of its values; call it "shoot" to say so yourself.'
            )
    return Labelled(tuple(dict.fromkeys(items)), tuple(notes), is_shoot)


def _means_shoot(items: list[Item]) -> bool:
    """Whether most tags occur under several groups, or no group offers a choice of two: then it is no facet."""
    groups: dict[str, set[str]] = {}
    tags: dict[str, set[str]] = {}
    for item in items:
        if item.tag:
            groups.setdefault(item.tag, set()).add(item.group)
            tags.setdefault(item.group, set()).add(item.tag)
    if len(tags) < 2:
        return False
    spread = sum(len(mine) > 1 for mine in groups.values())
    return 2 * spread > len(groups) or all(len(mine) < 2 for mine in tags.values())


def _located(root: Path, written: str) -> Path:
    path = root / written
    # Lists made on Windows part folders with a backslash, which elsewhere is a letter of the name.
    return root / written.replace("\\", "/") if "\\" in written and not path.exists() else path
