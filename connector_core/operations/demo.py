"""Demo: the main job end to end, on the drawn sample library or on a person's own photos."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connector_core.labelled import Labelled, read_folder, read_labelled
from connector_core.operations.connect import open_folder
from connector_core.operations.read import Watch, unwatched
from connector_core.operations.report import write_page
from connector_core.operations.tag import Tagger, Tagging, Writing, tag, write
from connector_core.operations.train import Plan, train
from connector_core.photos import find_photos, is_photo
from connector_core.sample_library import draw_library
from model_service.errors import Refuse
from model_service.report.report import Report

NEW = ("new", "untagged", "_new")
"""subfolders of a person's photos that hold what is to be tagged"""
EXAMPLES, UNSEEN = 12, 4
"""photos a product that the sample library has for learning and for tagging: about a minute's worth"""
SAMPLE_RISK = "10%"
"""where the dial stands for the sample library, whose 348 examples cannot back a promise of 2 %"""


@dataclass(frozen=True, slots=True)
class Task:
    """What to learn from and what to tag."""

    root: Path
    labelled: Labelled
    photos: Mapping[str, Path]
    """what to tag, by its path from ``root``"""
    answers: Mapping[str, str] | None = None
    """the right tags, empty for strangers; None where nobody knows them"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demo found out."""

    report: Report
    tagging: Tagging
    writing: Writing | None
    """None: nothing was written"""
    page: Path
    model: Path


def sample(out: Path, *, watch: Watch = unwatched) -> Task:
    """The sample library in a folder, drawn there unless it is there already. Raises Refuse for a folder in use."""
    if not (out / "answers.csv").is_file() or not (out / "examples").is_dir():
        _draw(out, watch)
    examples = read_folder(out / "examples")
    answers = {item.asset: item.tag for item in read_labelled(out / "answers.csv").items}
    return Task(out, examples, {asset: out / asset for asset in answers}, answers)


def own(photos: Path) -> Task:
    """A person's photos: one subfolder a tag; what lies beside them or in a folder ``new`` is to be tagged."""
    labelled = read_folder(photos, leave_out=NEW)
    new = [path for path in sorted(photos.iterdir()) if path.is_file() and is_photo(path.name)]
    for name in NEW:
        new += find_photos(photos / name) if (photos / name).is_dir() else []
    return Task(photos, labelled, {path.relative_to(photos).as_posix(): path for path in new})


def demo(task: Task, plan: Plan, out: Path, *, watch: Watch = unwatched,
         told: Callable[[Report], None] = lambda report: None) -> Shown:  # fmt: skip
    """Train, report, tag; keywords are written only into photos of our own sample library.

    ``told`` hears the report as soon as there is one.
    """
    model = out / "model"
    trained = train(task.labelled, plan, model, watch=watch)
    told(trained.report)
    vocabulary = frozenset(name for _, name in task.labelled.tags)
    tagging = tag(task.photos, Tagger(trained.model, plan.encoder, vocabulary), keep=plan.keep, watch=watch)
    writing = None
    if task.answers is not None:
        writing = write(open_folder(task.root), tagging.predictions, vocabulary, watch=watch)
    page = out / "report.html"
    watch("Writing the report", 0, 1)
    pictures = {item.asset: item.path for item in task.labelled.items}
    write_page(trained.report, page, pictures | dict(task.photos), tagged=tagging.predictions)
    watch("Writing the report", 1, 1)
    return Shown(trained.report, tagging, writing, page, model)


def _draw(out: Path, watch: Watch) -> None:
    """Draw beside the place and move there, so that a library is whole or not there at all."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refuse(f"{out} holds something else already; name another place with --out, or empty it first.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        drawn = Path(folder) / "library"
        draw_library(
            drawn,
            examples=EXAMPLES,
            new=UNSEEN,
            on_progress=lambda done, of: watch("Drawing the sample library", done, of),
        )
        if out.exists():
            out.rmdir()
        shutil.move(drawn, out)
