"""The tile size of art for which nobody has said one."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..art.gather import list_folder
from ..art.recipe import read_recipe
from ..data.stored_set import is_stored_set, open_stored_set
from .advice import trained_size
from .survey import survey

USUAL = 16  # where the art does not tell


def find_size(folders: Sequence[Path], kinds: Path | None = None) -> int:
    """Pixels along an edge that networks are made for: what the recipe or a built set says, or most of the art.

    Raises `DataError` as `read_art` does.
    """
    stated = read_recipe(kinds).size if kinds is not None else None
    if stated is not None:
        return stated
    votes: Counter[int] = Counter()
    for folder in folders:
        if is_stored_set(folder):
            return int(open_stored_set(folder).images.shape[1])
        found = survey(list_folder(folder))
        if found.size is not None:
            votes[found.size] += 1 + int(found.votes.get(found.size, 0))
    return trained_size(votes.most_common(1)[0][0]) if votes else USUAL
