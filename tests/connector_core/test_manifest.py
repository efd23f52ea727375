"""Manifests: the list of hosts is the list of folders, and what they say is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector_core import manifest
from model_service.errors import Misconfigured

TEXT = """
title = "Somewhere"
connector = "{connector}"
abilities = []
panel = "there"
[auth]
kind = "none"
scopes = []
[limits]
"""


def test_every_folder_with_a_manifest_is_a_host_and_nothing_else_is() -> None:
    root = Path(__file__).parents[2] / "manifests"
    assert manifest.hosts() == tuple(sorted(place.parent.name for place in root.glob("*/connector.toml")))
    assert "folder" in manifest.hosts()


@pytest.mark.parametrize("host", manifest.hosts())
def test_every_manifest_is_read_and_its_connector_loads(host: str) -> None:
    found = manifest.load(host)
    assert (found.host, bool(found.title), bool(found.panel)) == (host, True, True)
    assert manifest.connector_class(host).__name__ == found.connector.rpartition(".")[2]


@pytest.mark.parametrize("host", ["", "none", "../folder", "folder/..", "Folder"])
def test_a_host_that_is_none_is_refused_with_the_list_of_hosts(host: str) -> None:
    with pytest.raises(Misconfigured, match=r"the hosts are .*folder"):
        manifest.load(host)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('title = "Somewhere"', "", "must say 'title'"),
        ('title = "Somewhere"', "title = 7", "must say 'title'"),
        ("abilities = []", 'abilities = ["Flies"]', "'Flies'"),
        ('kind = "none"', "", "'kind', 'scopes'"),
        ("[limits]", "[limits]\n[colour]", "'colour', which nobody reads"),
    ],
)
def test_a_manifest_that_is_wrong_says_where(old: str, new: str, reason: str) -> None:
    manifest.parse("somewhere", TEXT)
    with pytest.raises(Misconfigured, match=reason):
        manifest.parse("somewhere", TEXT.replace(old, new))


def test_a_manifest_cannot_be_changed() -> None:
    found = manifest.load("folder")
    with pytest.raises(AttributeError):
        found.title = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        found.limits["tag_length"] = 1  # type: ignore[index]
