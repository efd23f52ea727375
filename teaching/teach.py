"""The lessons: the student learns to place views as the teachers do, and apart as the teachers do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from teaching.crops import SMALL
from teaching.student import Student

BATCH = 96
RATE = 2e-3
DECAY = 0.05
SHIFT = 8
"""pixels by which a view is moved, at most"""
APART = 4.0
"""weight of the similarities within a batch (relational distillation, Park et al. 2019)"""
SLOW = 0.998
"""of the running average of the weights, which is what is kept"""


def targets(seen: NDArray[np.float16], dim: int, *, sample: int = 12_000) -> NDArray[np.float32]:
    """What the teachers see, whitened by its main axes: (n, dim) unit rows. Weak axes are lifted less."""
    some = np.random.default_rng(0).permutation(len(seen))[:sample]
    centre = seen[some].astype(np.float32).mean(0)
    _, values, axes = np.linalg.svd(seen[some].astype(np.float32) - centre, full_matrices=False)
    spread = np.square(values[:dim]) / len(some)
    turn = axes[:dim].T / np.sqrt(spread + 0.1 * spread.mean())
    found = np.concatenate([(part.astype(np.float32) - centre) @ turn for part in np.array_split(seen, 64)])
    unit: NDArray[np.float32] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return unit


def loss_of(given: Tensor, target: Tensor) -> Tensor:
    """Distance to the teachers' view of each picture, and to the likenesses they see between pictures."""
    given = nn.functional.normalize(given, dim=1)
    place = (1.0 - (given * target).sum(1)).mean()
    apart = (given @ given.T - target @ target.T).square().sum() / (len(given) * (len(given) - 1))
    return place + APART * len(given) ** 0.5 * apart


def teach(
    student: Student, pixels: NDArray[np.uint8], target: NDArray[np.float32], steps: int, place: Path,
    *, batch: int = BATCH, rate: float = RATE, keep: int = 200,
) -> Iterator[tuple[int, float, float]]:  # fmt: skip
    """Learn for ``steps`` batches, going on from ``place`` if it is there; yields step, mean loss, views a second.

    The checkpoint is written every ``keep`` steps and at the end. What is drawn depends on the step alone, so that a
    stop changes nothing.
    """
    student = student.to(memory_format=torch.channels_last)
    average = {name: value.detach().clone() for name, value in student.state_dict().items()}
    groups = [
        {"params": [p for p in student.parameters() if p.ndim > 1], "weight_decay": DECAY},
        {"params": [p for p in student.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps + 1, pct_start=0.1)
    begun = 0
    if place.exists():
        held = torch.load(place, weights_only=True)
        student.load_state_dict(held["student"])
        optimiser.load_state_dict(held["optimiser"])
        schedule.load_state_dict(held["schedule"])
        average, begun = held["average"], held["step"]
    student.train()
    losses, start = [], time.perf_counter()
    for step in range(begun, steps):
        optimiser.zero_grad()
        rows, views = drawn(pixels, step, batch)
        loss = loss_of(student(views), torch.from_numpy(target[rows]))
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        blend(average, student, min(SLOW, (step + 1) / (step + 10)))
        if (step + 1) % keep == 0 or step + 1 == steps:
            state = {"student": student.state_dict(), "average": average, "step": step + 1}
            draft = place.with_suffix(".draft")
            torch.save({**state, "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}, draft)
            draft.replace(place)
            yield step + 1, float(np.mean(losses)), batch * len(losses) / (time.perf_counter() - start)
            losses, start = [], time.perf_counter()


def drawn(pixels: NDArray[np.uint8], step: int, batch: int) -> tuple[NDArray[np.intp], Tensor]:
    """The views of a step, mirrored and moved at random: their rows, and (batch, 3, side, side)."""
    epoch, at = divmod(step, max(1, len(pixels) // batch))
    order = np.random.default_rng([1, epoch]).permutation(len(pixels))
    rows, chance = order[at * batch : (at + 1) * batch], np.random.default_rng([2, step])
    views = torch.empty((len(rows), 3, SMALL, SMALL)).to(memory_format=torch.channels_last)
    for place, row in enumerate(rows):
        view = pixels[row][:, :: chance.choice((1, -1))]
        padded = np.pad(view, ((SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="edge")
        top, left = chance.integers(0, 2 * SHIFT + 1, 2)
        moved = np.ascontiguousarray(padded[top : top + SMALL, left : left + SMALL])
        views[place] = torch.from_numpy(moved).permute(2, 0, 1)
    return rows, views


def blend(average: dict[str, Tensor], student: Student, slow: float) -> None:
    """Move the running average a little towards the student."""
    with torch.no_grad():
        for name, value in student.state_dict().items():
            if value.is_floating_point():
                average[name].lerp_(value, 1.0 - slow)
            else:
                average[name].copy_(value)
