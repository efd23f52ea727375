"""The photo sets that measures are taken on, and their features, kept between runs."""

from __future__ import annotations

import csv
from pathlib import Path

from benchmarks.reference import has_reference, reference_encoders
from connector_core.labelled import Labelled, read_labelled
from connector_core.operations.read import examples, read
from model_service.encoders.encoder import Encoder
from model_service.encoders.load import load_encoder
from model_service.types import Example

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench-results"
FEATURES = RESULTS / "features"
DATA = ROOT / ".." / "shared" / "data"
GROCERY = DATA / "grocery"
CLOTHING = DATA / "clothing"
NO_KIND = {"Not sure", "Other", "Skip"}
ABSENT = "the photos are not beside the project"


def encoders(quick: bool) -> dict[str, Encoder]:
    """The encoders to measure by name: the one that comes along, and, unless quick, it joined with the reference."""
    found = {"compact": load_encoder("compact")}
    if not quick and has_reference():
        networks = reference_encoders(RESULTS / "networks")
        found["joined"] = load_encoder("+".join(["compact", *(f"onnx:{path}" for path in networks)]))
    return found


def grocery(folder: Path) -> tuple[Labelled, Labelled]:
    """GroceryStore's photos to learn from and those of other days to judge by, through lists written to ``folder``."""
    return _grocery(folder, "train"), _grocery(folder, "val")


def _grocery(folder: Path, part: str) -> Labelled:
    lines = (GROCERY / f"{part}.txt").read_text("utf-8").splitlines()
    paths = [GROCERY.resolve() / line.split(",")[0].strip() for line in lines if line.strip()]
    return listed(folder / f"{part}.csv", [(path, path.parent.name) for path in paths])


def clothing(folder: Path, *, kinds: int, most: int) -> Labelled:
    """The first ``most`` photos of each of the commonest kinds of garment."""
    with (CLOTHING / "images.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["image"], row["label"]) for row in csv.DictReader(file) if row["label"] not in NO_KIND]
    by_kind: dict[str, list[Path]] = {}
    for image, kind in rows:
        path = CLOTHING.resolve() / f"{image}.jpg"
        if path.is_file():
            by_kind.setdefault(kind, []).append(path)
    common = sorted(by_kind, key=lambda kind: -len(by_kind[kind]))[:kinds]
    return listed(folder / "clothing.csv", [(path, kind) for kind in common for path in by_kind[kind][:most]])


def listed(place: Path, rows: list[tuple[Path, str]]) -> Labelled:
    """A labelled set by way of the CSV file that a user would write."""
    with place.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("path", "tag"), *rows])
    return read_labelled(place)


def as_examples(labelled: Labelled, encoder: Encoder) -> list[Example]:
    """The set as examples, features kept."""
    seen = read({item.asset: item.path for item in labelled.items}, encoder, keep=FEATURES)
    return examples(labelled.items, seen.features)
