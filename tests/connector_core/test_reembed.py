"""Another encoder: photos are looked at anew while the old model serves, whatever is killed, lost or worse.

Nothing but the sweep drives these tests: every job is one that the store says is owed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from connector_core.engine import Engine
from connector_core.operations.learn import want
from connector_core.operations.look import hand_in
from connector_core.operations.promote import promote
from connector_core.operations.reembed import reembed
from connector_core.operations.review import verdict
from connector_core.queue.job import Job
from connector_core.settings import Settings
from connector_core.store.rows import State
from connector_core.worker import VERBS, do
from model_service.errors import Refuse
from tests.connector_core.web.service import COLOURS, picture
from tests.model_service.onnx_sample import write_network
from tests.twins.qdrant import QdrantTwin

EACH = 8
"""photos of each colour"""


class World:
    """A folder of photos, a tenant, and a service that is started again and again with another encoder."""

    def __init__(self, home: Path, qdrant: str = "") -> None:
        self.home = home
        self.photos = home / "photos"
        self.photos.mkdir()
        for seed in (1, 2):
            write_network(home / f"{seed}.onnx", seed=seed)
        blind(write_network(home / "blind.onnx", seed=3))
        self._settings = Settings(home / "data", database=f"sqlite:///{home / 'p.db'}", qdrant=qdrant)
        self.engine = self.start("1")
        self.tenant = self.engine.store.add("Nordlys")
        for name in COLOURS:
            for at in range(EACH):
                self.add(f"{name}/{at}.jpg", name, at)
        with self.engine.store.tenant(self.tenant) as mine:
            self.connection = mine.connections.add("folder", "photos", "Photos", {"path": str(self.photos)})

    def start(self, encoder: str) -> Engine:
        """Start the service, as it is started after its settings were changed."""
        if hasattr(self, "engine"):
            self.engine.close()
        self.engine = Engine(replace(self._settings, encoder=f"onnx:{self.home / encoder}.onnx"), do)
        assert self.engine.encoder.fingerprint.dim == 8
        return self.engine

    def add(self, name: str, colour: str, seed: int) -> None:
        """A photo into the folder."""
        place = self.photos / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(picture(COLOURS[colour], seed))

    def scan(self) -> None:
        """Have the folder looked through."""
        with self.engine.store.tenant(self.tenant) as mine:
            mine.connections.wake(self.connection)

    def rest(self, most: int = 500, *, without: str = "") -> list[str]:
        """Do what is owed until nothing is; the verbs that were done."""
        done: list[str] = []
        while jobs := [job for job in self.engine.store.owed() if job.name != without]:
            for job in jobs:
                VERBS[job.name](self.engine, job.tenant, *job.args)
                done.append(job.name)
            assert len(done) < most, f"it never comes to rest: {done[-20:]}"
        return done

    def teach(self) -> None:
        """Six of each colour are examples, and a model learns from them."""
        with self.engine.store.tenant(self.tenant) as mine:
            for one in mine.assets.page(limit=1000):
                colour, _, at = one.host_id.partition("/")
                if int(at.removesuffix(".jpg")) < 6:
                    mine.examples.teach(one.id, mine.vocabulary.tag(colour), shoot=at)
            want(mine, "")
        self.rest()

    def ids(self) -> dict[str, str]:
        """Assets by their paths."""
        with self.engine.store.tenant(self.tenant) as mine:
            return {one.host_id: one.id for one in mine.assets.page(limit=1000)}

    def state(self, path: str) -> tuple[str, str]:
        """State and reason of an asset."""
        asset = self.ids()[path]
        with self.engine.store.tenant(self.tenant) as mine:
            one = mine.assets.one(asset)
        return one.state, one.reason

    def says(self, path: str) -> str:
        """The tag that is predicted for an asset; empty if none is."""
        asset = self.ids()[path]
        with self.engine.store.tenant(self.tenant) as mine:
            found = mine.judgements.of([asset])
            names = {word.id: word.name for word in mine.vocabulary.all()}
        return "".join(names[one.tag] for some in found.values() for one in some)

    def live(self) -> int:
        """The number of the model in use."""
        with self.engine.store.tenant(self.tenant) as mine:
            live = mine.models.live()
        assert live is not None
        return live.number

    def vectors(self) -> dict[str, int]:
        """How many assets each kept encoder has vectors of, by its file."""
        with self.engine.store.tenant(self.tenant) as mine:
            kept = mine.encoders.kept()
        return {Path(one.name).stem: self.engine.vectors(self.tenant, one).count() for one in kept}

    def models(self) -> list[tuple[int, str, str]]:
        """Number, state and what is said of each model, the latest first."""
        with self.engine.store.tenant(self.tenant) as mine:
            return [(one.number, one.state, one.reason) for one in mine.models.all()]


def blind(network: Path) -> None:
    """Make a network blind to colours and brightness: it sees edges alone."""
    model = onnx.load(network)
    (weights,) = (one for one in model.graph.initializer if one.name == "w")
    array = numpy_helper.to_array(weights)
    grey = array.mean(axis=1, keepdims=True).repeat(3, axis=1)
    edges = grey - grey.mean(axis=(2, 3), keepdims=True)
    weights.CopyFrom(numpy_helper.from_array(edges.astype(array.dtype), "w"))
    network.write_bytes(model.SerializeToString())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Everything is read and learned with the first encoder."""
    world = World(tmp_path)
    world.rest()
    world.teach()
    yield world
    world.engine.close()


@pytest.fixture(params=["edge", "server"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same, with vectors in this process, and with vectors on a server."""
    if request.param == "edge":
        yield request.getfixturevalue("world")
        return
    with QdrantTwin() as twin:
        world = World(tmp_path, twin.url)
        world.rest()
        world.teach()
        yield world
        world.engine.close()


def test_a_new_encoder_takes_over_by_itself_and_no_host_is_asked_for_anything(anywhere: World) -> None:
    world = anywhere
    assert world.vectors() == {"1": 24} and world.live() == 1
    shutil.rmtree(world.photos)
    world.start("2")
    done = world.rest()
    assert set(done) == {"reembed", "learn", "predict"}
    assert world.live() == 2 and world.vectors() == {"2": 24}
    assert world.models()[0][2].startswith("Compared with the encoder before: ")
    assert all(world.says(path) == path.partition("/")[0] for path in world.ids())


def test_meanwhile_the_old_model_serves(anywhere: World) -> None:
    world = anywhere
    engine = world.start("2")
    reembed(engine, world.tenant)
    half = world.vectors()
    assert 0 < half["2"] <= half["1"] == 24
    # A new photo is judged, and both encoders have seen it.
    world.add("Moss Green/new.jpg", "Moss Green", 99)
    world.scan()
    world.rest(without="reembed")
    assert world.live() == 1 and world.says("Moss Green/new.jpg") == "Moss Green"
    assert world.vectors() == {"1": 25, "2": half["2"] + 1}
    # What is taught counts at once.
    asset = world.ids()["Moss Green/new.jpg"]
    with engine.store.tenant(world.tenant) as mine:
        verdict(mine, asset, mine.vocabulary.tag("Ember Red"), yes=True, person="Ada")
    assert "predict" in world.rest(without="reembed")
    # What is sent is looked at with the eyes that the model knows.
    look = hand_in(engine, world.tenant, lambda place: place.write_bytes(picture(COLOURS["Storm Blue"], 5)))
    VERBS["look"](engine, world.tenant, look)
    with engine.store.tenant(world.tenant) as mine:
        assert mine.vocabulary.tag("Storm Blue") in str(mine.looks.get(look).result)
    # What looks alike is found.
    index = engine.vectors(world.tenant)
    of = index.get([world.ids()["Storm Blue/0.jpg"]])
    near = index.near(next(iter(of.values())).features.vectors[0], limit=EACH)
    assert {asset for asset in (one.asset for one in near)} == {
        one for path, one in world.ids().items() if path.startswith("Storm Blue")
    }


def test_progress_can_be_shown(world: World) -> None:
    world.start("2")
    with world.engine.store.tenant(world.tenant) as mine:
        before = mine.encoders.progress()
    assert (before.done, before.left) == (0, 24)
    world.rest()
    with world.engine.store.tenant(world.tenant) as mine:
        after = mine.encoders.progress()
    assert (after.done, after.left, Path(after.encoder).stem, Path(after.serves).stem) == (24, 0, "2", "2")


def test_a_worse_encoder_stays_a_candidate_until_a_person_decides(world: World) -> None:
    world.start("blind")
    world.rest()
    (number, state, reason), *_ = world.models()
    assert (number, state, world.live()) == (2, "candidate", 1)
    assert reason.startswith("Compared with the encoder before: Only ")
    assert world.vectors() == {"1": 24, "blind": 24}
    world.add("Moss Green/new.jpg", "Moss Green", 99)
    world.scan()
    world.rest()
    assert world.says("Moss Green/new.jpg") == "Moss Green"
    assert world.vectors() == {"1": 25, "blind": 25}
    with world.engine.store.tenant(world.tenant) as mine:
        promote(mine, mine.models.all()[0].id, person="Ada")
    world.rest()
    assert world.live() == 2 and world.vectors() == {"blind": 25}
    assert len(world.models()) == 2


def test_an_old_encoder_that_cannot_be_loaded_serves_what_it_has_seen(world: World) -> None:
    (world.home / "1.onnx").unlink()
    engine = world.start("2")
    world.add("Moss Green/new.jpg", "Moss Green", 99)
    world.add("Moss Green/7.jpg", "Ember Red", 98)
    world.scan()
    world.rest(without="reembed")
    for path in ("Moss Green/new.jpg", "Moss Green/7.jpg"):
        state, reason = world.state(path)
        assert state == State.READY and "can no longer be loaded" in reason
        assert world.says(path) == ""
    assert world.vectors() == {"1": 23, "2": 2}
    assert world.says("Storm Blue/7.jpg") == "Storm Blue"
    # People still teach it, with what it has seen.
    asset = world.ids()["Storm Blue/7.jpg"]
    with engine.store.tenant(world.tenant) as mine:
        verdict(mine, asset, mine.vocabulary.tag("Storm Blue"), yes=True, person="Ada")
    world.rest(without="reembed")
    look = hand_in(engine, world.tenant, lambda place: place.write_bytes(picture(COLOURS["Storm Blue"], 5)))
    VERBS["look"](engine, world.tenant, look)
    with engine.store.tenant(world.tenant) as mine:
        assert "can no longer be loaded" in str(mine.looks.get(look))
    # As soon as the new model is in use, nothing waits any more.
    world.rest()
    assert world.live() == 2 and world.vectors() == {"2": 25}
    assert world.says("Moss Green/new.jpg") == "Moss Green"
    assert world.state("Moss Green/new.jpg")[0] != State.READY


def test_another_network_under_the_old_name_is_not_taken_for_the_old_one(world: World) -> None:
    write_network(world.home / "1.onnx", seed=7)
    world.start("2")
    world.add("Moss Green/new.jpg", "Moss Green", 99)
    world.scan()
    world.rest(without="reembed")
    assert world.state("Moss Green/new.jpg")[0] == State.READY


def test_killed_anywhere_it_goes_on_where_it_was(world: World) -> None:
    """As many times as it takes, a process of its own is killed while it looks anew."""
    with world.engine.store.tenant(world.tenant) as mine:
        for number in range(60):
            world.add(f"Ember Red/{100 + number}.jpg", "Ember Red", 100 + number)
        mine.connections.wake(world.connection)
    world.rest()
    world.start("2").close()
    lived = 0
    for delay in (0.03, 0.1, 0.3):
        lived += killed_after(world, delay)
        world.start("2")
        counts = world.vectors()
        with world.engine.store.tenant(world.tenant) as mine:
            assert mine.encoders.progress().done <= counts.get("2", 0)
        world.engine.close()
    assert lived, "no process came as far as to look at a photo"
    engine = world.start("2")
    engine.store.take_over()
    world.rest()
    assert world.live() == 2 and world.vectors() == {"2": 84}


def killed_after(world: World, delay: float) -> bool:
    """Whether a process that looks anew, and is killed so many seconds after it began, had begun."""
    code = """
import sys
from dataclasses import replace
from pathlib import Path
from connector_core.engine import Engine
from connector_core.operations import reembed
from connector_core.settings import Settings
from connector_core.worker import do

home, tenant = Path(sys.argv[1]), sys.argv[2]
reembed.TOGETHER = 7
settings = Settings(home / "data", encoder=f"onnx:{home / '2'}.onnx", database=f"sqlite:///{home / 'p.db'}")
engine = Engine(settings, do)
engine.store.take_over()
print("begins", flush=True)
for _ in range(1000):
    reembed.reembed(engine, tenant)
"""
    arguments = [sys.executable, "-c", code, str(world.home), world.tenant]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    ) as it:
        assert it.stdout is not None and it.stdout.readline() == "begins\n"
        try:
            it.wait(delay)
        except subprocess.TimeoutExpired:
            it.send_signal(signal.SIGKILL)
        return it.wait() == -signal.SIGKILL


def test_bytes_that_change_while_they_are_looked_at_are_read_once_more(world: World) -> None:
    engine = world.start("2")
    world.add("Moss Green/7.jpg", "Ember Red", 77)
    with engine.store.tenant(world.tenant) as mine:
        mine.encoders.keep(engine.encoder.fingerprint)
        claimed = mine.encoders.claim(100)
    world.scan()
    with engine.store.tenant(world.tenant) as mine:
        mine.connections.wake(world.connection)
    VERBS["scan"](engine, world.tenant, world.connection)
    VERBS["ingest"](engine, world.tenant, world.connection)
    assert world.says("Moss Green/7.jpg") == "Ember Red"
    # The one that had claimed them comes late, with what it saw of the old bytes.
    with engine.store.tenant(world.tenant) as mine:
        changed = mine.encoders.looked(claimed, engine.encoder.fingerprint.id)
        mine.assets.again(changed)
    assert changed == [world.ids()["Moss Green/7.jpg"]]
    assert world.state("Moss Green/7.jpg")[0] == State.PENDING
    world.rest()
    assert world.says("Moss Green/7.jpg") == "Ember Red"


@pytest.mark.parametrize("damage", [lambda place: place.unlink(), lambda place: place.write_bytes(b"\xff\xd8nothing")])
def test_a_photo_without_its_kept_picture_is_fetched_once_more(world: World, damage: Callable[[Path], None]) -> None:
    ids = world.ids()
    for path in ("Moss Green/0.jpg", "Ember Red/7.jpg", "Storm Blue/7.jpg"):
        damage(world.engine.rendition(world.tenant, ids[path]))
    (world.photos / "Storm Blue/7.jpg").unlink()
    world.scan()
    world.rest()
    world.start("2")
    assert world.rest().count("ingest") == 1
    assert world.vectors() == {"2": 23} and world.live() == 2
    assert world.state("Storm Blue/7.jpg")[0] == State.GONE
    assert world.engine.rendition(world.tenant, ids["Moss Green/0.jpg"]).stat().st_size > 100


def test_a_photo_that_is_gone_still_teaches_by_its_kept_picture(world: World) -> None:
    (world.photos / "Moss Green/0.jpg").unlink()
    world.scan()
    world.rest()
    world.start("2")
    world.rest()
    index = world.engine.vectors(world.tenant)
    assert world.ids()["Moss Green/0.jpg"] in index.get([world.ids()["Moss Green/0.jpg"]])
    assert world.state("Moss Green/0.jpg")[0] == State.GONE


def test_back_to_the_old_encoder_nothing_is_looked_at_again(world: World) -> None:
    engine = world.start("2")
    reembed(engine, world.tenant)
    engine = world.start("1")
    for path in world.ids().values():
        engine.rendition(world.tenant, path).unlink()
    assert set(world.rest()) == {"reembed"}
    assert world.vectors() == {"1": 24} and world.live() == 1 and len(world.models()) == 1
    assert world.says("Moss Green/7.jpg") == "Moss Green"


def test_a_third_encoder_before_the_second_was_done(world: World) -> None:
    reembed(world.start("2"), world.tenant)
    write_network(world.home / "3.onnx", seed=11)
    world.start("3")
    world.rest()
    assert world.live() == 2 and world.vectors() == {"3": 24}


def test_without_a_model_the_first_training_waits_for_every_photo(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.rest()
    engine = world.start("2")
    with engine.store.tenant(world.tenant) as mine:
        for one in mine.assets.page(limit=1000):
            mine.examples.teach(one.id, mine.vocabulary.tag(one.host_id.partition("/")[0]))
        model = want(mine, "")
    VERBS["learn"](engine, world.tenant, model)
    assert world.models() == [(1, "wanted", "")]
    world.rest()
    assert world.models()[0][:2] == (1, "live") and world.vectors() == {"2": 24}
    engine.close()


def test_a_model_that_is_asked_for_meanwhile_is_of_the_old_encoder_and_the_successor_comes_after_it(
    world: World,
) -> None:
    engine = world.start("2")
    reembed(engine, world.tenant)
    with engine.store.tenant(world.tenant) as mine:
        model = want(mine, "")
    VERBS["learn"](engine, world.tenant, model)
    with engine.store.tenant(world.tenant) as mine:
        encoders = {one.number: one.encoder for one in mine.models.all()}
    assert len(set(encoders.values())) in (1, 2)
    world.rest()
    assert world.vectors() == {"2": 24}


def test_a_model_of_an_encoder_whose_vectors_are_gone_cannot_be_put_to_use(world: World) -> None:
    world.start("2")
    world.rest()
    with world.engine.store.tenant(world.tenant) as mine:
        first = mine.models.all()[-1]
        with pytest.raises(Refuse, match="no longer kept"):
            promote(mine, first.id, person="Ada")
    # With that encoder again, the photos are looked at with it, and then it can.
    world.start("1")
    world.rest()
    with world.engine.store.tenant(world.tenant) as mine:
        promote(mine, first.id, person="Ada")
    world.rest()
    assert world.live() == 1 and world.vectors() == {"1": 24}


def test_an_index_that_was_deleted_is_filled_again(world: World) -> None:
    (folder,) = (world.engine.home(world.tenant) / "vectors").iterdir()
    world.engine.close()
    shutil.rmtree(folder)
    engine = world.start("1")
    assert engine.vectors(world.tenant).count() == 0
    assert set(world.rest()) == {"reembed"}
    assert world.vectors() == {"1": 24} and len(world.models()) == 1


def test_a_process_with_an_older_encoder_leaves_looking_anew_to_others(world: World) -> None:
    old = world.engine
    del world.engine
    new = world.start("2")
    reembed(old, world.tenant)
    with new.store.tenant(world.tenant) as mine:
        assert mine.encoders.progress().done == 0
    old.close()


def test_nothing_is_owed_to_a_library_whose_encoder_is_the_same(world: World) -> None:
    world.start("1")
    assert world.engine.store.owed() == []
    reembed(world.engine, world.tenant)
    assert world.engine.store.owed() == []


def test_an_index_that_does_not_answer_is_tried_again_and_the_connection_says_so(tmp_path: Path) -> None:
    with QdrantTwin() as twin:
        world = World(tmp_path, twin.url)
        VERBS["scan"](world.engine, world.tenant, world.connection)
        url = twin.url
    do(world.engine, Job("ingest", world.tenant, (world.connection,)))
    with world.engine.store.tenant(world.tenant) as mine:
        linked = mine.connections.get(world.connection)
        states = {one.state for one in mine.assets.page()}
        assert {one.attempts for one in mine.assets.page()} == {0}
    assert "Qdrant server does not answer" in linked.reason and linked.retry_at > 0
    assert states == {State.PENDING}
    assert url
    world.engine.close()
