"""A picture through the API, over a socket and back: how long it takes, and how much of that is not the encoder."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import requests
from waitress.server import create_server

from benchmarks.row import Row, at_most, plain
from connector_core.engine import Engine
from connector_core.operations.learn import want
from connector_core.sample_library import PRODUCTS, draw_library
from connector_core.settings import Settings
from connector_core.web.app import create_app
from connector_core.worker import do
from model_service.features.extract import Source, extract

OVERHEAD_MS = 15.0
"""median that the API may add to reading and encoding a photo: client, server, model and job together"""
EXAMPLES = 5


def run(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Median and 95th percentile, warm: the bare engine in this process, and ``POST /v1/tag`` on a loopback socket."""
    count = 40 if quick else 200
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        library = draw_library(data / "library", examples=EXAMPLES, new=2, strangers=4, products=PRODUCTS[:12])
        engine = Engine(Settings(data, database=f"sqlite:///{data / 'p.db'}", requests=1_000_000), do)
        assert engine.threads is not None
        engine.threads.start()
        key = _taught(engine, library.examples)
        photos = sorted(path for path in library.new.iterdir() if path.suffix == ".jpg")
        server = create_server(create_app(engine), host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        try:
            figures = _measure(engine, f"http://127.0.0.1:{server.effective_port}", key, photos, count)
        finally:
            server.close()
            engine.close()
    return figures, [
        plain("a photo read and encoded, median", figures["bare_p50_ms"], "ms"),
        plain("POST /v1/tag, median", figures["tag_p50_ms"], "ms"),
        plain("POST /v1/tag, 95th percentile", figures["tag_p95_ms"], "ms"),
        at_most("added to reading and encoding, median", figures["added_p50_ms"], OVERHEAD_MS, "ms"),
        plain("of a core added to it, median", figures["added_cpu_p50_ms"], "ms"),
        plain("GET /v1/assets?tag=…, median", figures["search_p50_ms"], "ms"),
    ]


def _taught(engine: Engine, examples: Path) -> str:
    """A key of a tenant that has learned the library."""
    tenant = engine.store.add("Nordlys")
    with engine.store.tenant(tenant) as mine:
        _, key = mine.access.issue("benchmark", ["admin"])
        mine.later("scan", mine.connections.add("folder", str(examples), "Photos", {"path": str(examples)}))
    _rest(engine)
    with engine.store.tenant(tenant) as mine:
        for asset in mine.assets.page(limit=10_000):
            mine.examples.teach(asset.id, mine.vocabulary.tag(asset.path.split("/")[0]))
        want(mine, engine.settings.encoder)
    _rest(engine)
    return key


def _measure(engine: Engine, url: str, key: str, photos: Sequence[Path], count: int) -> dict[str, Any]:
    session = requests.Session()
    session.headers.update({"Authorization": f"Bearer {key}", "Content-Type": "image/jpeg"})

    def bare(photo: Path) -> None:
        (read,) = extract([Source("photo", photo)], engine.encoder, workers=1)
        assert read.features is not None

    def tag(photo: Path) -> None:
        answer = session.post(f"{url}/v1/tag?wait=30", data=photo.read_bytes(), timeout=60)
        assert answer.status_code == 200 and answer.json()["predictions"], answer.text

    def search(photo: Path) -> None:
        answer = session.get(f"{url}/v1/assets", params={"q": "board", "limit": "50"}, timeout=60)
        assert answer.status_code == 200, answer.text

    taken: dict[str, list[tuple[float, float]]] = {"bare": [], "tag": [], "search": []}
    deeds = {"bare": bare, "tag": tag, "search": search}
    for deed in deeds.values():
        deed(photos[0])
    for at in range(count):  # in turns, so that whatever else the machine does falls on all alike
        for name, deed in deeds.items():
            taken[name].append(_timed(deed, photos[at % len(photos)]))
    walls = {name: [wall for wall, _ in each] for name, each in taken.items()}
    found = {f"{name}_p{n}_ms": _quantile(each, n) for name, each in walls.items() for n in (50, 95)}
    added = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(taken["bare"], taken["tag"], strict=True)]
    wall, cpu = (statistics.median(each) * 1000 for each in zip(*added, strict=True))
    return {"photos": count, **found, "added_p50_ms": wall, "added_cpu_p50_ms": cpu}


def _timed(deed: Callable[[Path], None], photo: Path) -> tuple[float, float]:
    """Seconds that passed, and seconds of a core."""
    wall, cpu = time.perf_counter(), time.process_time()
    deed(photo)
    return time.perf_counter() - wall, time.process_time() - cpu


def _quantile(taken: Sequence[float], n: int) -> float:
    return statistics.quantiles(taken, n=100)[n - 1] * 1000


def _rest(engine: Engine) -> None:
    assert engine.threads is not None and engine.threads.idle(600)
