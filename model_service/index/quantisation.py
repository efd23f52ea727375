"""How vectors on a server are compressed for search: a word that settings use without the server's client."""

from __future__ import annotations

from enum import StrEnum


class Quantisation(StrEnum):
    """How vectors are compressed for search. What ``get`` and ``scroll`` give is never compressed."""

    OFF = "off"
    """search compares with every vector of the partition: exact"""
    SCALAR = "scalar"
    """8 bits a number"""
    BINARY = "binary"
    """1 bit a number"""
