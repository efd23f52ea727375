"""A shop's photos, tiny and of a few plain colours, and a tenant whose model knows them: made once, copied often."""

from __future__ import annotations

import atexit
import functools
import io
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from connector_core.db import open_database
from connector_core.queue.thread import ThreadQueue
from connector_core.settings import Settings
from connector_core.store.store import Store
from model_service.bundle import save_bundle
from model_service.encoders.encoder import Encoder
from model_service.encoders.load import load_encoder
from model_service.features.extract import Source, extract
from model_service.training.train import train
from model_service.types import Example
from tests.model_service.onnx_sample import write_network

COLOURS = {"Storm Blue": (30, 60, 200), "Moss Green": (20, 140, 40), "Ember Red": (210, 40, 30)}
GREY = (128, 128, 128)
TAUGHT = 60
"""pictures of each colour that the model has learned from"""
RISK = 0.1


def picture(colour: Sequence[int], seed: int) -> bytes:
    """A small picture of a colour, never twice the same."""
    rng = np.random.default_rng(seed)
    pixels = np.full((24, 32, 3), colour, np.int16) + rng.integers(-12, 12, (24, 32, 3))
    pixels[: rng.integers(2, 6), : rng.integers(2, 8)] = 90
    out = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def photo(number: int, *, taught: bool = False) -> bytes:
    """The picture of this number: the colours take turns."""
    return picture(list(COLOURS.values())[number % len(COLOURS)], number + (1_000_000 if taught else 0))


@dataclass(frozen=True, slots=True)
class Taught:
    """A folder with a database and a model of one tenant that has no photos yet."""

    folder: Path
    tenant: str
    encoder: Encoder
    settings: Settings

    def copy(self, to: Path, database: str = "") -> Settings:
        """The settings of a service that begins with it, in another folder; with the database there, or in this one."""
        shutil.copytree(self.folder, to)
        return replace(self.settings, data=to, database=database or f"sqlite:///{to / 'propernoun.db'}")


@functools.cache
def taught() -> Taught:
    """The one that all runs in this process begin with."""
    home = Path(tempfile.mkdtemp(prefix="reliability-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return teach(home / "taught")


def teach(folder: Path, database: str = "") -> Taught:
    """Make a tenant with the tags of the colours and a live model, and with tags that no model knows."""
    folder.mkdir(parents=True, exist_ok=True)
    network = folder / "tiny.onnx"
    write_network(network)
    settings = Settings(
        folder, encoder=f"onnx:{network}", risk=RISK, database=database or f"sqlite:///{folder / 'propernoun.db'}"
    )
    encoder = load_encoder(settings.encoder)
    store = Store(open_database(settings.database), ThreadQueue(lambda job: None))
    tenant = store.add("Nordlys", risk=RISK)
    with store.tenant(tenant) as mine:
        tags = {name: mine.vocabulary.tag(name, "colourway") for name in COLOURS}
        group = mine.vocabulary.group("colourway")
        mine.vocabulary.tag("SS26", "season")
        model = mine.models.want(RISK, encoder.fingerprint.id)
        mine.models.claim(model)
    examples = _examples(encoder, list(tags.values()), group)
    trained = train(examples, encoder.fingerprint, risk=RISK)
    save_bundle(trained, folder / "tenants" / tenant / "models" / model)
    with store.tenant(tenant) as mine:
        mine.encoders.keep(encoder.fingerprint)
        mine.models.finish(model, lesson=0, encoder=encoder.fingerprint.id, report=trained.report.to_json())
        mine.models.promote(model)
        mine.judged(model, 0, mine.tenant())
    store.use(encoder.fingerprint.id)
    store.engine.dispose()
    return Taught(folder, tenant, encoder, settings)


def _examples(encoder: Encoder, tags: Sequence[str], group: str) -> list[Example]:
    count = TAUGHT * len(tags)
    seen = extract([Source(str(number), photo(number, taught=True)) for number in range(count)], encoder)
    found = []
    for number, one in enumerate(seen):
        assert one.features is not None, one.reason
        found.append(Example(one.asset, tags[number % len(tags)], one.features, group, str(number // len(tags) % 12)))
    return found
