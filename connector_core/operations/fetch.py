"""Fetch: the bytes of claimed assets are had from their host, and it is written down what becomes of each."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from connector_core.connector import Connector, Previews
from connector_core.errors import Gone, Reconnect, Retry
from connector_core.store.assets import TRIES
from connector_core.store.rows import Kept, State
from connector_core.types import Asset
from model_service.errors import Skip, TaggingError
from model_service.features.picture import LARGEST, LARGEST_FILE
from model_service.types import Features

VIDEO = "Videos are not looked at yet."


@dataclass(slots=True)
class Fate:
    """What becomes of one claimed asset."""

    asset: Kept
    features: Features | None = None
    state: State = State.PROCESSING
    reason: str = ""
    due: float = 0.0
    is_tried: bool = True
    """false: it was not this asset's turn, or not this asset's fault"""
    is_answered: bool = False
    """whether the host said something of it"""


@dataclass(slots=True)
class Work:
    """A handful of claimed assets, and whether their host wants no more for now."""

    fates: dict[str, Fate] = field(default_factory=dict)
    stopped: TaggingError | None = None


class Unfetched(Skip):
    """There are no bytes; the asset's fate says why."""


def fetch(connector: Connector, work: Work, fate: Fate, place: Path) -> Path:
    """The asset's bytes in a file. Raises Unfetched, and then its fate is written. Safe for threads.

    A small picture that the host makes is preferred to the original. Once the host has asked for patience, the
    others are not even tried.
    """
    one = fate.asset
    if work.stopped is not None:
        fate.state, fate.is_tried = State.PENDING, False
        raise Unfetched
    try:
        _check(one)
        _bring(connector, Asset(one.host_id, one.version, one.name, one.size, one.media_type, path=one.path), place)
        fate.is_answered = True
        return place
    except Gone as error:
        fate.state, fate.reason, fate.is_answered = State.GONE, str(error), True
    except Skip as error:
        fate.state, fate.reason = State.SKIPPED, str(error)
    except Reconnect as error:
        fate.state, fate.is_tried, work.stopped = State.PENDING, False, error
    except Retry as error:
        again(fate, error)
        work.stopped = error if error.after else work.stopped
    except TaggingError as error:
        fate.state, fate.reason = State.FAILED, str(error)
    raise Unfetched


def again(fate: Fate, error: Retry) -> None:
    """Try later, with more and more patience; after a while it has failed."""
    if fate.asset.attempts >= TRIES:
        fate.state, fate.reason = State.FAILED, f"{error} That was the {fate.asset.attempts}th try."
    else:
        fate.state, fate.reason = State.PENDING, str(error)
        fate.due = time.time() + max(error.after, 4.0**fate.asset.attempts)


def excuse(work: Work) -> None:
    """Where a host answered for none of the assets, none is to blame: an outage must not wear them out."""
    if isinstance(work.stopped, Retry) and not any(fate.is_answered for fate in work.fates.values()):
        for fate in work.fates.values():
            if fate.state != State.SKIPPED:
                fate.state, fate.is_tried = State.PENDING, False


def _check(one: Kept) -> None:
    """What can be told without a byte is not fetched."""
    if one.media_type.startswith("video/"):
        raise Skip(VIDEO)


def _bring(connector: Connector, asset: Asset, place: Path) -> None:
    if isinstance(connector, Previews):
        try:
            return connector.preview(asset, place, LARGEST)
        except Gone:
            raise
        except Skip:
            pass  # the host makes none of such a file: the original is looked at
    if asset.size > LARGEST_FILE:
        raise Skip(f"{asset.name} is larger than {LARGEST_FILE // 10**6} MB and was not read.")
    connector.download(asset, place)
