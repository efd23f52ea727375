"""Chaos: processes are killed, stopped and started, and the host fails, at points that a seed chooses."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from dataclasses import dataclass, field

from tests.reliability.shop import Shop
from tests.twins.dropbox.faults import Fault, Kind

WRONG: tuple[Kind, ...] = ("error", "unavailable", "rate", "writes", "drop", "lose", "cut", "expire", "hang")
ROUTES = ("files/list_folder*", "files/get_thumbnail_v2", "files/tags/get", "files/tags/add", "files/*")
HANGS = 2.0
"""seconds that a slow answer takes"""
GIVEN_UP = 30.0
"""seconds after which it is no longer measured how long it takes to go on"""


@dataclass(slots=True)
class Told:
    """What happened in a run."""

    seed: int
    happened: list[str] = field(default_factory=list)
    recovery: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """by what was killed, seconds from its start until more of what it does was done, where there was any to do"""
    seconds: float = 0.0

    def __str__(self) -> str:
        times = {name: [round(one, 1) for one in found] for name, found in self.recovery.items()}
        return f"seed {self.seed}, {self.seconds:.0f} s: {', '.join(self.happened)}; recovered after {times}"


def chaos(shop: Shop, seed: int, kills: int) -> Told:
    """Start everything, kill and break so many times while there is work, and leave everything running."""
    chance, told, started = random.Random(seed), Told(seed), time.monotonic()
    print(f"chaos of seed {seed}")
    for name in shop.names:
        shop.start(name)
    victims = [*shop.names, *(["redis"] if shop.redis is not None else [])]
    after = [victims[number % len(victims)] for number in range(kills)]
    chance.shuffle(after)
    # Evenly over the work that there is, whatever the machine makes of a second.
    marks = [2 * shop.photos * (number + chance.random()) / (kills + 1) for number in range(kills)]
    for victim, mark in zip(after, marks, strict=True):
        _wait_for(shop, mark)
        for _ in range(chance.randint(0, 2)):
            told.happened.append(_break(shop, chance))
        time.sleep(chance.uniform(0, 0.5))
        if victim != "redis" and chance.random() < 0.25:
            told.happened.append(f"stop {victim}")
            assert shop.service.stop(victim) == 0
        else:
            told.happened.append(f"kill {victim}")
            shop.kill(victim)
        time.sleep(chance.choice([0.0, 0.0, 0.5, 2.0]))
        _start(shop, victim)
        if shop.left(victim):
            told.recovery[told.happened[-1]].append(_recovered(shop, victim))
    told.seconds = time.monotonic() - started
    print(told)
    return told


def _start(shop: Shop, name: str) -> None:
    if name == "redis":
        assert shop.redis is not None
        shop.redis.start()
    else:
        shop.start(name)


def _break(shop: Shop, chance: random.Random) -> str:
    """The host does something wrong, or loses its memory, or says something twice."""
    if chance.random() < 0.75:
        kind, route, after, times = (
            chance.choice(WRONG),
            chance.choice(ROUTES),
            chance.randint(0, 20),
            chance.randint(1, 2),
        )
        shop.twin.plan(Fault(kind, route, after=after, times=times, seconds=HANGS if kind == "hang" else 0.0))
        return f"{kind} of {route}"
    loss = chance.choice(["tokens", "cursors", "calls"])
    if loss == "tokens":
        shop.twin.expire_tokens()
    elif loss == "cursors":
        shop.twin.reset_cursors()
    else:
        for _ in range(3):
            shop.call()
    return loss


def _recovered(shop: Shop, victim: str) -> float:
    started, before = time.monotonic(), shop.progress(victim)
    while shop.left(victim) and shop.progress(victim) <= before and time.monotonic() - started < GIVEN_UP:
        shop.tend()
        time.sleep(0.05)
    return time.monotonic() - started


def _wait_for(shop: Shop, mark: float) -> None:
    """Until so much is done, or all."""
    until = time.monotonic() + 120
    while shop.progress() < mark and time.monotonic() < until:
        shop.tend()
        if not shop.left():
            return
        time.sleep(0.1)
