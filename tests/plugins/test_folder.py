"""The folder as a host: the contract, and what only a file system can do to us."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plugins.folder.connector import Folder
from tests.contract.connector import ConnectorContract, Platform
from tests.plugins import tools


class Directory(Platform):
    """A real directory, with exiftool in a person's hand."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def connect(self, *, page: int = 100, max_bytes: int = 2**20) -> Folder:
        return Folder(self.root, page=page, max_bytes=max_bytes)

    def put(self, name: str, data: bytes) -> str:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(data)
        return name

    def rename(self, asset_id: str, name: str) -> str:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / asset_id).rename(self.root / name)
        return name

    def rename_folder(self, name: str, to: str) -> None:
        (self.root / name).rename(self.root / to)

    def remove_folder(self, name: str) -> None:
        shutil.rmtree(self.root / name)

    def forget_cursors(self) -> None:
        shutil.rmtree(self.root / ".propernoun")

    def remove(self, asset_id: str) -> None:
        (self.root / asset_id).unlink()

    def tag(self, asset_id: str, name: str) -> None:
        tools.edit(self.root / asset_id, f"-XMP-dc:Subject+={name}")

    def untag(self, asset_id: str, name: str) -> None:
        tools.edit(self.root / asset_id, f"-XMP-dc:Subject-={name}")

    def tags(self, asset_id: str) -> set[str]:
        return set(tools.words(self.root / asset_id))


class TestFolder(ConnectorContract):
    host = "folder"

    @pytest.fixture
    def platform(self, tmp_path: Path) -> Directory:
        return Directory(tmp_path / "photos")
