"""Frechet distance, precision, recall, density and coverage: computed by hand, and under defined damage."""

import math

import numpy as np
import pytest

from tilewright.errors import DataError
from tilewright_training.measures.features import KindsNetwork, kinds_network
from tilewright_training.measures.frechet import frechet_distance
from tilewright_training.measures.manifold import Manifold, manifold, reach
from tilewright_training.measures.pictures import Pictures

from .damage import TINY, art, blurred, dropped, noisy


@pytest.fixture(scope="module")
def network() -> KindsNetwork:
    return kinds_network(art(40), "drawn", TINY)


@pytest.fixture(scope="module")
def real() -> Pictures:
    return art(30, first=40)


@pytest.fixture(scope="module")
def other() -> Pictures:
    return art(30, first=70)


def test_frechet_distance_of_two_normal_distributions() -> None:
    random = np.random.default_rng(0)
    one, two = random.normal(size=(2, 4000, 3))
    assert frechet_distance(one, one) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(one, two) < 0.02
    # |m|^2 + (1 - s)^2 in each of three directions
    assert frechet_distance(one, 2.0 * two + 1.0) == pytest.approx(3 * (1 + 1), rel=0.05)


def test_frechet_distance_grows_with_damage(network: KindsNetwork, real: Pictures, other: Pictures) -> None:
    features = network.features(real.images)
    floor = frechet_distance(features, network.features(other.images))
    for bad in (blurred(other), noisy(other), dropped(other, 0)):
        assert frechet_distance(features, network.features(bad.images)) > 2.0 * floor
    little, much = (frechet_distance(features, network.features(noisy(other, s).images)) for s in (0.05, 0.3))
    assert floor < little < much


def test_manifold_by_hand() -> None:
    real = np.array([[0.0], [1.0], [2.0], [10.0]])
    made = np.array([[0.5], [0.6], [50.0], [51.0]])
    assert reach(real, 1).tolist() == [1.0, 1.0, 1.0, 8.0]
    # Balls of real: [-1, 1], [0, 2], [1, 3], [2, 18]; of made: 0.1 around the first two, 1 around the others.
    assert manifold(real, made, 1, 1) == Manifold(precision=0.5, recall=0.0, density=1.0, coverage=0.5)


def test_manifold_under_damage(network: KindsNetwork, real: Pictures, other: Pictures) -> None:
    def of(pictures: Pictures) -> Manifold:
        return manifold(network.features(real.images), network.features(pictures.images), 3, 5)

    floor, noise, lacking = of(other), of(noisy(other, 0.3)), of(dropped(other, 0))
    assert floor.precision > 0.7 and floor.coverage > 0.7
    assert noise.precision < floor.precision - 0.2 and noise.density < floor.density - 0.2
    assert noise.coverage < floor.coverage - 0.2
    # Missing kinds lower recall and coverage, not precision.
    assert lacking.recall < floor.recall - 0.1 and lacking.coverage < floor.coverage - 0.1
    assert lacking.precision > floor.precision - 0.05


def test_points_that_coincide_are_no_error() -> None:
    same = np.zeros((8, 4))
    found = manifold(same, same, 3, 5)
    assert (found.precision, found.recall, found.coverage) == (1.0, 1.0, 1.0)
    assert math.isfinite(frechet_distance(same, same))


def test_the_network_of_kinds_is_kept(tmp_path: object, network: KindsNetwork) -> None:
    training, file = art(6), tmp_path / "kinds.safetensors"
    first = kinds_network(training, "a", TINY, file).features(training.images)
    written = file.read_bytes()
    assert np.array_equal(kinds_network(training, "a", TINY, file).features(training.images), first)
    assert file.read_bytes() == written
    kinds_network(training, "b", TINY, file)  # other pictures: trained again
    assert file.read_bytes() != written
    file.write_bytes(written[:100])
    with pytest.raises(DataError, match="is not a readable network of kinds: delete it"):
        kinds_network(training, "a", TINY, file)
