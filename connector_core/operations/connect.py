"""Connect: a folder on disk through the connector that its manifest names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from connector_core.connector import Connector
from connector_core.manifest import connector_class


def open_folder(root: Path) -> Connector:
    """The folder as a host; its assets are named by their paths from ``root``. Raises Misconfigured."""
    return cast(Callable[[Path], Connector], connector_class("folder"))(root)
