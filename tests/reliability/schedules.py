"""Schedules: what happens in which order, as data that can be drawn, printed, and made shorter."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.reliability.people import ACTS, STORIES
from tests.reliability.world import World
from tests.twins.dropbox.faults import Fault, Kind

LIST, MORE, SMALL = "files/list_folder", "files/list_folder/continue", "files/get_thumbnail_v2"
FIND, SEE, ADD, TOKEN = "files/get_metadata", "files/tags/get", "files/tags/add", "oauth2/token"
ROUTES = (LIST, MORE, SMALL, FIND, SEE, ADD, "files/*", "*")
KINDS: tuple[Kind, ...] = ("error", "unavailable", "rate", "drop", "lose", "cut", "hang", "expire", "refuse")
POINTS = (
    "commit", "committed", "put *", "put ingest", "put push",
    *(f"{when} {route}" for when in ("call", "called") for route in (LIST, MORE, SMALL, FIND, SEE, ADD, TOKEN, "*")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """A process takes the job of this place in the queue and does it."""

    pick: int = 0
    name: str = "worker"

    def __call__(self, world: World) -> None:
        world.work(self.pick, self.name)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is owed is found."""

    def __call__(self, world: World) -> None:
        world.sweep()


@dataclass(frozen=True, slots=True)
class Die:
    """A process will be killed at such a point, after so many others."""

    point: str
    after: int = 0

    def __call__(self, world: World) -> None:
        world.process().fate.doom(self.point, self.after)


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Another process will work while this one waits for the host."""

    point: str
    after: int = 0
    pick: int = 0

    def __call__(self, world: World) -> None:
        world.process().fate.meanwhile(self.point, self.after, lambda: world.work(self.pick, "other"))


@dataclass(frozen=True, slots=True)
class Wrong:
    """The host will do something wrong."""

    kind: Kind
    route: str
    after: int = 0
    times: int = 1

    def __call__(self, world: World) -> None:
        seconds = 1.3 if self.kind == "hang" else 0.02
        world.twin.plan(Fault(self.kind, self.route, after=self.after, times=self.times, seconds=seconds))


@dataclass(frozen=True, slots=True)
class Do:
    """A person does something."""

    name: str

    def __call__(self, world: World) -> None:
        act = ACTS[self.name]
        world.act(act.when, act.what)


@dataclass(frozen=True, slots=True)
class Lose:
    """Redis dies with all that it held."""

    def __call__(self, world: World) -> None:
        world.waiting.jobs.clear()


@dataclass(frozen=True, slots=True)
class Double:
    """Every job that waits comes twice."""

    def __call__(self, world: World) -> None:
        world.waiting.jobs += world.waiting.jobs


@dataclass(frozen=True, slots=True)
class Call:
    """Dropbox calls, so many times."""

    times: int = 1

    def __call__(self, world: World) -> None:
        world.hook(times=self.times)


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes."""

    seconds: float

    def __call__(self, world: World) -> None:
        world.wait(self.seconds)


@dataclass(frozen=True, slots=True)
class End:
    """All access tokens, or all cursors, or our whole authorisation comes to its end."""

    of: str

    def __call__(self, world: World) -> None:
        {
            "tokens": world.twin.expire_tokens,
            "cursors": world.twin.reset_cursors,
            "consent": world.twin.disconnect,
        }[self.of]()


Step = Work | Sweep | Die | Meanwhile | Wrong | Do | Lose | Double | Call | Wait | End


@dataclass(frozen=True, slots=True)
class Schedule:
    """A library of so many photos, told in pages of a size, and what happens to it."""

    photos: int
    page: int
    acts: tuple[str, ...]
    steps: tuple[Step, ...]


few = st.integers(0, 3)
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(Work, few),
    st.builds(Work, few),
    st.builds(Work, few),
    st.just(Sweep()),
    st.builds(Die, st.sampled_from(POINTS), st.integers(0, 14)),
    st.builds(Die, st.sampled_from(POINTS), st.integers(0, 14)),
    st.builds(
        Meanwhile, st.sampled_from([f"call{ed} files/{one}" for ed in ("", "ed") for one in ("*", "tags/*")]),
        st.integers(0, 14), few,
    ),
    st.builds(Wrong, st.sampled_from(KINDS), st.sampled_from(ROUTES), st.integers(0, 9), st.integers(1, 3)),
    st.builds(Wrong, st.sampled_from(["reset", "still"]), st.just(MORE), few),
    st.builds(Wrong, st.sampled_from(["error", "drop", "lose", "hang"]), st.just(TOKEN), st.just(0)),
    st.sampled_from([Lose(), Double()]),
    st.builds(Call, st.integers(1, 3)),
    st.builds(Wait, st.sampled_from([1.0, 10.0, 60.0, 150.0, 4000.0])),
    st.builds(End, st.sampled_from(["tokens", "cursors", "consent"])),
)  # fmt: skip


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Steps, and between them what people do."""
    acts = draw(st.sampled_from(STORIES))
    found: list[Step] = draw(st.lists(steps, min_size=1, max_size=24))
    for name in acts:
        found.insert(draw(st.integers(0, len(found))), Do(name))
    return Schedule(
        draw(st.sampled_from([8, 8, 8, 12, 36])), draw(st.sampled_from([3, 100])), tuple(acts), tuple(found)
    )
