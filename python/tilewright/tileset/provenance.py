"""Provenance: how tiles and maps were made, as texts that exported files repeat."""

from collections.abc import Mapping

import tilewright
from tilewright.generator import Pack


def of_pack(pack: Pack, seed: int, kinds: Mapping[str, str]) -> dict[str, str]:
    """Say which pack and seed made a tileset. kinds: the pack's kind for each kind of the tileset."""
    return {
        "generator": generator(),
        "pack": pack.name,
        "pack_sha256": pack.sha256,
        "seed": str(seed),
        "kinds": ", ".join(f"{kind}={drawn}" for kind, drawn in kinds.items()),
        "licences": pack.licence,
        "sources": "; ".join(
            f"{source.name} by {source.author} ({source.licence})" for source in pack.sources
        ),
    }


def generator() -> str:
    """Return the name and version of this package."""
    return f"tilewright {tilewright.__version__}"
