"""A report as a shop of 81 groceries would get it, with real photos where they lie beside the project."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from model_service.report.report import (
    Confusion,
    CurvePoint,
    GroupReport,
    Rate,
    Report,
    Suspect,
    TagReport,
)
from model_service.types import WHOLE, Box, Decision, Evidence, Prediction

PHOTOS = Path(__file__).parents[2] / ".." / "shared" / "data" / "grocery"
NAMES = (
    "Royal Gala,Pink Lady,Granny Smith,Golden Delicious,Red Delicious,Anjou Pear,Conference Pear,Kaiser Pear,"
    "Avocado,Banana,Kiwi,Lemon,Lime,Mango,Cantaloupe,Galia Melon,Honeydew,Watermelon,Nectarine,Orange,Papaya,"
    "Passion Fruit,Peach,Pineapple,Plum,Pomegranate,Red Grapefruit,Satsumas"
).split(",")


def rate(value: float, of: int, reach: float = 0.0) -> Rate:
    """A rate with a plausible interval around it."""
    reach = reach or (0.9 / max(of, 1)) ** 0.5
    return Rate(value, max(0.0, value - reach), min(1.0, value + reach * 0.6), of)


NOTHING = Rate(0.0, 0.0, 1.0, 0)


def tag(name: str, at: int = 0, *, promised: bool = True, of: int = 18) -> TagReport:
    """One tag; ``at`` moves it from weak to strong."""
    recall = min(0.99, 0.52 + at * 0.017)
    advice = ""
    if not promised:
        advice = "All its photos are from one shoot: add a few from another day."
    elif recall < 0.62:
        advice = "Add 6 photos; close-ups of the label tell it apart best."
    return TagReport(
        tag=name,
        examples=20,
        shoots=4 if promised else 1,
        precision=rate(min(1.0, recall + 0.09), of) if of else NOTHING,
        recall=rate(recall, of) if of else NOTHING,
        applied=max(0.0, recall - 0.35) if promised else 0.0,
        reviewed=0.4,
        promised=promised,
        advice=advice,
    )


def group(name: str = "product", tags: tuple[TagReport, ...] | None = None, **changed: object) -> GroupReport:
    """A group of plausible figures; anything can be said otherwise."""
    if tags is None:
        tags = tuple(tag(name, at, promised=at not in (2, 9)) for at, name in enumerate(NAMES))
    fields: dict[str, object] = {
        "group": name,
        "tags": tags,
        "examples": sum(one.examples for one in tags),
        "top1": Rate(0.75, 0.712, 0.787, 540),
        "technique": "A visual recogniser on 1,472 figures a photo; a network carries most of it, colour a good part.",
        "weights": {"network": 0.58, "colour": 0.27, "texture": 0.15},
        "shrinkage": 0.34,
        "threshold": 0.91,
        "applied": 0.412,
        "reviewed": 0.521,
        "rejected": 0.067,
        "applied_error": Rate(0.0135, 0.004, 0.034, 222),
        "calibration_error": 0.031,
        "dial": ((0.005, 0.12, 0.985), (0.01, 0.29, 0.95), (0.02, 0.41, 0.91), (0.05, 0.58, 0.8), (0.1, 0.72, 0.66)),
        "curve": (CurvePoint(3, 0.52), CurvePoint(5, 0.61), CurvePoint(10, 0.7), CurvePoint(20, 0.75)),
    }
    return GroupReport(**{**fields, **changed})  # type: ignore[arg-type]


def report(*groups: GroupReport, **changed: object) -> Report:
    """A report of these groups, or of the grocery shop."""
    fields: dict[str, object] = {
        "encoder": "compact",
        "encoder_id": "3f9a1c07b2de",
        "created": "2026-05-04T09:30:00+00:00",
        "risk": 0.02,
        "seconds": 12.4,
        "groups": groups or (shop(),),
        "skipped": (
            ("Lemon/IMG_2041.jpg", "The file ends in the middle of the picture: copy it again."),
            ("Papaya/notes.txt", "This is no picture; JPEG, PNG, WebP and HEIC can be read."),
        ),
        "notes": (
            "2 tags were only ever seen in one shoot: their tags wait for review until photos of another day arrive.",
            "Photos carry no capture dates, so groups of photos that look alike stood in for shoots.",
        ),
    }
    return Report(**{**fields, **changed})  # type: ignore[arg-type]


def shop() -> GroupReport:
    """The grocery shop, with its confusions and suspects."""
    pairs = (
        ("Royal Gala", "Pink Lady", 0.28, "Send photos that show the sticker, or tag both as Red Apple."),
        ("Anjou Pear", "Conference Pear", 0.17, "Add photos of Anjou Pear from the side."),
        ("Cantaloupe", "Galia Melon", 0.11, "Photos of a cut melon tell them apart."),
    )
    confusions = tuple(
        Confusion(one, other, share, f"{one}/{at}.jpg", f"{other}/{at}.jpg", advice)
        for at, (one, other, share, advice) in enumerate(pairs)
    )
    suspects = (
        Suspect("Peach/7.jpg", "Peach", "Nectarine", 0.97),
        Suspect("Lime/11.jpg", "Lime", "Avocado", 0.94),
        Suspect("Satsumas/3.jpg", "Satsumas", "Orange", 0.88),
    )
    return group(confusions=confusions, suspects=suspects)


def tagged() -> list[Prediction]:
    """New photos with every decision."""
    made = []
    for at, name in enumerate(NAMES):
        decision, sure = Decision.APPLY, 0.997 - at * 0.004
        reason = "Sure enough for the promise you chose."
        if at % 3 == 1:
            decision, sure, reason = Decision.REVIEW, 0.78 - at * 0.01, "Two tags are close: please choose."
        if at % 9 == 8:
            decision, sure, reason = Decision.REJECT, 0.21, "Like none of your tags."
        box = Box(0.15, 0.2, 0.5, 0.5) if at == 3 else WHOLE
        evidence = Evidence(f"{name}/2.jpg", 0.83, box, NAMES[at - 1], min(sure, 1 - sure) * 0.7)
        made.append(Prediction(f"new/{name}/20.jpg", name, "product", sure, decision, reason, evidence))
    return made


def thumbnail(asset: str) -> bytes | None:
    """A photo of the tag in the asset's path, or a drawn one."""
    parts = asset.split("/")
    name, at = parts[-2].replace(" ", "-"), int(parts[-1].removesuffix(".jpg"))
    folders = (f"train/Fruit/{name}/*.jpg", f"train/Fruit/*/{name}/*.jpg", f"train/Fruit/*/{name.split('-')[0]}*/*.jpg")
    found = next(filter(None, (sorted(PHOTOS.glob(folder)) for folder in folders)), [])
    if found:
        return found[at % len(found)].read_bytes()
    return drawn(sum(map(ord, name)) * 31 + at)


def drawn(seed: int) -> bytes:
    """A soft disc on a table, as JPEG."""
    colours = np.random.default_rng(seed).integers(60, 230, (2, 3))
    y, x = np.mgrid[-1:1:200j, -1:1:200j]
    inside = np.clip((0.7 - np.hypot(x, y)) * 12, 0, 1)[..., None]
    pixels = (colours[0] * inside + colours[1] * (1 - inside)).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()
