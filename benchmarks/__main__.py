"""``python -m benchmarks [NAME...] [--quick]``: the measures in one table, and in bench-results/bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.photos import RESULTS
from benchmarks.row import Row

Measured = tuple[dict[str, Any], list[Row]]

MEASURES: dict[str, tuple[str, str]] = {
    "accuracy": ("recognition", "accuracy"),
    "promise": ("recognition", "promise"),
    "unknown": ("recognition", "unknown"),
    "clothing": ("clothing", "run"),
    "discriminant": ("discriminant", "run"),
    "update": ("update", "update"),
    "rescore": ("update", "rescore"),
    "compact": ("costs", "compact"),
    "pipeline": ("costs", "pipeline"),
    "index": ("costs", "index"),
    "store": ("store", "run"),
    "sync": ("sync", "sync"),
    "storm": ("sync", "storm"),
    "api": ("api", "run"),
}
MET = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}


def main() -> int:
    """Take the measures asked for, print them and keep them; 1 where a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Take measures; all of them by default.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="fewer repeats, and only the encoder that comes along")
    asked = parser.parse_args()
    if wrong := [name for name in asked.names if name not in MEASURES]:
        parser.error(f"there is no measure {wrong[0]}; there are {', '.join(MEASURES)}")
    console = Console()
    found: dict[str, Measured] = {}
    for name in asked.names or MEASURES:
        with console.status(name):
            found[name] = _measure(name)(asked.quick)
    console.print(_table(found))
    _keep(found)
    return int(any(row.met is False for _, rows in found.values() for row in rows))


def _measure(name: str) -> Callable[[bool], Measured]:
    # Imports wait until a measure is asked for: some need libraries that others do not.
    module, function = MEASURES[name]
    measure: Callable[[bool], Measured] = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    return measure


def _table(found: dict[str, Measured]) -> Table:
    table = Table(title="Measures", title_justify="left")
    for heading in ("", "measure", "bar", "figure", "met"):
        table.add_column(heading, justify="right" if heading == "figure" else "left")
    for name, (_, rows) in found.items():
        for place, row in enumerate(rows):
            table.add_row("" if place else name, row.name, row.bar, row.figure, MET[row.met])
        table.add_section()
    return table


def _keep(found: dict[str, Measured]) -> None:
    """Measures taken now replace those of the same name, the others stay."""
    place = RESULTS / "bench.json"
    kept = json.loads(place.read_text("utf-8")) if place.exists() else {}
    kept |= {
        name: {"figures": figures, "rows": [row.plain() for row in rows]} for name, (figures, rows) in found.items()
    }
    RESULTS.mkdir(exist_ok=True)
    place.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
