"""Encoders: pictures in, unit vectors out. ``load_encoder`` finds one by name."""

from __future__ import annotations

from model_service.encoders.encoder import Block, Encoder, Fingerprint
from model_service.encoders.load import load_encoder

__all__ = ["Block", "Encoder", "Fingerprint", "load_encoder"]
