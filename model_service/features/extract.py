"""Extraction: files in, features out, every pixel read once."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from model_service.encoders.encoder import Encoder
from model_service.errors import Skip
from model_service.features.cache import Cache, content_hash
from model_service.features.picture import LARGEST, LARGEST_FILE, read_picture
from model_service.features.regions import boxes, tiles
from model_service.types import Box, Features, Picture, Vectors

BATCH = 16
"""regions encoded at a time"""
READING = "1"
"""changes when read_picture or tiles give other pixels for the same file: kept features are then not used"""


Show = Callable[[str, Picture], None]
"""Gets an asset and its picture, upright and small."""


Fetch = Callable[[], Path]
"""Brings the bytes of an asset and says where they are; a Skip that it raises is the asset's reason."""


@dataclass(frozen=True, slots=True)
class Source:
    """An asset and where its bytes are, or how they are had."""

    asset: str
    content: Path | bytes | Fetch


@dataclass(frozen=True, slots=True, eq=False)
class Extracted:
    """What became of one source: its features, or the sentence that says why there are none."""

    asset: str
    features: Features | None
    reason: str = ""
    decode_ms: float = 0.0
    encode_ms: float = 0.0
    """its share of the time of its batch; 0 if the features were kept from an earlier time"""


def extract(
    sources: Iterable[Source],
    encoder: Encoder,
    *,
    grid: int = 0,
    largest: int = LARGEST,
    batch: int = BATCH,
    workers: int = 0,
    cache: Path | None = None,
    show: Show | None = None,
) -> Iterator[Extracted]:
    """The features of every source, in order, each exactly once; what cannot be read comes with its reason.

    ``workers`` threads fetch and read pictures (0: one a core, at most 4) while the thread that iterates encodes,
    ``batch`` regions at a time; the encoder is never called twice at once. Few pictures are held however many sources
    there are. Closing the iterator early stops the threads. Only Skip becomes a reason; other errors come through.
    With ``cache``, a folder, features are kept there by content and encoder, and not computed twice. ``show`` is
    handed every picture as it has been read, on the thread that read it; a Skip that it raises is a reason, too.
    """
    places = boxes(grid)
    kind = f"{encoder.fingerprint.id}-{READING}-{largest}-{grid}"
    kept = Cache(cache, kind, (len(places), encoder.fingerprint.dim)) if cache else None
    together = max(1, batch // len(places))
    with contextlib.closing(
        _read_ahead(iter(sources), _Reader(kept, grid, largest, show), 2 * together, workers)
    ) as reads:
        while group := list(itertools.islice(reads, together)):
            yield from _encoded(group, encoder, places, kept)


@dataclass(slots=True)
class _Read:
    """A source after reading: regions to encode, or vectors that were kept, or a reason."""

    asset: str
    content: str = ""
    regions: Sequence[Picture] = ()
    vectors: Vectors | None = None
    reason: str = ""
    decode_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class _Reader:
    kept: Cache | None
    grid: int
    largest: int
    show: Show | None

    def __call__(self, source: Source) -> _Read:
        start = time.perf_counter()
        read = _Read(source.asset)
        try:
            place = source.content() if callable(source.content) else source.content
            if self.kept and (content := content_hash(place, most=LARGEST_FILE)):
                read.content, read.vectors = content, self.kept.get(content)
            if read.vectors is None:
                picture = read_picture(place, largest=self.largest)
                if self.show:
                    self.show(source.asset, picture)
                read.regions = [pixels for _, pixels in tiles(picture, self.grid)]
        except Skip as skip:
            read.reason = str(skip)
        read.decode_ms = (time.perf_counter() - start) * 1000
        return read


def _read_ahead(sources: Iterator[Source], read: _Reader, ahead: int, workers: int) -> Generator[_Read, None, None]:
    """What is read, in order, by threads that are at most ``ahead`` sources further than who iterates."""
    pool = ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1), thread_name_prefix="read-picture")
    try:
        pending = deque(pool.submit(read, source) for source in itertools.islice(sources, ahead))
        while pending:
            done = pending.popleft().result()
            pending.extend(pool.submit(read, source) for source in itertools.islice(sources, 1))
            yield done
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _encoded(
    group: Sequence[_Read], encoder: Encoder, places: tuple[Box, ...], kept: Cache | None
) -> Iterator[Extracted]:
    fresh = [read for read in group if read.regions]
    start = time.perf_counter()
    rows = encoder.encode([region for read in fresh for region in read.regions]) if fresh else None
    share = (time.perf_counter() - start) * 1000 / max(1, len(fresh))
    for number, read in enumerate(fresh):
        assert rows is not None
        # A copy, so that one asset's features do not hold on to those of its whole batch.
        read.vectors = rows[number * len(places) : (number + 1) * len(places)].copy()
        if kept and read.content:
            kept.put(read.content, read.vectors)
    for read in group:
        features = None if read.vectors is None else Features(read.vectors, places)
        yield Extracted(read.asset, features, read.reason, read.decode_ms, share if read.regions else 0.0)
