"""Photoshop image resources: the box in which a JPEG keeps IPTC, and its digest."""

from __future__ import annotations

import hashlib

from plugins.folder.formats.format import Unwritable

IPTC, DIGEST = 0x0404, 0x0425

Resource = tuple[bytes, int, bytes, bytes]
"""signature, number, name (with its length and padding), content"""


def iptc(resources: bytes) -> bytes | None:
    """The IPTC datasets among the resources. Raises Unwritable where these are damaged or hold two of them."""
    found = [content for _, number, _, content in _parse(resources) if number == IPTC]
    if len(found) > 1:
        raise Unwritable("the file holds its IPTC keywords twice")
    return found[0] if found else None


def with_iptc(resources: bytes, datasets: bytes | None) -> bytes:
    """The resources with these datasets; every other resource as it was."""
    old = iptc(resources)
    if datasets == old:
        return resources
    out: list[Resource] = []
    placed = False
    for signature, number, name, content in _parse(resources):
        if number == IPTC:
            placed = True
            if datasets is None:
                continue
            content = datasets
        # The digest tells readers that IPTC and XMP agree; one that did not fit before stays as it was.
        if number == DIGEST and old is not None and content == hashlib.md5(old, usedforsecurity=False).digest():
            if datasets is None:
                continue
            content = hashlib.md5(datasets, usedforsecurity=False).digest()
        out.append((signature, number, name, content))
    if datasets is not None and not placed:
        out.insert(0, (b"8BIM", IPTC, b"\x00\x00", datasets))
    return b"".join(_even(s + n.to_bytes(2, "big") + name + len(c).to_bytes(4, "big") + c) for s, n, name, c in out)


def _even(data: bytes) -> bytes:
    return data + b"\x00" * (len(data) % 2)


def _parse(resources: bytes) -> list[Resource]:
    found: list[Resource] = []
    offset = 0
    while len(resources) - offset >= 12:
        signature = resources[offset : offset + 4]
        if signature not in (b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"):
            break
        number = int.from_bytes(resources[offset + 4 : offset + 6], "big")
        name = 1 + resources[offset + 6]
        name += name % 2
        start = offset + 6 + name + 4
        size = int.from_bytes(resources[start - 4 : start], "big")
        if start + size > len(resources):
            raise Unwritable("its Photoshop resources are damaged")
        found.append((signature, number, resources[offset + 6 : offset + 6 + name], resources[start : start + size]))
        offset = start + size + size % 2
    if resources[offset:].strip(b"\x00"):
        raise Unwritable("its Photoshop resources are damaged")
    return found
