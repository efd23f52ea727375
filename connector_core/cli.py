"""The command line: it reads arguments, calls one operation, and shows what came out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model_service.errors import Misconfigured, TaggingError

if TYPE_CHECKING:
    from rich.console import Console

    from connector_core.operations.train import Plan
    from connector_core.settings import Settings

# Everything heavy is imported inside the commands, so that --help answers at once.

REFUSED, STOPPED = 2, 130

FOLDER = click.Path(path_type=Path, file_okay=False)
PLACE = click.Path(path_type=Path)
ENCODER = click.option("--encoder", default="", help="compact, onnx:PATH, hub:NAME, or several joined by +.")
RISK = click.option("--risk", default="", help="Share of applied tags that may be wrong, like 0.02 or 2%.")
MODEL = click.option("--model", type=FOLDER, default=Path("model"), show_default=True, help="Folder of the model.")


class Spoken(click.Group):
    """Commands whose refusals are one sentence, and that stop without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exits with 2 where it was refused, with 130 where a person stopped it."""
        try:
            return super().invoke(ctx)
        except TaggingError as error:
            _refuse(str(error))
            ctx.exit(REFUSED)
        except OSError as error:
            if error.filename is None or error.strerror is None:
                raise
            _refuse(f"{error.filename}: {error.strerror}.")
            ctx.exit(REFUSED)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(STOPPED)


@click.group(cls=Spoken, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="propernoun")
def main() -> None:
    """Tag photos with your own product names: train on a few examples of each, tag the rest."""


@main.command(short_help="Train, report and tag sample photos, or yours.")
@click.argument("photos", type=FOLDER, required=False)
@click.option("--out", type=FOLDER, default=Path("demo"), show_default=True, help="Where everything is put.")
@ENCODER
@RISK
def demo(photos: Path | None, out: Path, encoder: str, risk: str) -> None:
    """Train, report and tag: on a drawn sample library, or on PHOTOS (one subfolder a tag, never written to)."""
    from connector_core import terminal
    from connector_core.operations import demo as operation

    settings, console = _settings(), _console()
    plan = _plan(settings, encoder, risk or ("" if photos else operation.SAMPLE_RISK))
    with terminal.Bars(console) as watch:
        task = operation.own(photos) if photos else operation.sample(out, watch=watch)
        shown = operation.demo(task, plan, out, watch=watch)
    from connector_core.demonstration import show

    show(console, task, shown)


@main.command(short_help="Learn tags from example photos.")
@click.argument("photos", type=PLACE)
@MODEL
@ENCODER
@RISK
def train(photos: Path, model: Path, encoder: str, risk: str) -> None:
    """Train on PHOTOS: a folder with one subfolder a tag, or a CSV file with the columns path and tag."""
    from connector_core import terminal
    from connector_core.labelled import read_labelled
    from connector_core.operations.report import write_page
    from connector_core.operations.train import train as operation

    settings, console = _settings(), _console()
    labelled = read_labelled(photos)
    with terminal.Bars(console) as watch:
        trained = operation(labelled, _plan(settings, encoder, risk), model, watch=watch)
    write_page(trained.report, model / "report.html", {item.asset: item.path for item in labelled.items})
    terminal.show_report(console, trained.report)
    console.print(f"\nModel: {model}\nReport: {model / 'report.html'}", soft_wrap=True)


@main.command(short_help="Tag photos with a model.")
@click.argument("photos", type=FOLDER)
@MODEL
@click.option("--write/--dry-run", default=False, help="Write keywords into the files; without it, only show.")
@click.option("--csv", "csv_file", type=PLACE, help="Also list every prediction in this CSV file.")
@ENCODER
def tag(photos: Path, model: Path, write: bool, csv_file: Path | None, encoder: str) -> None:
    """Tag PHOTOS, a folder; nothing is written into the files without --write."""
    from connector_core import terminal
    from connector_core.operations import tag as operation
    from connector_core.operations.connect import open_folder
    from connector_core.operations.listing import write_predictions

    settings, console = _settings(), _console()
    found = _photos(photos)
    with terminal.Bars(console) as watch:
        tagger = operation.open_tagger(model, encoder=encoder)
        tagging = operation.tag(found, tagger, keep=settings.features, watch=watch)
        writing = operation.write(open_folder(photos), tagging.predictions, tagger.tags, watch=watch) if write else None
    if csv_file:
        write_predictions(csv_file, tagging.predictions)
    terminal.show_predictions(console, tagging.predictions, most=40)
    console.print(terminal.tally(tagging.predictions) + ".")
    terminal.show_skipped(console, tagging.skipped)
    if writing is None:
        console.print("Nothing was written; add --write to write the tags into the files.")
    else:
        terminal.show_writing(console, writing)
        console.print(f"To take it back: propernoun untag {photos}", soft_wrap=True)


@main.command(short_help="Take back everything that was written.")
@click.argument("photos", type=FOLDER)
def untag(photos: Path) -> None:
    """Remove everything that Propernoun wrote into PHOTOS, and nothing else."""
    from connector_core import terminal
    from connector_core.operations.connect import open_folder
    from connector_core.operations.tag import untag as operation

    console = _console()
    with terminal.Bars(console) as watch:
        writing = operation(open_folder(photos), _photos(photos), watch=watch)
    terminal.show_writing(console, writing)


@main.command(short_help="Measure on photos of your own.")
@click.option("--examples", type=PLACE, required=True, help="What to learn from: folder or CSV.")
@click.option("--judge", type=PLACE, required=True, help="Other photos, to judge by: folder or CSV.")
@click.option("--shots", default="", help="Examples a tag, like 1,5,10,20; without it, all of them.")
@click.option("--repeats", default=3, show_default=True, help="Random draws for each number of shots.")
@click.option("--unknown-tags", default=0, show_default=True, help="Tags to leave out, so that they are unknown.")
@click.option("--seed", default=0, show_default=True, help="What the draws begin with.")
@click.option("--json", "json_file", type=PLACE, help="Write the figures to this file.")
@ENCODER
@RISK
def evaluate(
    examples: Path, judge: Path, shots: str, repeats: int, unknown_tags: int, seed: int, json_file: Path | None,
    encoder: str, risk: str,
) -> None:  # fmt: skip
    """Measure on photos of your own: accuracy, errors among applied tags, unknown products, speed."""
    import json

    from connector_core import terminal
    from connector_core.labelled import read_labelled
    from connector_core.operations.evaluate import Trial
    from connector_core.operations.evaluate import evaluate as operation
    from connector_core.operations.report import write_whole

    settings, console = _settings(), _console()
    trial = Trial(_numbers(shots), repeats, unknown_tags, seed)
    learned = read_labelled(examples)
    judged = read_labelled(judge, like=learned)
    with terminal.Bars(console) as watch:
        result = operation(learned, judged, _plan(settings, encoder, risk), trial, watch=watch)
    if json_file:
        write_whole(json_file, json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    terminal.show_evaluation(console, result)


@main.command(short_help="Show what training found out.")
@MODEL
@click.option("--html", type=PLACE, help="Write the report as one HTML file.")
@click.option("--photos", type=FOLDER, help="The folder that was trained on, for pictures in the HTML file.")
def report(model: Path, html: Path | None, photos: Path | None) -> None:
    """Show what training found out about a model."""
    from connector_core import terminal
    from connector_core.operations.report import read_report, write_page

    console = _console()
    found = read_report(model)
    terminal.show_report(console, found)
    if html:
        write_page(found, html, _photos(photos) if photos else {})
        console.print(f"\nReport: {html}", soft_wrap=True)


@main.command(short_help="Find photos by tag or by look.")
@click.argument("photos", type=FOLDER)
@click.argument("query", required=False, default="")
@click.option("--model", type=FOLDER, help="Search what this model says, instead of what was written.")
@click.option("--like", type=PLACE, help="Find what looks like this picture.")
@click.option("--limit", default=20, show_default=True, help="How many to show.")
@ENCODER
def search(photos: Path, query: str, model: Path | None, like: Path | None, limit: int, encoder: str) -> None:
    """Find PHOTOS by words of their tags, in any accent and case, or by what they look like."""
    from connector_core import terminal
    from connector_core.operations import search as operation

    if bool(query) == bool(like):
        raise Misconfigured('Name what to search for: either words, like "aurora shell", or --like PICTURE.')
    settings, console = _settings(), _console()
    found = _photos(photos)
    with terminal.Bars(console) as watch:
        if like:
            eyes = _plan(settings, encoder, "").encoder
            result = operation.search_like(found, like, eyes, limit=limit, keep=settings.features, watch=watch)
        elif model:
            from connector_core.operations.tag import open_tagger
            from connector_core.operations.tag import tag as look

            said = look(found, open_tagger(model, encoder=encoder), keep=settings.features, watch=watch)
            result = operation.Found(operation.search_predicted(said.predictions, query), said.skipped)
        else:
            from connector_core.operations.connect import open_folder

            result = operation.search_written(open_folder(photos), list(found), query, watch=watch)
    terminal.show_hits(console, result, limit)


def _settings() -> Settings:
    from connector_core.settings import Settings

    return Settings.from_env()


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _plan(settings: Settings, encoder: str, risk: str) -> Plan:
    from connector_core.operations.train import Plan
    from connector_core.settings import parse_risk
    from model_service.encoders.load import load_encoder

    return Plan(
        load_encoder(encoder or settings.encoder), parse_risk(risk) if risk else settings.risk, settings.features
    )


def _photos(root: Path) -> dict[str, Path]:
    from connector_core.photos import find_photos

    found = {path.relative_to(root).as_posix(): path for path in find_photos(root)}
    if not found:
        raise Misconfigured(f"{root} holds no photos.")
    return found


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    except ValueError:
        raise Misconfigured(f"--shots {text} is no list of numbers; write it like 1,5,10,20.") from None


def _refuse(sentence: str) -> None:
    click.secho(sentence, fg="red", err=True)


if __name__ == "__main__":
    sys.exit(main())
