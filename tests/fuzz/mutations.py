"""Random changes to a pack, as by a bad disk, another exporter or an attacker. `mutate` changes the model."""

from collections.abc import Callable
from random import Random

import onnx

from .damage_constants import (
    change_constant,
    damage_tensor,
)
from .damage_model import (
    change_input,
    change_metadata,
    change_model,
    change_output,
)
from .damage_nodes import (
    add_attribute,
    change_attribute,
    change_op,
    drop_attribute,
    drop_node,
    insert,
    rename_result,
    repeat_or_move_node,
    rewire,
)
from .rewritings import (
    add_what_nothing_reads,
    change_numbers,
    describe_otherwise,
    insert_identity,
    spell_out,
    swap_addends,
)

Mutation = Callable[[Random, onnx.ModelProto], object]

REWRITINGS: tuple[Mutation, ...] = (
    insert_identity,
    insert_identity,
    add_what_nothing_reads,
    change_numbers,
    change_numbers,
    spell_out,
    swap_addends,
    describe_otherwise,
)
MUTATIONS: tuple[Mutation, ...] = (
    change_attribute,
    change_attribute,
    add_attribute,
    drop_attribute,
    change_op,
    rewire,
    rewire,
    insert,
    insert,
    drop_node,
    repeat_or_move_node,
    rename_result,
    change_constant,
    change_constant,
    change_constant,
    damage_tensor,
    change_input,
    change_output,
    change_model,
    change_metadata,
    change_metadata,
)


def mutate(rng: Random, model: onnx.ModelProto) -> None:
    """Apply one change or a few. Half of them probably leave the pack valid."""
    for _ in range(rng.choice((1, 1, 1, 1, 1, 1, 2, 3))):
        rng.choice(MUTATIONS if rng.random() < 0.5 else REWRITINGS)(rng, model)
