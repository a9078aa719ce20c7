"""Provenance: how tiles and maps were made, as texts that exported files repeat."""

from collections.abc import Mapping

import tilewright
from tilewright.generator import Pack


def of_pack(pack: Pack, seed: int, kinds: Mapping[str, str] | None = None) -> dict[str, str]:
    """Say which pack and seed made a tileset. kinds: the pack's kind for each kind of the tileset, if it has any."""
    drawn = ", ".join(f"{kind}={of_pack}" for kind, of_pack in (kinds or {}).items())
    return {
        "generator": generator(),
        "pack": pack.name,
        "pack_sha256": pack.sha256,
        "seed": str(seed),
        **({} if kinds is None else {"kinds": drawn}),
        "licences": pack.licence,
        "sources": "; ".join(
            f"{source.name} by {source.author} ({source.licence})" for source in pack.sources
        ),
    }


def generator() -> str:
    """Return the name and version of this package."""
    return f"tilewright {tilewright.__version__}"
