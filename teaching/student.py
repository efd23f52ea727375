"""The student: a small residual network of ordinary convolutions, which learn faster on CPUs than depthwise ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (32, 48, 96, 192, 320)
DEPTHS = (1, 2, 2, 2)
"""blocks of each width after the first"""
HIDDEN, DIM = 640, 384


class Unit(nn.Module):
    """Convolution and batch normalisation, which become one convolution at export."""

    def __init__(self, before: int, after: int, side: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, side, stride, side // 2, bias=False)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Weight and bias of the one convolution."""
        scale = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        return self.conv.weight * scale[:, None, None, None], self.norm.bias - self.norm.running_mean * scale


class Block(nn.Module):
    """Two convolutions beside a short way (He et al. 2016), which averages where it halves (He et al. 2019)."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = Unit(before, after, 3, stride), Unit(after, after, 3)
        self.short = Unit(before, after, 1) if before != after else None
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(torch.relu(self.first(x)))
        if self.stride > 1:
            x = nn.functional.avg_pool2d(x, 2)
        return torch.relu(y + (self.short(x) if self.short is not None else x))


class Student(nn.Module):
    """Pixels, (n, 3, side, side) from 0 to 255, to (n, DIM): the last two stages, averaged, then two layers more."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS, depths: tuple[int, ...] = DEPTHS, dim: int = DIM) -> None:
        super().__init__()
        self.stem = Unit(3, widths[0], 3, 2)
        self.stages = nn.ModuleList(
            nn.ModuleList(Block(before if at == 0 else after, after, 2 if at == 0 else 1) for at in range(depth))
            for before, after, depth in zip(widths[:-1], widths[1:], depths, strict=True)
        )
        self.hidden = nn.Linear(widths[-2] + widths[-1], HIDDEN)
        self.head = nn.Linear(HIDDEN, dim)

    def maps(self, x: Tensor) -> list[Tensor]:
        """What each stage makes of the pixels."""
        x = torch.relu(self.stem((x - 127.5) / 64.0))
        found = []
        for stage in self.stages:
            for block in stage:
                x = block(x)
            found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        pooled = [one.mean((2, 3)) for one in self.maps(x)[-2:]]
        return self.head(torch.relu(self.hidden(torch.cat(pooled, 1))))
