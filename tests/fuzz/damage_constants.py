"""Damage to the constants of a pack: numbers, types, shapes, and headers of tensors."""

from collections.abc import Callable
from random import Random

import numpy as np
import onnx
from onnx import numpy_helper

from .damage_nodes import any_name
from .values import FLOATS, INTEGERS

TYPES = (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 16, 22, 99)


def change_constant(rng: Random, model: onnx.ModelProto) -> None:
    """Change the numbers, type or shape of a constant, sometimes of an unused one."""
    if not model.graph.initializer:
        return
    tensor = rng.choice(model.graph.initializer)
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError):  # an earlier change made the tensor invalid
        return
    with np.errstate(all="ignore"):
        array = rng.choice(_CONSTANT_CHANGES)(rng, np.array(array))
    if array.dtype.name in ("float16", "uint16", "int16"):
        array = array.astype(np.float64)
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), tensor.name))


def _one_number(rng: Random, array: np.ndarray) -> np.ndarray:
    if array.size:
        numbers = FLOATS if array.dtype.kind == "f" else INTEGERS
        value = np.array(rng.choice(numbers))
        array.reshape(-1)[rng.randrange(array.size)] = value.astype(array.dtype)
    return array


def _other_type(rng: Random, array: np.ndarray) -> np.ndarray:
    types = (np.float32, np.uint8, np.int8, np.int32, np.int64, np.float64, np.bool_)
    return array.astype(rng.choice(types))


_CONSTANT_CHANGES: tuple[Callable[[Random, np.ndarray], np.ndarray], ...] = (
    _one_number,
    _one_number,
    lambda rng, a: np.full(
        a.shape, np.array(rng.choice(FLOATS if a.dtype.kind == "f" else INTEGERS)).astype(a.dtype)
    ),
    _other_type,
    lambda rng, a: a[..., None],
    lambda rng, a: a[None],
    lambda rng, a: a.reshape(-1),
    lambda rng, a: a.T,
    lambda rng, a: a[:0] if a.ndim else a,
    lambda rng, a: a[:-1] if a.ndim else np.array([a, a]),
    lambda rng, a: np.concatenate([a, a]) if a.ndim else a,
    lambda rng, a: np.repeat(a, 2, axis=-1) if a.ndim else a,
    lambda rng, a: a[tuple(slice(rng.randint(1, n)) if n else slice(0) for n in a.shape)],
    lambda rng, a: -a if a.dtype.kind != "b" else a,
)


def damage_tensor(rng: Random, model: onnx.ModelProto) -> None:
    """Change the header of a tensor, so that it contradicts the contents."""
    if not model.graph.initializer:
        return
    tensor = rng.choice(model.graph.initializer)
    choice = rng.randrange(7)
    if choice == 0:
        tensor.data_type = rng.choice(TYPES)
    elif choice == 1:
        tensor.dims.append(rng.choice(INTEGERS))
    elif choice == 2 and tensor.dims:
        tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(INTEGERS)
    elif choice == 3:
        tensor.raw_data = tensor.raw_data[: rng.randrange(len(tensor.raw_data) + 1)]
    elif choice == 4:
        tensor.external_data.add(key="location", value=rng.choice(("/etc/passwd", "", "../x")))
    elif choice == 5:
        tensor.name = any_name(rng, model)
    else:
        tensor.ClearField("raw_data")
        tensor.float_data.extend([rng.choice(FLOATS)] * rng.choice((1, 2, 100)))
