"""Damage to the inputs, outputs and metadata of a pack."""

import json
from random import Random

import onnx
from onnx import TensorProto

from .damage_constants import TYPES
from .damage_nodes import any_name
from .values import INTEGERS, any_value


def change_input(rng: Random, model: onnx.ModelProto) -> None:
    """Change an input's type, shape or name, or add or remove an input."""
    inputs, choice = model.graph.input, rng.randrange(6)
    if not inputs or choice == 0:
        new = inputs.add(name=rng.choice(("kind", "kind_map", "words", "cells", "latent", "extra", "")))
        new.type.tensor_type.elem_type = rng.choice(TYPES)
        return
    value = rng.choice(inputs)
    dims = value.type.tensor_type.shape.dim
    if choice == 1:
        value.type.tensor_type.elem_type = rng.choice(TYPES)
    elif choice == 2 and len(dims) > 1:
        dims[rng.randrange(1, len(dims))].dim_value = rng.choice((*INTEGERS, 1, 2, 3, 5, 6, 16))
    elif choice == 3:
        dims.add(dim_value=rng.choice((0, 1, 2, 32768, 2**40)))
    elif choice == 4:
        inputs.remove(value)
    else:
        value.name = rng.choice(("kind", "kind_map", "words", "cells", "latent", "extra", "\x1b[2J"))


def change_output(rng: Random, model: onnx.ModelProto) -> None:
    """Change an output's type, name or value, or add or remove an output."""
    outputs, choice = model.graph.output, rng.randrange(5)
    if not outputs or choice < 2:
        new = outputs.add(
            name=any_name(rng, model) if choice else rng.choice(("indices", "palette", "rgba", "logits"))
        )
        new.type.tensor_type.elem_type = TensorProto.UINT8
        if new.name in ("palette", "rgba", "indices") and rng.random() < 0.7:
            model.graph.node.add(op_type="Identity", input=[any_name(rng, model)], output=[new.name])
        return
    value = rng.choice(outputs)
    if choice == 2:
        value.type.tensor_type.elem_type = rng.choice(TYPES)
    elif choice == 3:
        value.name = rng.choice(("indices", "palette", "rgba", "logits", "other", "latent", "\x1b[2J"))
    else:
        outputs.remove(value)


def change_model(rng: Random, model: onnx.ModelProto) -> None:
    """Change operator sets, add functions or sparse tensors, or duplicate or rename the metadata."""
    choice = rng.randrange(6)
    if choice == 0 and model.opset_import:
        model.opset_import[0].version = rng.choice((0, 20, 21, 23, 10**9, -1))
    elif choice == 1:
        model.opset_import.add(
            domain=rng.choice(("", "ai.onnx", "ai.onnx.ml", "x")), version=rng.choice((1, 21))
        )
    elif choice == 2:
        model.functions.add(name="f", domain="")
    elif choice == 3:
        model.graph.sparse_initializer.add()
    elif choice == 4:
        del model.opset_import[:]
    elif model.metadata_props:
        model.metadata_props[0].key = rng.choice(("", "tilewright ", "other"))


def change_metadata(rng: Random, model: onnx.ModelProto) -> None:
    """Change, remove or add a field of the metadata, or replace it by invalid JSON."""
    if not model.metadata_props:
        return
    entry = model.metadata_props[0]
    try:
        values = json.loads(entry.value)
        where = values
        key = rng.choice(sorted(values))
        values[key]
    except (ValueError, TypeError, LookupError, RecursionError):  # an earlier change replaced the metadata
        return
    if isinstance(values[key], dict) and values[key] and rng.random() < 0.7:
        where = values[key]
        key = rng.choice(sorted(where))
    choice = rng.random()
    if choice < 0.15:
        del where[key]
    elif choice < 0.3 and isinstance(where[key], int):
        where[key] += rng.choice((-1, 1))
    elif choice < 0.4 and isinstance(where[key], list):
        where[key] = rng.choice((where[key][:-1], where[key] * 2, [any_value(rng), *where[key][1:]]))
    elif choice < 0.45:
        values["sampler"] = {
            "method": rng.choice(("masked", "autoregressive", "x")),
            "steps": 1,
            "temperature": 1,
        }
    else:
        where[key] = any_value(rng)
    entry.value = json.dumps(values)
    if rng.random() < 0.1:
        text = rng.choice(
            (
                entry.value[:-1],
                "[" * 50_000,
                "[1]",
                "null",
                "",
                "9" * 6000,
                '{"format": 1e999}',
                entry.value + "x",
            )
        )
        entry.value = text
