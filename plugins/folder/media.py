"""Which files of a folder are pictures and videos that people see as theirs, by their names."""

from __future__ import annotations

from connector_core.media import media_type

# Network disks keep thumbnails and deleted files under these names.
NOT_OURS = frozenset({"@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information"})


def is_hidden(name: str) -> bool:
    """Whether people do not see a file or directory of this name as theirs; our own memory is one of these."""
    return name.startswith(".") or name in NOT_OURS


__all__ = ["is_hidden", "media_type"]
