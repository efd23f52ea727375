"""A Qdrant Edge shard in a folder: created whole or not at all, bound to one encoder, its errors in words."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import qdrant_edge as qdrant

from model_service.errors import Misconfigured

NEVER = 2**40
"""An indexing threshold in KB that is never reached: exact search of 20,000 vectors takes 3 ms, their graph 10 s."""


def open_shard(folder: Path, *, dim: int, fingerprint: str) -> qdrant.EdgeShard:
    """The shard in ``folder``, created where there is none.

    Raises Misconfigured where it is damaged, open in another process, or of another encoder.
    """
    home = folder / "edge"
    wanted = {"format": 1, "fingerprint": fingerprint, "dim": dim}
    if not home.exists():
        _create(home, wanted)
    found = _bound_to(home)
    if found.get("format") != wanted["format"]:
        raise Misconfigured(
            f"The index in {folder} was written by another version of Propernoun (format {found.get('format')}). "
            "Delete that folder; it will be filled again from the photos."
        )
    if found != wanted:
        raise Misconfigured(
            f"The index in {folder} was made by another encoder ({_spell(found)}) than the one in use now "
            f"({_spell(wanted)}). Use that encoder again, or another folder: the photos are then read once more."
        )
    with speaking(folder):
        return qdrant.EdgeShard.load(str(home))


@contextmanager
def speaking(folder: Path) -> Iterator[None]:
    """Says what Qdrant Edge raises in a sentence: it knows only bare exceptions and Rust panics."""
    try:
        yield
    except BaseException as error:
        if type(error) is not Exception and type(error).__name__ != "PanicException":
            raise
        if "WouldBlock" in str(error):
            raise Misconfigured(
                f"The index in {folder} is in use by another process. Close that one first, or use another folder."
            ) from error
        raise Misconfigured(
            f"The index in {folder} cannot be used ({str(error)[:200]}). If the disk is full, make room; "
            "if the files are damaged, delete that folder and it will be filled again from the photos."
        ) from error


def _create(home: Path, bound_to: dict[str, Any]) -> None:
    # Made beside and moved in one step, so that a process killed meanwhile leaves no half shard.
    home.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="new-", dir=home.parent))
    try:
        with speaking(home.parent):
            shard = qdrant.EdgeShard.create(str(made), _config(bound_to["dim"]))
            keyword = qdrant.PayloadSchemaType.Keyword
            shard.update(qdrant.UpdateOperation.create_field_index("facts", keyword))
            shard.flush()
            shard.close()
        (made / "index.json").write_text(json.dumps(bound_to), encoding="utf-8")
        try:
            made.rename(home)
        except OSError:
            if not home.exists():
                raise  # else another process made it first: that one is opened
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _config(dim: int) -> qdrant.EdgeConfig:
    # Dot, not Cosine: cosine would store normalised copies instead of what was put.
    rows = qdrant.MultiVectorConfig(qdrant.MultiVectorComparator.MaxSim)
    vectors = qdrant.EdgeVectorParams(size=dim, distance=qdrant.Distance.Dot, multivector_config=rows)
    return qdrant.EdgeConfig(vectors=vectors, optimizers=qdrant.EdgeOptimizersConfig(indexing_threshold=NEVER))


def _bound_to(home: Path) -> dict[str, Any]:
    try:
        found = json.loads((home / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        found = error
    if not isinstance(found, dict):
        raise Misconfigured(
            f"The index in {home.parent} is damaged (index.json cannot be read). "
            "Delete that folder; it will be filled again from the photos."
        )
    return found


def _spell(bound_to: dict[str, Any]) -> str:
    return f"{bound_to.get('fingerprint')}, {bound_to.get('dim')} numbers a picture"
