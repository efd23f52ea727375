"""What commands share: their options, and what these become."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from model_service.errors import Misconfigured

if TYPE_CHECKING:
    from rich.console import Console

    from connector_core.operations.train import Plan
    from connector_core.settings import Settings

# Everything heavy is imported inside functions, so that --help answers at once.

FOLDER = click.Path(path_type=Path, file_okay=False)
PLACE = click.Path(path_type=Path)
ENCODER = click.option("--encoder", default="", help="compact, onnx:PATH, hub:NAME, or several joined by +.")
RISK = click.option("--risk", default="", help="Share of applied tags that may be wrong, like 0.02 or 2%.")
TILES = click.option(
    "--tiles", default=0, show_default=True, help="Look also at so many tiles a side: for small products in a scene."
)
MODEL = click.option("--model", type=FOLDER, default=Path("model"), show_default=True, help="Folder of the model.")


def read_settings() -> Settings:
    """The settings of the environment."""
    from connector_core.settings import Settings

    return Settings.from_env()


def open_console() -> Console:
    """Where everything is shown."""
    from rich.console import Console

    return Console(highlight=False)


def plan_of(settings: Settings, encoder: str = "", risk: str = "", tiles: int = 0) -> Plan:
    """How to learn: what the options say, else the settings."""
    from connector_core.operations.train import Plan
    from connector_core.settings import parse_risk
    from model_service.encoders.load import load_encoder

    accepted = parse_risk(risk) if risk else settings.risk
    return Plan(load_encoder(encoder or settings.encoder), accepted, settings.features, tiles)


def photos_in(root: Path) -> dict[str, Path]:
    """The photos of a folder by their path in it; Misconfigured where there are none."""
    from connector_core.photos import find_photos

    found = {path.relative_to(root).as_posix(): path for path in find_photos(root)}
    if not found:
        raise Misconfigured(f"{root} holds no photos.")
    return found
