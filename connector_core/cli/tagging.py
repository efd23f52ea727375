"""The commands that work on photos with what was learned: tag, untag, search."""

from __future__ import annotations

from pathlib import Path

import click

from connector_core.cli.options import ENCODER, FOLDER, MODEL, PLACE, open_console, photos_in, plan_of, read_settings
from model_service.errors import Misconfigured


@click.command(short_help="Tag photos with a model.")
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
    from connector_core.progress import Bars

    settings, console = read_settings(), open_console()
    found = photos_in(photos)
    with Bars(console) as watch:
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


@click.command(short_help="Take back everything that was written.")
@click.argument("photos", type=FOLDER)
def untag(photos: Path) -> None:
    """Remove everything that Propernoun wrote into PHOTOS, and nothing else."""
    from connector_core import terminal
    from connector_core.operations.connect import open_folder
    from connector_core.operations.tag import untag as operation
    from connector_core.progress import Bars

    console = open_console()
    with Bars(console) as watch:
        writing = operation(open_folder(photos), photos_in(photos), watch=watch)
    terminal.show_writing(console, writing)


@click.command(short_help="Find photos by tag or by look.")
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
    from connector_core.progress import Bars

    if bool(query) == bool(like):
        raise Misconfigured('Name what to search for: either words, like "aurora shell", or --like PICTURE.')
    settings, console = read_settings(), open_console()
    found = photos_in(photos)
    with Bars(console) as watch:
        if like:
            eyes = plan_of(settings, encoder).encoder
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
