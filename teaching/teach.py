"""The lessons: the student learns to place views as the teachers do, and apart as the teachers do."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from teaching.crops import SMALL, Pixels
from teaching.student import Student

BATCH = 48
"""views that are seen together by one of the two halves of a step"""
HALVES = 2
"""each on a core of its own; threads within an operation would wait for each other where others use the machine too"""
RATE = 2e-3
WARM = 0.05
"""share of the steps in which the rate rises; then it falls like a cosine"""
DECAY = 0.05
SHIFT = 8
"""pixels by which a view is moved, at most"""
COARSE, COARSE_SIDE = 0.9, 96
"""share of the steps, at the beginning, in which views are smaller, for the sake of speed"""
APART = 1.5
"""weight of the similarities within a batch (relational distillation, Park et al. 2019)"""
SLOW = 0.998
"""of the running average of the weights, which is what is kept"""

Targets = NDArray[np.float32]


def loss_of(given: Tensor, target: Tensor) -> Tensor:
    """Distance to the teachers' view of each picture, and to the likenesses they see between pictures."""
    given = nn.functional.normalize(given, dim=1)
    place = (1.0 - (given * target).sum(1)).mean()
    apart = (given @ given.T - target @ target.T).square().sum() / (len(given) * (len(given) - 1))
    return place + APART * len(given) ** 0.5 * apart


def teach(
    student: Student, pixels: Pixels, target: Targets, steps: int, place: Path,
    *, batch: int = BATCH, rate: float = RATE, keep: int = 100,
) -> Iterator[tuple[int, float, float]]:  # fmt: skip
    """Learn for ``steps`` steps, going on from ``place`` if it is there; yields step, mean loss, views a second.

    The checkpoint is written every ``keep`` steps and at the end. What is drawn and the rate depend on the step
    alone, so that a stop changes nothing, and ``steps`` may be another when it goes on.
    """
    torch.set_num_threads(1)
    student = student.to(memory_format=torch.channels_last)
    average = {name: value.detach().clone() for name, value in student.state_dict().items()}
    groups = [
        {"params": [p for p in student.parameters() if p.ndim > 1], "weight_decay": DECAY},
        {"params": [p for p in student.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=rate)
    begun = 0
    if place.exists():
        held = torch.load(place, weights_only=True)
        student.load_state_dict(held["student"])
        optimiser.load_state_dict(held["optimiser"])
        average, begun = held["average"], held["step"]
    student.train()
    halves = [student, *(_twin(student) for _ in range(HALVES - 1))]
    losses, start = [], time.perf_counter()
    with ThreadPoolExecutor(HALVES) as pool:
        for step in range(begun, steps):
            for group in optimiser.param_groups:
                group["lr"] = rate * slope(step / steps)
            side = COARSE_SIDE if step < COARSE * steps else SMALL
            turns = [(half, pixels, target, HALVES * step + at, batch, side) for at, half in enumerate(halves)]
            losses += pool.map(lambda turn: _learn(*turn), turns)
            _gather(halves)
            optimiser.step()
            blend(average, student, min(SLOW, (step + 1) / (step + 10)))
            if (step + 1) % keep == 0 or step + 1 == steps:
                state = {"student": student.state_dict(), "average": average, "step": step + 1}
                draft = place.with_suffix(".draft")
                torch.save({**state, "optimiser": optimiser.state_dict()}, draft)
                draft.replace(place)
                yield step + 1, float(np.mean(losses)), batch * len(losses) / (time.perf_counter() - start)
                losses, start = [], time.perf_counter()


def slope(done: float) -> float:
    """The rate's share of its highest, when this share of the steps is done."""
    return done / WARM + 1e-3 if done < WARM else 0.5 * (1 + math.cos(math.pi * (done - WARM) / (1 - WARM)))


def drawn(pixels: Pixels, turn: int, batch: int, side: int) -> tuple[NDArray[np.intp], Tensor]:
    """The views of a turn, mirrored and moved at random: their rows, and (batch, 3, side, side)."""
    epoch, at = divmod(turn, max(1, len(pixels) // batch))
    order = np.random.default_rng([1, epoch]).permutation(len(pixels))
    rows, chance = order[at * batch : (at + 1) * batch], np.random.default_rng([2, turn])
    views = torch.empty((len(rows), 3, SMALL, SMALL)).to(memory_format=torch.channels_last)
    for place, row in enumerate(rows):
        view = pixels[row][:, :: chance.choice((1, -1))]
        padded = np.pad(view, ((SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="edge")
        top, left = chance.integers(0, 2 * SHIFT + 1, 2)
        moved = np.ascontiguousarray(padded[top : top + SMALL, left : left + SMALL])
        views[place] = torch.from_numpy(moved).permute(2, 0, 1)
    if side != SMALL:
        views = nn.functional.interpolate(views, (side, side), mode="bilinear", antialias=True)
    return rows, views


def blend(average: dict[str, Tensor], student: Student, slow: float) -> None:
    """Move the running average a little towards the student."""
    with torch.no_grad():
        for name, value in student.state_dict().items():
            if value.is_floating_point():
                average[name].lerp_(value, 1.0 - slow)
            else:
                average[name].copy_(value)


def _twin(student: Student) -> Student:
    """A student with the same weights in the same memory, and gradients of its own."""
    twin = copy.deepcopy(student)
    for own, shared in zip(twin.parameters(), student.parameters(), strict=True):
        own.data = shared.data
    return twin


def _learn(half: Student, pixels: Pixels, target: Targets, turn: int, batch: int, side: int) -> float:
    """Add the gradients of one turn to those of this half."""
    rows, views = drawn(pixels, turn, batch, side)
    with torch.autocast("cpu", torch.bfloat16):
        given = half(views)
    loss = loss_of(given.float(), torch.from_numpy(target[rows]))
    half.zero_grad()
    loss.backward()
    return float(loss.detach())


def _gather(halves: list[Student]) -> None:
    """Give the first half the mean of the gradients of all."""
    for first, *others in zip(*(half.parameters() for half in halves), strict=True):
        for other in others:
            first.grad.add_(other.grad)
        first.grad.div_(len(halves))
