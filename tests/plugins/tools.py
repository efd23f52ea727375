"""exiftool and exiv2: readers and writers of metadata that share no code with ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def need(tool: str) -> None:
    """Skip where a tool is not installed; in CI it must be."""
    if shutil.which(tool) is None:
        if os.environ.get("CI"):
            pytest.fail(f"{tool} is not installed here, and CI needs it")
        pytest.skip(f"{tool} is not installed here")


def exiftool(path: Path, *options: str) -> dict[str, Any]:
    """What exiftool reads, by group and tag."""
    need("exiftool")
    done = subprocess.run(
        ["exiftool", "-j", "-G1", "-struct", "-charset", "filename=utf8", *options, str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


def words(path: Path, tag: str = "XMP-dc:Subject") -> list[str]:
    """The words of a list, in order."""
    # Numbers among the keywords come as numbers.
    found = exiftool(path, f"-{tag}").get(tag, [])
    return [str(word) for word in (found if isinstance(found, list) else [found])]


def edit(path: Path, *options: str) -> None:
    """Change metadata as a person's program would."""
    need("exiftool")
    subprocess.run(
        ["exiftool", "-q", "-m", "-overwrite_original", "-charset", "filename=utf8", *options, str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )


def warnings(path: Path) -> set[str]:
    """Everything that exiftool finds wrong with a file."""
    need("exiftool")
    command = ["exiftool", "-validate", "-warning", "-error", "-a", "-s3", str(path)]
    done = subprocess.run(command, capture_output=True, timeout=60)
    return {line for line in done.stdout.decode().splitlines() if "Warning" not in line and line != "OK"}


def exiv2(path: Path, kind: str = "X") -> list[str]:
    """The values that exiv2 reads: ``X`` for XMP, ``I`` for IPTC."""
    need("exiv2")
    done = subprocess.run(["exiv2", f"-P{kind}kt", "pr", str(path)], capture_output=True, timeout=60)
    return done.stdout.decode().splitlines()
