"""A whole service in this process, with a small real encoder and drawn pictures: what the tests of the web call."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from connector_core.engine import Engine
from connector_core.operations.learn import want
from connector_core.settings import Settings
from connector_core.web.app import create_app
from connector_core.worker import do
from tests.model_service.onnx_sample import write_network

COLOURS = {"Storm Blue": (30, 60, 200), "Moss Green": (20, 140, 40), "Ember Red": (210, 40, 30)}
EXAMPLES = 8


def picture(colour: Sequence[int], seed: int = 0, form: str = "JPEG") -> bytes:
    """A picture of a colour, never twice the same."""
    rng = np.random.default_rng(seed)
    pixels = np.full((60, 80, 3), colour, np.int16) + rng.integers(-25, 25, (60, 80, 3))
    pixels[: rng.integers(5, 30), : rng.integers(5, 40)] = rng.integers(60, 200)
    stream = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(stream, form)
    return stream.getvalue()


class Service:
    """An engine whose threads work, its app, and callers."""

    def __init__(self, data: Path, **settings: Any) -> None:
        data.mkdir(exist_ok=True)
        network = data / "tiny.onnx"
        if not network.exists():
            write_network(network)
        known = Settings(data, encoder=f"onnx:{network}", database=f"sqlite:///{data / 'p.db'}", requests=100_000)
        self.engine = Engine(replace(known, **settings), do)
        self.app = create_app(self.engine)
        self.app.testing = True
        if self.engine.threads is not None:
            self.engine.threads.start()

    def caller(self, tenant: str, *scopes: str) -> Caller:
        """Somebody with a new key of a tenant."""
        with self.engine.store.tenant(tenant) as mine:
            key, text = mine.access.issue("test", scopes or ["admin"])
        return Caller(self.app.test_client(), text, key)

    def add(self, name: str = "Nordlys") -> str:
        """A new tenant."""
        return self.engine.store.add(name)

    def connect(self, tenant: str, folder: Path, *, writes: bool = False) -> str:
        """A folder of pictures, connected and read."""
        with self.engine.store.tenant(tenant) as mine:
            connection = mine.connections.add("folder", str(folder), "Photos", {"path": str(folder)}, writes=writes)
            mine.later("scan", connection)
        self.rest()
        return connection

    def rest(self) -> None:
        """Wait until nothing is left to do."""
        assert self.engine.threads is not None and self.engine.threads.idle(60)

    def close(self) -> None:
        """Let go of everything."""
        self.engine.close()


class Caller:
    """Somebody who calls the API with a key."""

    def __init__(self, client: FlaskClient, key: str, id: str = "") -> None:
        self._client = client
        self.key, self.id = key, id
        self.headers = {"Authorization": f"Bearer {key}"}

    def __call__(self, method: str, path: str, *, headers: Mapping[str, str] = {}, **more: Any) -> TestResponse:
        return self._client.open(path, method=method, headers={**self.headers, **headers}, buffered=True, **more)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self("GET", path, query_string=query)

    def post(self, path: str, body: object = None, **more: Any) -> TestResponse:
        return self("POST", path, **({"json": body} if body is not None else {}), **more)

    def tag(self, content: bytes, kind: str = "image/jpeg", **query: Any) -> TestResponse:
        """Have a picture tagged."""
        return self("POST", "/v1/tag", data=content, content_type=kind, query_string=query)


def draw(folder: Path, count: int = EXAMPLES) -> None:
    """A folder of pictures, so many of each colour."""
    folder.mkdir(parents=True)
    for name, colour in COLOURS.items():
        for number in range(count):
            (folder / f"{name} {number}.jpg").write_bytes(picture(colour, number))


def teach(service: Service, tenant: str) -> None:
    """Every picture shows the tag that its name begins with; a model learns it."""
    with service.engine.store.tenant(tenant) as mine:
        for asset in mine.assets.page(limit=1000):
            tag = mine.vocabulary.tag(asset.name.rsplit(" ", 1)[0], "colourway")
            mine.examples.teach(asset.id, tag, shoot=asset.name[-5])
        want(mine, service.engine.settings.encoder)
    service.rest()


def names(caller: Caller, **query: object) -> list[str]:
    """Names of the assets that a search finds."""
    return [item["name"] for item in caller.get("/v1/assets", **query).json["items"]]


def tags(caller: Caller) -> dict[str, str]:
    """Ids of the tags that there are, by name."""
    return {tag["name"]: tag["id"] for tag in caller.get("/v1/tags", limit=200).json["items"]}
