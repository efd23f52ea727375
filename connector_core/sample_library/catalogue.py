"""The catalogue: products with proper names, in variants that are easy to confuse, and strangers to it."""

from __future__ import annotations

from dataclasses import dataclass

from connector_core.sample_library.accessories import Beanie, Pack
from connector_core.sample_library.boards import Board, Chip
from connector_core.sample_library.boxes import Carton
from connector_core.sample_library.cans import Can
from connector_core.sample_library.garments import Garment
from connector_core.sample_library.logos import Sponsor
from connector_core.sample_library.metalwork import Bracket, Gear
from connector_core.sample_library.piece import Look
from connector_core.sample_library.things import Thing


@dataclass(frozen=True, slots=True)
class Product:
    """Something with a proper name that can be photographed."""

    name: str
    look: Look
    layouts: int = 1
    """in how many ways, or on how many things, one shoot shows it"""


def _carton(variety: str, crunch: str, berries: str = "", band: str = "#1f4e79") -> Carton:
    return Carton("Nordlys", ("Oat", "Clusters"), variety, "#f1e3bd", band, crunch, berries)


def _can(words: str, variety: str, paint: str, stripe: str, fruit: str) -> Can:
    return Can("Sunda", words, variety, paint, stripe, fruit)


_CPU, _POWER = Chip(292, 178, 112, 112, "KX-41/8812"), Chip(472, 130, 92, 44, "LM290/A7")
_BUS, _FLASH = Chip(452, 300, 64, 40, "TI55"), Chip(150, 330, 84, 50, "FL128/3V")
_RADIO = Chip(440, 320, 88, 88, "RF-9/2400")
_PN_2041_B = Board("PN-2041 Rev B", (_CPU, _POWER, _BUS), ((150, 120), (150, 182)), 250)
_PN_2041_C = Board("PN-2041 Rev C", (_CPU, _POWER, _FLASH), ((150, 120), (520, 230)), 250)
_PN_2047 = Board("PN-2047", (Chip(216, 232, 112, 112, "KX-47/9920"), _POWER, _RADIO), ((330, 110), (384, 110)), 150)
_PN_3110 = Board("PN-3110", (Chip(360, 220, 130, 96, "ARC-3/110"), Chip(180, 140, 70, 70, "MX2")), ((520, 120),
    (520, 180), (520, 240)), 300,
                 "#1d3f7a", 3110)  # fmt: skip
_KB_60 = Bracket("KB-60", ((80, 80), (80, 340), (170, 340), (520, 80), (520, 170)), (((200, 125), (400, 125)),))
_KB_80 = Bracket(
    "KB-80", ((80, 80), (80, 340), (170, 340), (520, 125)), (((180, 85), (400, 85)), ((180, 165), (400, 165)))
)

PRODUCTS: tuple[Product, ...] = (
    Product("Aurora Shell Storm Blue", Garment("shell", "#345f96", "#1f3c63", "#20242c")),
    Product("Aurora Shell Harbour Blue", Garment("shell", "#316a92", "#1d4657", "#20242c")),
    Product("Aurora Shell Ember Red", Garment("shell", "#b8402c", "#752820", "#22201f")),
    Product("Aurora Shell Moss", Garment("shell", "#69743c", "#3f4626", "#23241c")),
    Product("Fjord Fleece Oat", Garment("fleece", "#cfc1a3", "#8a6d4a", "#4a3a2a")),
    Product("Fjord Fleece Pine", Garment("fleece", "#35594a", "#1f332d", "#b9873a")),
    Product("Fjord Fleece Slate", Garment("fleece", "#5b6670", "#343c44", "#1d1f22")),
    Product("Tindra Beanie Plum", Beanie("#6a3355", "#e3d9c4")),
    Product("Tindra Beanie Rust", Beanie("#a5532c", "#e3d9c4")),
    Product("Kelda Pack Sand", Pack("#ac9668", "#3a3128")),
    Product("Kelda Pack Ink", Pack("#333b4d", "#1b1d22")),
    Product("PN-2041 Rev B", _PN_2041_B),
    Product("PN-2041 Rev C", _PN_2041_C),
    Product("PN-2047", _PN_2047),
    Product("PN-3110", _PN_3110),
    Product("GB-118-06", Gear("GB-118-06", 30, 6)),
    Product("GB-118-08", Gear("GB-118-08", 30, 8)),
    Product("KB-60 Bracket", _KB_60),
    Product("KB-80 Bracket", _KB_80),
    Product("Nordlys Oat Clusters", _carton("", "#c08a48")),
    Product("Nordlys Oat Clusters Cocoa", _carton("Cocoa", "#5d3621")),
    Product("Nordlys Oat Clusters Berry", _carton("Berry", "#c08a48", "#8c2546")),
    Product("Sunda Ginger Tonic", _can("GINGER TONIC", "", "#b9781c", "#f3e3b5", "#e8c23a")),
    Product("Sunda Ginger Tonic Zero", _can("GINGER TONIC", "ZERO", "#b9781c", "#262626", "#e8c23a")),
    Product("Sunda Yuzu Spritz", _can("YUZU SPRITZ", "", "#4c8f6b", "#f1ecc9", "#e3d94a")),
    Product("Halden Cycling", Sponsor(("Halden", "Cycling"), "wheel", "#0f6b5c", "#f0b63a"), layouts=3),
    Product("Vantage Motors", Sponsor(("Vantage", "Motors"), "wing", "#a3182a", "#d8dadd"), layouts=3),
    Product("Brenner Alpine", Sponsor(("Brenner", "Alpine"), "peak", "#2b4a86", "#9cc3e6"), layouts=3),
    Product("Orbit Telecom", Sponsor(("Orbit", "Telecom"), "orbit", "#5a3a8c", "#f08a4b"), layouts=3),
)

RELATIVES: tuple[Product, ...] = (
    Product("Aurora Shell Dusk Violet", Garment("shell", "#5d4a86", "#3a2e58", "#20242c")),
    Product("Fjord Fleece Clay", Garment("fleece", "#a8694c", "#6b3f2e", "#3a2a22")),
    Product("Tindra Beanie Moss", Beanie("#5f6a3a", "#e3d9c4")),
    Product("PN-2052", Board("PN-2052", (_CPU, _BUS, _FLASH), ((520, 120),), 200)),
    Product("GB-118-12", Gear("GB-118-12", 30, 12)),
    Product("Nordlys Oat Clusters Honey", _carton("Honey", "#d9a038", band="#8a5a12")),
    Product("Sunda Lime Fizz", _can("LIME FIZZ", "", "#6aa336", "#eef3c4", "#a9d64a")),
    Product("Corvo Racing", Sponsor(("Corvo", "Racing"), "hare", "#c4661c", "#f3e3b5"), layouts=3),
)
"""Strangers that a model takes for one of ours: another colourway, another part number."""

UNRELATED: tuple[Product, ...] = (
    Product("Apples", Thing("apples")), Product("Wall clock", Thing("clock")), Product("Books", Thing("books")),
    Product("Plate", Thing("plate")), Product("Nothing", Thing("nothing")), Product("Fern", Thing("fern")),
)  # fmt: skip
"""Strangers that look like nothing of ours: what else is in a team's folders."""
