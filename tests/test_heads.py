"""Heads: what a pack says its network's outputs mean."""

import json
from pathlib import Path
from typing import Any

import onnx
import pytest

import tilewright as tw
from tilewright.pack import METADATA_KEY, check_pack

from .networks import palette_pack


def with_head(head: Any) -> bytes:
    model = onnx.ModelProto.FromString(palette_pack())
    (entry,) = (e for e in model.metadata_props if e.key == METADATA_KEY)
    entry.value = json.dumps({**json.loads(entry.value), "head": head})
    return model.SerializeToString()


def test_a_pack_without_a_head_holds_pixels() -> None:
    named, plain = (check_pack(content, Path("p.onnx")) for content in (with_head("pixels"), palette_pack()))
    assert type(named.head) is type(plain.head)
    assert str(named.head) == str(plain.head) == "16x16, palette of 7 colours"
    assert plain.head.palette is not None and not plain.head.palette.flags.writeable


@pytest.mark.parametrize("head", ["frames", "", 3])
def test_a_head_that_this_version_lacks(head: object) -> None:
    with pytest.raises(tw.PackError) as error:
        check_pack(with_head(head), Path("p.onnx"))
    assert str(error.value) == f"p.onnx: the head must be pixels, not {head!r}"


@pytest.mark.parametrize("head", [None, [], {}])
def test_a_head_that_is_no_name(head: object) -> None:
    with pytest.raises(tw.PackError):
        check_pack(with_head(head), Path("p.onnx"))
