"""A sample library to try Propernoun on: a product catalogue drawn by code, nothing is downloaded."""

from __future__ import annotations

from connector_core.sample_library.catalogue import PRODUCTS, Product
from connector_core.sample_library.draw import Library, draw_library
from connector_core.sample_library.scene import photo

__all__ = ["PRODUCTS", "Library", "Product", "draw_library", "photo"]
