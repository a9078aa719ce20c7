"""Determine the tile size of art if the user gave none."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..art.gather import list_folder
from ..art.recipe import read_recipe
from ..data.stored_set import is_stored_set, open_stored_set
from ..size import Size, as_size
from .advice import trained_size
from .survey import survey

USUAL = 16  # used if the art gives no evidence


def find_size(folders: Sequence[Path], kinds: Path | None = None) -> Size:
    """Return a trainable size.

    The size is that of the recipe or the stored set if it states one, else the size that suits most of the art.

    Raises `DataError` like `read_art`.
    """
    stated = read_recipe(kinds).size if kinds is not None else None
    if stated is not None:
        return stated
    votes: Counter[int] = Counter()
    for folder in folders:
        if is_stored_set(folder):
            own: Size = open_stored_set(folder).images.shape[1:3]
            return own
        found = survey(list_folder(folder))
        if found.size is not None:
            votes[found.size] += 1 + int(found.votes.get(found.size, 0))
    return as_size(trained_size(votes.most_common(1)[0][0]) if votes else USUAL)
