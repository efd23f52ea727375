"""``python -m teaching crops|teach|export``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import photos
from connector_core.sample_library.draw import draw_library
from teaching import crops

WORK = photos.RESULTS / "teaching"
ENCODERS = photos.ROOT / "model_service" / "encoders"
TEXTURES = {"texture": 1, "parts": 2}
"""blocks that are textures, and of which stage"""
THINGS = WORK / "things"
"""pictures on transparent grounds, if there are any"""
DRAWN = 15
"""pictures of each product of the sample library"""


def main() -> None:
    """Do one step, or go on with it."""
    parser = argparse.ArgumentParser(prog="python -m teaching", description="Teach the network of compact.")
    parser.add_argument("step", choices=("crops", "teach", "export"))
    parser.add_argument("--rounds", type=int, default=5, help="views of each photo")
    parser.add_argument("--steps", type=int, default=3000, help="batches to learn from")
    parser.add_argument("--out", type=Path, default=ENCODERS, help="the folder where what is exported goes")
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    if asked.step == "crops":
        from teaching.teachers import teacher

        see = teacher(WORK / "networks")
        for line in crops.make(_photos(), sorted(THINGS.glob("*")), asked.rounds, see, WORK / "views"):
            print(line, flush=True)
    elif asked.step == "teach":
        from teaching.student import DIM, Student
        from teaching.targets import targets
        from teaching.teach import teach

        pixels, seen = crops.load(WORK / "views")
        for step, loss, rate in teach(
            Student(), pixels, targets(seen, DIM, WORK / "axes.npz"), asked.steps, WORK / "student.pt"
        ):
            print(f"step {step}/{asked.steps} loss {loss:.4f} {rate:.0f} views/s", flush=True)
    else:
        from teaching.colours import learn_colours
        from teaching.export import read_student, to_onnx
        from teaching.textures import learn_texture

        pixels, _ = crops.load(WORK / "views", "00")
        student = read_student(WORK / "student.pt")
        textures = {name: learn_texture(student, stage, pixels) for name, stage in TEXTURES.items()}
        (asked.out / "compact.onnx").write_bytes(to_onnx(student, textures))
        (asked.out / "compact.safetensors").write_bytes(learn_colours(pixels))
        print(asked.out)


def _photos() -> list[Path]:
    """Photos without their labels: garments (CC0), groceries to learn from (MIT), and our own drawings."""
    drawings = WORK / "drawn"
    if not (drawings / "answers.csv").exists():
        draw_library(drawings, examples=DRAWN, new=DRAWN, strangers=60)
    lists = (photos.GROCERY / "train.txt").read_text("utf-8").splitlines()
    groceries = [photos.GROCERY / line.split(",")[0].strip() for line in lists if line.strip()]
    return [*sorted(photos.CLOTHING.glob("*.jpg")), *groceries, *sorted(drawings.rglob("*.jpg"))]


main()
