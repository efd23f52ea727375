"""The student learns, goes on where it was stopped, and is the same network once exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="teaching needs torch")

from PIL import Image  # noqa: E402
from safetensors.numpy import load  # noqa: E402

from teaching import crops  # noqa: E402
from teaching.colours import learn_colours  # noqa: E402
from teaching.export import to_onnx  # noqa: E402
from teaching.student import Student  # noqa: E402
from teaching.targets import targets  # noqa: E402
from teaching.teach import teach  # noqa: E402
from teaching.textures import learn_texture, rooted  # noqa: E402

SMALL = {"widths": (8, 8, 16, 16, 24), "depths": (1, 1, 1, 1), "dim": 12}


def student() -> Student:
    torch.manual_seed(0)
    return Student(**SMALL)


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, np.ndarray]:
    """Views of a few noisy photos, and what a teacher that knows colours sees in them."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for at in range(12):
        noise = rng.integers(0, 60, (90, 120, 3)) + rng.integers(0, 190, 3)
        Image.fromarray(noise.astype(np.uint8)).save(folder / f"{at}.png")
    turn = rng.normal(size=(12, 40)).astype(np.float32)

    def see(pictures: list[np.ndarray]) -> np.ndarray:
        parts = [np.asarray(Image.fromarray(p).resize((2, 2)), np.float32).ravel() / 255 - 0.5 for p in pictures]
        return np.tanh(np.stack(parts) @ turn)

    Image.fromarray(rng.integers(0, 255, (64, 64, 4), np.uint8)).save(folder / "thing.webp")
    photos, things = sorted(folder.glob("*.png")), [folder / "thing.webp"]
    made = list(crops.make(photos, things, 3, see, folder / "views"))
    assert len(made) == 3
    return crops.load(folder / "views")


def test_a_stop_changes_nothing(views: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    pixels, seen = views
    target = targets(seen, 12, tmp_path / "axes.npz")
    whole, parts = student(), student()
    list(teach(whole, pixels, target, 6, tmp_path / "whole.pt", batch=8))
    lessons = teach(parts, pixels, target, 6, tmp_path / "parts.pt", batch=8, keep=3)
    assert next(lessons)[0] == 3
    del lessons
    again = student()
    assert [step for step, _, _ in teach(again, pixels, target, 6, tmp_path / "parts.pt", batch=8, keep=3)] == [6]
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_it_learns_to_see_what_the_teacher_sees(views: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    pixels, seen = views
    losses = [
        loss
        for _, loss, _ in teach(
            student(), pixels, targets(seen, 12, tmp_path / "axes.npz"), 60, tmp_path / "a.pt", batch=12, keep=20
        )
    ]
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize(("half", "apart"), [(False, 1e-3), (True, 1e-2)])
def test_the_exported_network_is_the_student(half: bool, apart: float, views: tuple[np.ndarray, np.ndarray]) -> None:
    pixels, _ = views
    taught = student()
    taught(torch.from_numpy(pixels).permute(0, 3, 1, 2).float())  # moves the means of the normalisation
    taught.eval()
    given = np.ascontiguousarray(pixels[:5].transpose(0, 3, 1, 2)).astype(np.float32)
    texture = learn_texture(taught, 1, pixels, channels=6, dim=8)
    session = onnxruntime.InferenceSession(to_onnx(taught, {"texture": texture}, half=half))
    assert {one.name: one.shape[1] for one in session.get_outputs()} == {"look": 12, "texture": 8}
    with torch.no_grad():
        looks = taught(torch.from_numpy(given)).numpy()
        maps = taught.maps(torch.from_numpy(given))[1].flatten(2).transpose(1, 2).numpy()
    products = np.stack([rooted(one, texture.turn, texture.bias, texture.pairs) for one in maps])
    wanted = {"look": looks, "texture": products @ texture.projection + texture.shift}
    for name, rows in wanted.items():
        whole = session.run([name], {"pixels": given})[0]
        alone = np.concatenate([session.run([name], {"pixels": one[None]})[0] for one in given])
        size = np.linalg.norm(rows, axis=1).mean()
        np.testing.assert_allclose(whole / size, rows / size, atol=apart)
        np.testing.assert_allclose(alone / size, whole / size, atol=1e-3)


def test_colours_are_told_along_their_main_axes(views: tuple[np.ndarray, np.ndarray]) -> None:
    pixels, _ = views
    kept = load(learn_colours(pixels, dim=5))
    axes = kept["colour.projection"].astype(np.float32)
    assert axes.shape == (len(kept["colour.centre"]), 5)
    np.testing.assert_allclose(axes.T @ axes, np.eye(5), atol=1e-2)
