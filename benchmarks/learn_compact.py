"""Learns the weights of the encoder ``compact`` from photos of garments that are free for any use (CC0).

``python -m benchmarks.learn_compact [FOLDER] [OUT]`` reads the JPEG files of FOLDER, in an order drawn by a fixed seed,
and writes OUT. Labels are not used. Without arguments: the photos beside the project, the file that is shipped.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.mixture import GaussianMixture  # type: ignore[import-untyped]
from sklearn.utils.extmath import randomized_svd  # type: ignore[import-untyped]

from model_service.encoders.compact import BLOCKS, DESCRIBED, WEIGHTS, describe
from model_service.encoders.descriptors import Map, prepare
from model_service.encoders.fisher import Mixture
from model_service.features.picture import read_picture

PHOTOS = Path(__file__).parents[1] / ".." / "shared" / "data" / "clothing"
SEED = 0
FOR_MIXTURES = 1000
"""photos whose descriptors the mixtures see"""
FOR_PROJECTIONS = 2500
"""photos whose vectors the projections see"""
PER_PHOTO = 60
"""descriptors"""

GAUSSIANS = 64
COMPONENTS = {"local colour": 40, "texture": 48, "colour texture": 56}
DIMS = 192
"""of each block"""

Floats = NDArray[np.float32]


def learn(files: Sequence[Path]) -> dict[str, NDArray[np.generic]]:
    """The tensors of ``compact.safetensors``."""
    mixtures = {name: _mixture(name, files[:FOR_MIXTURES]) for name in DESCRIBED}
    vectors: dict[str, list[Floats]] = {name: [] for name in BLOCKS}
    for pixels in _pixels(files[:FOR_PROJECTIONS]):
        for name, vector in describe(pixels, mixtures).items():
            vectors[name].append(vector)
    tensors: dict[str, NDArray[np.generic]] = {}
    for name, mixture in mixtures.items():
        tensors |= {f"{name}.{key}": value for key, value in vars(mixture).items() if not key.startswith("_")}
    for name in BLOCKS:
        tensors |= _projection(name, np.stack(vectors[name]))
    return tensors


def _mixture(name: str, files: Sequence[Path]) -> Mixture:
    chance = np.random.default_rng(SEED)
    found, places = [], []
    for pixels in _pixels(files):
        descriptors, where = DESCRIBED[name](pixels)
        some = chance.choice(len(descriptors), PER_PHOTO, replace=False)
        found.append(descriptors[some])
        places.append(where[some])
    descriptors, where = np.concatenate(found), np.concatenate(places)
    mean = descriptors.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov((descriptors - mean).T))
    kept = slice(None, -COMPONENTS[name] - 1, -1)
    # Half-whitened: weak components count for more than they vary, but not for as much as strong ones.
    components = (directions[:, kept] / variances[kept] ** 0.25).astype(np.float32)
    reduced = (descriptors - mean) @ components
    # Places run from -0.5 to 0.5; three times brings them to the spread of a component.
    place = np.array([3 * np.sqrt(np.mean(reduced**2))], np.float32)
    points = np.concatenate([reduced, where * place], axis=1).astype(np.float64)
    fitted = GaussianMixture(
        GAUSSIANS,
        covariance_type="diag",
        reg_covar=1e-3 * float(points.var()),
        max_iter=25,
        tol=0,
        random_state=SEED,
    )
    with warnings.catch_warnings():
        # The rounds are fixed; that more would change little more is no news.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(points)
    learned = (fitted.weights_, fitted.means_, fitted.covariances_)
    weights, centres, spreads = (np.ascontiguousarray(array, np.float32) for array in learned)
    return Mixture(mean.astype(np.float32), components, place, weights, centres, spreads)


def _projection(name: str, vectors: Floats) -> dict[str, NDArray[np.generic]]:
    centre = vectors.mean(axis=0)
    _, _, directions = randomized_svd(vectors - centre, DIMS, random_state=SEED)
    projection = np.ascontiguousarray(directions.T).astype(np.float16)
    return {f"{name}.centre": centre.astype(np.float32), f"{name}.projection": projection}


def _pixels(files: Sequence[Path]) -> Iterator[Map]:
    for file in files:
        yield prepare(read_picture(file))


def main(arguments: Sequence[str]) -> None:
    """Learn and write."""
    folder = Path(arguments[0]) if arguments else PHOTOS
    out = Path(arguments[1]) if len(arguments) > 1 else WEIGHTS
    files = sorted(folder.glob("*.jpg"))
    np.random.default_rng(SEED).shuffle(files)
    out.write_bytes(save(learn(files)))
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB from {min(len(files), FOR_PROJECTIONS)} photos")


if __name__ == "__main__":
    main(sys.argv[1:])
