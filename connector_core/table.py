"""CSV files as people have them: any separator, any of the usual encodings, columns in any order."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model_service.errors import Misconfigured

LARGEST = 256 * 2**20
SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file by column; names of columns are in lower case, cells without blanks around them."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    notes: tuple[str, ...] = ()


def read_table(place: Path, *, needed: Sequence[str]) -> Table:
    """The table in a file whose first line names its columns. Raises Misconfigured for what is none."""
    try:
        if place.stat().st_size > LARGEST:
            raise Misconfigured(f"{place.name} is larger than {LARGEST // 2**20} MB; split it.")
        text, notes = _text(place)
    except OSError as error:
        raise Misconfigured(f"{place} cannot be read: {error.strerror}.") from error
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(line)]
    except csv.Error as error:
        raise Misconfigured(f"{place.name} is no CSV file that can be read: {error}.") from error
    columns = tuple(name.strip().lower() for name in lines[0]) if lines else ()
    missing = [name for name in needed if name not in columns]
    if missing:
        found = ", ".join(name[:40] for name in columns[:10]) or "nothing"
        raise Misconfigured(
            f"{place.name} has no column {' and no column '.join(missing)}: "
            f"its first line must name {', '.join(needed)}, and it names {found}."
        )
    rows = tuple({name: cell.strip() for name, cell in zip(columns, line, strict=False)} for line in lines[1:])
    return Table(columns, tuple(dict.fromkeys(columns, "") | row for row in rows), notes)


def _text(place: Path) -> tuple[str, tuple[str, ...]]:
    data = place.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), ()
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        note = f"{place.name} is not written in UTF-8; it was read as Windows text (cp1252)."
        return data.decode("cp1252", "replace"), (note,)
