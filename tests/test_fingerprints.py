"""A hash of generated tiles per bundled pack. A change is a breaking change; announce it in CHANGELOG.md."""

import hashlib

import numpy as np
import pytest

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.engine import Engine
from tilewright.given_pictures import occurring
from tilewright.upsampling import guides, seed_of

from .bundled import count_of, request_of

FINGERPRINTS = {
    "bestiary32": "6f457e163e2245d4566f4f45767eccaed70a7271ad65b75e7b509b09046e4144",
    "borders": "412dd617cdb7c72bfb931e280f41f59821a557ede103a2c013cc7934bd03374e",
    "creatures": "6f30a7ebe50c5aa38d6354e63591bb107cd278f85f9695935d0b125242274275",
    "dawn-sprites": "9732a0dced9919ecc128c4bb63b69d2c7acbec14780677c71cb91da6f96ef3ac",
    "dawn-sprites-fine": "c74e22e76b21d81a932b7acb11d4a64b673ef28b50bcf01278bedb552d251985",
    "dawn-tiles": "19464003f86685d0c75d31301d34b9b9083cb0f88fdfada7c4db88aa8c8286d3",
    "dungeon32": "364df3a781f720e449b1cc4382c171318540914fa13522f0af7369fa3808daa5",
    "dungeon": "15924a2900101ab6d3c927686af157ded419a02e38767997c43fc31626f235d7",
    "heroes": "0ee6d7fd26de762f61009abe37d4fb303adea94117fed83e892b4459d9a19397",
    "idle": "1ea6d845ab59b8a424d39fbbb617935868434abcdde99a53bda214e4a1d45c02",
    "items": "4825206cf05a5bb698c909725c1b7fba4cf42c03db8fbb4d7f14deb074b9c192",
    "names": "b6667e9cad3794572895768ef6a2ea6a998878a5e775fb74e556af261b54d96c",
    "overworld": "2fbb730d6673a00cea387d16fa3cdf7d0a2c7cf9337661f9ade0de9b1a3249c0",
    "tunes": "e1a1eaab3fdad8ccd95d27100d150dcd9f6b91044fde0df2611be899249d3898",
    "villagers": "ba3bd4d10191589393ae8ab8a4d738e9dd4cbda24d3d68d5309537da8de41a30",
}


def fingerprint(pack: tw.Pack) -> str:
    """SHA-256 over index maps and palettes, if there are any, of 16 tiles (maps: 2) for each of three seeds."""
    digest, count = hashlib.sha256(), count_of(pack, 16)
    for seed in (0, 7, 2**64 - 1):
        batch = pack.generate(count, seed=seed, start=3)
        assert batch.indices is not None
        digest.update(batch.indices.tobytes())
        if batch.palettes is not None:
            digest.update(np.repeat(batch.palettes, count, axis=0).tobytes())
    return digest.hexdigest()


def test_every_bundled_pack_has_one() -> None:
    assert (
        set(FINGERPRINTS)
        == set(tw.packs())
        == {
            "bestiary32",
            "borders",
            "creatures",
            "dawn-sprites",
            "dawn-sprites-fine",
            "dawn-tiles",
            "dungeon",
            "dungeon32",
            "heroes",
            "idle",
            "items",
            "names",
            "overworld",
            "tunes",
            "villagers",
        }
    )


@pytest.mark.parametrize("name", tw.packs())
def test_fingerprint(name: str) -> None:
    assert fingerprint(tw.load(name)) == FINGERPRINTS[name]


@pytest.mark.parametrize("name", tw.packs())
def test_promise(name: str) -> None:
    """One call, single calls, one or two threads, and, without a gate, the reference return the same bytes."""
    pack = tw.load(name)
    count = count_of(pack, 64)
    whole = pack.generate(count, seed=7, threads=1).indices
    assert whole is not None
    np.testing.assert_array_equal(pack.generate(count, seed=7, threads=2).indices, whole)
    singles = [pack.generate(1, seed=7, start=i).indices for i in range(count)]
    np.testing.assert_array_equal(np.concatenate(singles), whole)
    tiles, given = request_of(pack, 64)
    drawn = Engine(pack.plan).run(tiles, seed=7, **given)["indices"]
    np.testing.assert_array_equal(fast_reference.run(pack.plan, tiles, seed=7, **given)["indices"], drawn)
    if not given:
        other, seen = pack.file.upsampler, drawn
        if other is not None:
            limited = {"kind_maps": guides(drawn), "allowed": occurring(drawn, pack.file.head.palette_size)}
            drawn = fast_reference.run(other.plan, tiles, seed=seed_of(7), **limited)["indices"]
            np.testing.assert_array_equal(pack.upsample(seen, seed=7).indices, drawn)
        np.testing.assert_array_equal(pack.generate(tiles, seed=7, gate=False).indices, drawn)


@pytest.mark.parametrize("name", tw.packs())
def test_facts(name: str) -> None:
    """Size, sources and licences are stated, and no colour is half-transparent."""
    pack = tw.load(name)
    assert pack.shape == {
        "names": (1, 16),
        "borders": (48, 48),
        "overworld": (48, 48),
        "dungeon": (48, 48),
        "tunes": (4, 64),
        "heroes": (64, 64),
        "villagers": (128, 96),
        "idle": (16, 32),
        "items": (32, 32),
        "bestiary32": (32, 32),
        "dungeon32": (32, 32),
    }.get(name, (16, 16))
    assert len(pack.kinds) >= {"idle": 2, "tunes": 4}.get(name, 5)
    assert all(s.name and s.author != "unknown" and s.licence != "unknown" for s in pack.sources)
    assert pack.file.data["sha256"] and pack.file.training["steps"] > 0
    assert pack.path.stat().st_size < 2_500_000
    if not pack.alphabet:
        assert set(np.unique(pack.generate(count_of(pack, 256), seed=1).rgba[..., 3])) <= {0, 255}
