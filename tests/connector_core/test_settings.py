"""Settings: read once from the environment; a value that means nothing is refused in words."""

from __future__ import annotations

import pytest

from connector_core.settings import Settings
from model_service.errors import Misconfigured


def test_an_empty_environment_is_one_service_on_this_machine() -> None:
    found = Settings.from_env({})
    assert found.database.startswith("sqlite:///") and found.redis == "" and found.requests == 600
    assert found.metrics is False and found.folders == () and found.sweep == 20.0


def test_what_is_set_is_read() -> None:
    env = {"REQUESTS": "60", "METRICS": "on", "FOLDERS": "/a, /b,", "URL": "https://tags.example.com/", "SWEEP": "5"}
    found = Settings.from_env({f"PROPERNOUN_{name}": value for name, value in env.items()})
    assert (found.requests, found.metrics, found.folders) == (60, True, ("/a", "/b"))
    assert (found.url, found.sweep) == ("https://tags.example.com", 5.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REQUESTS", "0"),
        ("REQUESTS", "many"),
        ("METRICS", "yes"),
        ("RISK", "2"),
        ("URL", "tags.example.com"),
        ("SWEEP", "0"),
    ],
)
def test_what_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=value):
        Settings.from_env({f"PROPERNOUN_{name}": value})
