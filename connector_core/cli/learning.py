"""The commands that learn: demo, train, evaluate, report."""

from __future__ import annotations

from pathlib import Path

import click

from connector_core.cli.options import (
    ENCODER,
    FOLDER,
    MODEL,
    PLACE,
    RISK,
    TILES,
    open_console,
    photos_in,
    plan_of,
    read_settings,
)  # fmt: skip
from model_service.errors import Misconfigured


@click.command(short_help="Train, report and tag sample photos, or yours.")
@click.argument("photos", type=FOLDER, required=False)
@click.option("--out", type=FOLDER, default=Path("demo"), show_default=True, help="Where everything is put.")
@ENCODER
@RISK
@TILES
def demo(photos: Path | None, out: Path, encoder: str, risk: str, tiles: int) -> None:
    """Train, report and tag: on a drawn sample library, or on PHOTOS (one subfolder a tag, never written to)."""
    from connector_core.operations import demo as operation
    from connector_core.progress import Bars

    settings, console = read_settings(), open_console()
    plan = plan_of(settings, encoder, risk or ("" if photos else operation.SAMPLE_RISK), tiles)
    with Bars(console) as watch:
        task = operation.own(photos) if photos else operation.sample(out, watch=watch)
        shown = operation.demo(task, plan, out, watch=watch)
    from connector_core.demonstration import show

    show(console, task, shown)


@click.command(short_help="Learn tags from example photos.")
@click.argument("photos", type=PLACE)
@MODEL
@ENCODER
@RISK
@TILES
def train(photos: Path, model: Path, encoder: str, risk: str, tiles: int) -> None:
    """Train on PHOTOS: a folder with one subfolder a tag, or a CSV file with the columns path and tag."""
    from connector_core import terminal
    from connector_core.labelled import read_labelled
    from connector_core.operations.report import write_page
    from connector_core.operations.train import train as operation
    from connector_core.progress import Bars

    settings, console = read_settings(), open_console()
    labelled = read_labelled(photos)
    with Bars(console) as watch:
        trained = operation(labelled, plan_of(settings, encoder, risk, tiles), model, watch=watch)
    write_page(trained.report, model / "report.html", {item.asset: item.path for item in labelled.items})
    terminal.show_report(console, trained.report)
    console.print(f"\nModel: {model}\nReport: {model / 'report.html'}", soft_wrap=True)


@click.command(short_help="Measure on photos of your own.")
@click.option("--examples", type=PLACE, required=True, help="What to learn from: folder or CSV.")
@click.option("--judge", type=PLACE, required=True, help="Other photos, to judge by: folder or CSV.")
@click.option("--shots", default="", help="Examples a tag, like 1,5,10,20; without it, all of them.")
@click.option("--repeats", default=3, show_default=True, help="Random draws for each number of shots.")
@click.option("--unknown-tags", default=0, show_default=True, help="Tags to leave out, so that they are unknown.")
@click.option("--seed", default=0, show_default=True, help="What the draws begin with.")
@click.option("--json", "json_file", type=PLACE, help="Write the figures to this file.")
@ENCODER
@RISK
@TILES
def evaluate(
    examples: Path, judge: Path, shots: str, repeats: int, unknown_tags: int, seed: int, json_file: Path | None,
    encoder: str, risk: str, tiles: int,
) -> None:  # fmt: skip
    """Measure on photos of your own: accuracy, errors among applied tags, unknown products, speed."""
    import json

    from connector_core import terminal
    from connector_core.labelled import read_labelled
    from connector_core.operations.evaluate import Trial
    from connector_core.operations.evaluate import evaluate as operation
    from connector_core.operations.report import write_whole
    from connector_core.progress import Bars

    settings, console = read_settings(), open_console()
    trial = Trial(_numbers(shots), repeats, unknown_tags, seed)
    learned = read_labelled(examples)
    judged = read_labelled(judge, like=learned)
    with Bars(console) as watch:
        result = operation(learned, judged, plan_of(settings, encoder, risk, tiles), trial, watch=watch)
    if json_file:
        write_whole(json_file, json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    terminal.show_evaluation(console, result)


@click.command(short_help="Show what training found out.")
@MODEL
@click.option("--html", type=PLACE, help="Write the report as one HTML file.")
@click.option("--photos", type=FOLDER, help="The folder that was trained on, for pictures in the HTML file.")
def report(model: Path, html: Path | None, photos: Path | None) -> None:
    """Show what training found out about a model."""
    from connector_core import terminal
    from connector_core.operations.report import read_report, write_page

    console = open_console()
    found = read_report(model)
    terminal.show_report(console, found)
    if html:
        write_page(found, html, photos_in(photos) if photos else {})
        console.print(f"\nReport: {html}", soft_wrap=True)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    except ValueError:
        raise Misconfigured(f"--shots {text} is no list of numbers; write it like 1,5,10,20.") from None
