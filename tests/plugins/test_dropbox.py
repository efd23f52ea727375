"""Dropbox as a host: the contract, on its twin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.connector import ConnectorContract
from tests.plugins.dropbox import OnTwin
from tests.twins.dropbox import Twin


class TestDropbox(ConnectorContract):
    host = "dropbox"
    renames_keep_ids = True

    @pytest.fixture
    def platform(self) -> Iterator[OnTwin]:
        with Twin() as twin:
            yield OnTwin(twin)
