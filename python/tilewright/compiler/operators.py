"""The ONNX operators of packs: number and types of inputs, and allowed values of attributes.

Uses of an operator that tilewright would compute differently from ONNX are not in this table and are
rejected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from tilewright.errors import PackError

Value = int | float | str | tuple[int, ...]

UINT8, INT64 = 2, 7  # numbers of ONNX's types
CAST = {UINT8: "uint8", INT64: "int64"}


@dataclass(frozen=True)
class Attribute:
    """The supported values of an attribute, which have the type of `default`.

    default: the value of a missing attribute. It is not an allowed value if ONNX requires the attribute.
    allowed: the supported values.
    since: the first ONNX operator set that has the attribute.
    inferred: whether a missing value is inferred from the inputs. The default is then not checked.
    """

    default: Value
    allowed: tuple[Value, ...] | Callable[..., bool]
    since: int = 0
    inferred: bool = False

    def accepts(self, value: Value) -> bool:
        """Whether tilewright supports the operator with this value."""
        return self.allowed(value) if callable(self.allowed) else value in self.allowed


@dataclass(frozen=True)
class Operator:
    """The supported types of an operator.

    inputs: the type of each input, or a letter that stands for one of `types`. output: likewise.
    least: the number of required inputs.
    """

    inputs: tuple[str, ...]
    output: str
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    least: int | None = None
    variadic: bool = False  # any number of inputs, of which none can be left out


def _only(value: Value, default: Value | None = None, since: int = 0) -> Attribute:
    return Attribute(value if default is None else default, (value,), since)


_BYTES = ("uint8", "int8")
_FEATURES = {"T": _BYTES}
_REALS = ("float32", "float32", "float32")
_CHOICE = {"axis": _only(1, 0), "keepdims": _only(0, 1), "select_last_index": _only(0)}
_REDUCTION = {"keepdims": _only(0, 1), "noop_with_empty_axes": _only(0)}
_CONVOLUTION = {
    "auto_pad": _only("NOTSET"),
    "dilations": Attribute((1, 1), lambda v: len(v) == 2),
    "group": _only(1),
    "kernel_shape": Attribute((), lambda v: len(v) == 2, inferred=True),
    "pads": Attribute((0, 0, 0, 0), lambda v: len(v) == 4),
}
_QUANTISATION = {"axis": Attribute(1, lambda v: True), "block_size": _only(0)}  # steps.py checks the axis
MAX_CONCAT = 16

OPERATORS: dict[str, Operator] = {
    "Add": Operator(("T", "T"), "T", {"T": ("float32", "int64")}),
    "ArgMax": Operator(("T",), "int64", {"T": ("float32", *_BYTES)}, _CHOICE),
    "ArgMin": Operator(("float32",), "int64", attributes=_CHOICE),
    "Cast": Operator(
        ("T",), "to", {"T": ("uint8", "int64")}, {"to": Attribute(0, tuple(CAST)), "saturate": _only(1)}
    ),
    "Concat": Operator(("T",) * MAX_CONCAT, "T", _FEATURES, {"axis": _only(1, 0)}, least=1, variadic=True),
    "Conv": Operator(_REALS, "float32", attributes={**_CONVOLUTION, "strides": _only((1, 1))}, least=2),
    "ConvTranspose": Operator(
        _REALS,
        "float32",
        attributes={**_CONVOLUTION, "strides": _only((2, 2), (1, 1)), "output_padding": _only((0, 0))},
        least=2,
    ),
    "DequantizeLinear": Operator(
        ("T", "float32", "T"),
        "float32",
        {"T": (*_BYTES, "int32")},
        {**_QUANTISATION, "output_dtype": _only(0, since=23)},
        least=2,
    ),
    "Gather": Operator(("T", "int64"), "T", _FEATURES, {"axis": _only(0)}),
    "Gemm": Operator(
        _REALS,
        "float32",
        attributes={"alpha": _only(1.0), "beta": _only(1.0), "transA": _only(0), "transB": _only(1, 0)},
        least=2,
    ),
    "Identity": Operator(("T",), "T", {"T": ("float32", "int32", "int64", *_BYTES)}),
    "LeakyRelu": Operator(("float32",), "float32", attributes={"alpha": Attribute(0.01, isfinite)}),
    "MaxPool": Operator(
        ("uint8",),
        "uint8",
        attributes={
            "auto_pad": _only("NOTSET"),
            "ceil_mode": _only(0),
            "dilations": _only((1, 1)),
            "kernel_shape": _only((2, 2), ()),
            "pads": _only((0, 0, 0, 0)),
            "storage_order": _only(0),
            "strides": _only((2, 2), (1, 1)),
        },
    ),
    "Mul": Operator(("T", "T"), "T", {"T": ("float32", "int64")}),
    "Pad": Operator(("T", "int64"), "T", _FEATURES, {"mode": _only("wrap", "constant")}),
    "QuantizeLinear": Operator(
        ("float32", "float32", "T"),
        "T",
        _FEATURES,
        {**_QUANTISATION, "output_dtype": _only(0), "precision": _only(0, since=23), "saturate": _only(1)},
        least=2,
    ),
    "ReduceMean": Operator(("float32", "int64"), "float32", attributes=_REDUCTION),
    "ReduceSum": Operator(("float32", "int64"), "float32", attributes=_REDUCTION),
    "Relu": Operator(("float32",), "float32"),
    "Reshape": Operator(("T", "int64"), "T", _FEATURES, {"allowzero": _only(0)}),
    "Sigmoid": Operator(("float32",), "float32"),
    "Slice": Operator(("T", "I", "I", "I", "I"), "T", {**_FEATURES, "I": ("int64", "int32")}, least=4),
    "Sub": Operator(("float32", "float32"), "float32"),
    "Tanh": Operator(("float32",), "float32"),
    "Transpose": Operator(("T",), "T", _FEATURES, {"perm": _only((0, 3, 1, 2), ())}),
    "Unsqueeze": Operator(("T", "int64"), "T", {"T": ("float32", "int64")}),
}


def check_attributes(op: str, given: Mapping[str, Value], opset: int) -> dict[str, Value]:
    """Return all attributes of a node, with ONNX's defaults. Raises PackError for unsupported values.

    opset: the ONNX operator set of the pack.
    """
    known = {
        name: attribute for name, attribute in OPERATORS[op].attributes.items() if attribute.since <= opset
    }
    for name in given:
        if name not in known:
            raise PackError(
                f"the pack's node {op} has the attribute {name!r:.60}, which tilewright does not run"
            )
    values = {name: given.get(name, attribute.default) for name, attribute in known.items()}
    for name, value in values.items():
        attribute = known[name]
        if attribute.inferred and name not in given:
            continue
        if type(value) is not type(attribute.default) or not attribute.accepts(value):
            runs = (
                "" if callable(attribute.allowed) else f"; it runs {' or '.join(map(str, attribute.allowed))}"
            )
            raise PackError(
                f"the pack's node {op} has {name} {value!r:.60}, which tilewright does not run{runs}"
            )
    return values


def given_inputs(op: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a node's inputs without empty names at the end, which stand for missing optional inputs.

    Raises PackError for a wrong number of inputs.
    """
    operator = OPERATORS[op]
    least = len(operator.inputs) if operator.least is None else operator.least
    given = list(names)
    while len(given) > least and not given[-1] and not operator.variadic:
        given.pop()
    if not least <= len(given) or len(names) > len(operator.inputs):
        many = f"{least}" if least == len(operator.inputs) else f"{least} to {len(operator.inputs)}"
        raise PackError(f"the pack's node {op} must have {many} inputs, not {len(names)}")
    return tuple(given)


def result_type(op: str, inputs: Sequence[str], attributes: Mapping[str, Value]) -> str:
    """Return the type of a node's output, given the types of its inputs. Raises PackError if ONNX forbids these."""
    operator = OPERATORS[op]
    found: dict[str, str] = {}
    for number, (slot, actual) in enumerate(zip(operator.inputs, inputs, strict=False)):
        allowed = operator.types.get(slot, (slot,))
        if slot in operator.types:
            allowed = (found.setdefault(slot, actual),) if actual in allowed else allowed
        if actual not in allowed:
            raise PackError(
                f"the pack's node {op} must have {' or '.join(allowed)} as input {number}, not {actual}"
            )
    if operator.output == "to":
        to = attributes["to"]
        assert isinstance(to, int)
        return CAST[to]
    # Without a zero point, a QuantizeLinear returns uint8, the first of its types.
    return found.get(operator.output) or operator.types.get(operator.output, (operator.output,))[0]
