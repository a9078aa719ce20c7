"""`Sprite`: the animations of a character or thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tilewright.arrays import Uint8Array
from tilewright.errors import UsageError
from tilewright.lazy import lazy
from tilewright.tileset.animation import MAX_FRAMES, Animation
from tilewright.tileset.tileset import Tileset, check_line

MAX_CLIPS = 64


@dataclass(frozen=True, eq=False)
class Sprite:
    """C clips of F frames each, which repeat, such as the steps of a character in each direction.

    name: a printable line, which names files and resources. pictures: uint8 (C, F, H, W), palette entries, or uint8 (C,
    F, H, W, 4), RGBA with alpha 0 or 255; C in 1..64, F in 1..256. clips: names of the clips, all different. palette:
    uint8 (K, 4), alpha 0 or 255, K in 1..256, if the pictures are entries. milliseconds: the duration of each frame,
    1 .. 60,000. provenance: texts by key that say how the sprite was made, which every exported file repeats where its
    format has a place.

    Raises UsageError for values out of range.
    """

    name: str
    pictures: Uint8Array
    clips: tuple[str, ...]
    palette: Uint8Array | None = None
    milliseconds: int = 150
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check all fields, and copy what a caller could change."""
        object.__setattr__(self, "clips", tuple(self.clips))
        shape: tuple[int, ...] = getattr(self.pictures, "shape", ())
        axes = "(C, F, H, W, 4)" if self.palette is None else "(C, F, H, W)"
        if (
            len(shape) != axes.count(",") + 1
            or not 1 <= shape[0] <= MAX_CLIPS
            or not 1 <= shape[1] <= MAX_FRAMES
        ):
            raise UsageError(
                f"Sprite: pictures must be uint8 {axes}, C in 1..{MAX_CLIPS} and F in 1..{MAX_FRAMES}, not {shape}"
            )
        for clip in self.clips:
            check_line(clip, "Sprite: a clip")
        if not len(self.clips) == len(set(self.clips)) == shape[0]:
            raise UsageError(f"Sprite: clips must be {shape[0]} different names, not {self.clips!r:.100}")
        for name, value in (
            ("pictures", self.tileset.pictures.reshape(shape)),
            ("palette", self.tileset.palette),
            ("provenance", self.tileset.provenance),
        ):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        """A short description, without arrays."""
        count, frames, height, width = self.pictures.shape[:4]
        return f"<Sprite {self.name!r}: {count} clips of {frames} frames of {width}x{height}>"

    @lazy
    def tileset(self) -> Tileset:
        """The frames as tiles, clip after clip; the first tile of each clip is animated."""
        count, frames, *rest = self.pictures.shape
        animations = tuple(
            Animation(first, tuple(range(first, first + frames)), (self.milliseconds,) * frames)
            for first in range(0, count * frames, frames)
        )
        pictures = self.pictures.reshape(count * frames, *rest)
        return Tileset(self.name, pictures, self.palette, animations=animations, provenance=self.provenance)

    @property
    def rgba(self) -> Uint8Array:
        """The colours, uint8 (C, F, H, W, 4)."""
        return self.tileset.rgba.reshape(*self.pictures.shape[:4], 4)

    def clip(self, name: str) -> "Sprite":
        """Return a sprite with one of the clips. Raises UsageError for a name that is not in `clips`."""
        if name not in self.clips:
            raise UsageError(
                f"Sprite.clip(): {self.name} has the clips {', '.join(self.clips)}, not {name!r:.60}"
            )
        place = self.clips.index(name)
        return replace(self, pictures=self.pictures[place : place + 1], clips=(name,))

    def save(self, path: str | Path) -> tuple[Path, ...]:
        """Write the sprite in the format that the file name says, and return all files written.

        docs/animation.md lists the formats. Raises UsageError for an unknown suffix, MachineError if a file cannot
        be written.
        """
        from tilewright.formats import save

        return save(self, path, "Sprite.save()")
