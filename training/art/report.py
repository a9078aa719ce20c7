"""The report on a folder of art."""

from collections import Counter
from dataclasses import dataclass, field

from tilewright.errors import escaped

from .grid import Grid

NAMED = 12  # lines of one sort before "and N more"


@dataclass
class Report:
    """The findings of `read_art`. `str(report)` is a summary of a few lines. Paths are relative to their
    folder.
    """

    files: int = 0  # pictures read
    tiles: int = 0
    duplicates: int = 0
    blanks: int = 0
    see_through: int = 0  # tiles with transparent pixels, skipped because opaque ones were requested
    half_transparent_pixels: int = 0
    shadow_pixels: int = 0  # subset of the above: dark areas that are kept or cleared as a whole
    shadows_kept: bool = False
    unclaimed: int = 0  # pictures that no rule of the recipe matches
    unclaimed_cells: int = 0  # the same for cells of sheets
    previews: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)  # (path, reason)
    grids: dict[str, Grid] = field(default_factory=dict)  # sheet -> its grid
    doubts: dict[str, str] = field(default_factory=dict)  # sheet -> other grids that fit, with their options
    figures: dict[str, int] = field(
        default_factory=dict
    )  # atlas -> number of sprites, found by the transparent pixels around them
    enlarged: dict[str, int] = field(default_factory=dict)  # picture -> factor by which it was enlarged
    # picture -> colour that was made transparent
    keyed: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    joined: dict[str, tuple[int, str]] = field(
        default_factory=dict
    )  # kind -> (number of tiles, kind into which it was merged)

    def doubt(self, picture: str, why: str) -> None:
        """Append a sentence on how a picture was cut."""
        self.doubts[picture] = "; ".join(filter(None, (self.doubts.get(picture), why)))

    def __str__(self) -> str:
        lines = [f"{_count(self.tiles, 'tile')} of {_count(len(self.kinds), 'kind')}"]
        lines[0] += f" from {_count(self.files, 'picture')}" if self.files else ", as they were built"
        lines += [f"  {kind:<16} {count:>6}" for kind, count in self.kinds.items()]
        lines += [
            f"{kind} has {_count(count, 'tile')}, too few for a kind: counted as {other} (a recipe keeps it: --kinds)"
            for kind, (count, other) in list(self.joined.items())[:NAMED]
        ]
        layouts = Counter(grid.layout for grid in self.grids.values())
        lines += [f"{_count(count, 'sheet')} cut into {layout}" for layout, count in layouts.items()]
        if len(self.grids) <= NAMED:
            lines += [f"  {path}: {grid}" for path, grid in self.grids.items()]
        if self.doubts:
            lines.append(f"{_count(len(self.doubts), 'sheet')} in doubt")
            lines += _named([f"  {path}: {doubt}" for path, doubt in self.doubts.items()])
        if self.figures:
            lines.append(
                f"{_count(len(self.figures), 'picture')} cut into figures surrounded by transparent pixels"
            )
            lines += _named([f"  {path}: {_count(count, 'figure')}" for path, count in self.figures.items()])
        for times, count in sorted(Counter(self.enlarged.values()).items()):
            lines.append(f"{_count(count, 'picture')} enlarged {times} times: read at 1/{times}")
        shadows = "kept" if self.shadows_kept else "cleared (--shadows keep)"
        counted = (
            (self.duplicates, "duplicate", "dropped"),
            (self.blanks, "blank tile", "dropped"),
            (self.see_through, "tile", "with transparent pixels left out"),
            (self.half_transparent_pixels, "half-transparent pixel", "made opaque or transparent"),
            (self.shadow_pixels, "pixel", f"of shadows {shadows}"),
            (self.unclaimed, "picture", "matched by no rule of the recipe"),
            (self.unclaimed_cells, "cell", "matched by no rule of the recipe"),
            (len(self.keyed), "picture", "whose ground was made transparent"),
        )
        lines += [f"{_count(count, noun)} {what}" for count, noun, what in counted if count]
        if self.previews:
            lines.append(f"{_count(len(self.previews), 'preview or mock-up')} left out")
            lines += _named([f"  {path}" for path in self.previews])
        if self.skipped:
            lines.append(f"{_count(len(self.skipped), 'file')} skipped")
            lines += _named([f"  {path}: {reason}" for path, reason in self.skipped])
        return "\n".join(escaped(line) for line in lines)


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} " + " or ".join(f"{word}s" for word in noun.split(" or "))


def _named(lines: list[str]) -> list[str]:
    rest = len(lines) - NAMED
    return lines if rest <= 0 else [*lines[:NAMED], f"  and {rest} more"]
