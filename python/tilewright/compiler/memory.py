"""Where each buffer of a plan lies in the arena: first fit over the steps in which it is alive."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tilewright.plan import Buffer, Step

ALIGNMENT = 64  # a cache line, and the widest vector register


def place(
    steps: Sequence[Step], buffers: Mapping[str, Buffer], kept: Iterable[str]
) -> tuple[dict[str, Buffer], int]:
    """The buffers with their offsets, and the arena's size in bytes.

    kept: buffers that live to the end, being results. Two buffers overlap only if no step needs both.
    """
    born = {step.output: i for i, step in enumerate(steps)} | {"latent": -1}
    dies = dict(born)
    for i, step in enumerate(steps):
        for name in step.inputs:
            if name != "kind":
                dies[name] = i
    dies |= dict.fromkeys(kept, len(steps))
    placed: dict[str, Buffer] = {}
    for name in sorted(buffers, key=lambda n: (-buffers[n].nbytes, born[n])):
        offset = 0
        rivals = [b for n, b in placed.items() if born[n] <= dies[name] and born[name] <= dies[n]]
        for rival in sorted(rivals, key=lambda b: b.offset):
            if offset + buffers[name].nbytes <= rival.offset:
                break
            offset = max(offset, _align(rival.offset + rival.nbytes))
        placed[name] = replace(buffers[name], offset=offset)
    size = max((_align(b.offset + b.nbytes) for b in placed.values()), default=0)
    return {name: placed[name] for name in buffers}, size


def _align(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT
