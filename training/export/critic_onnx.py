"""Write the network of a critic as a QDQ int8 ONNX file."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .critic_network import CriticNetwork
from .onnx_builder import OnnxBuilder, Scale, Value
from .quantize import best_scale, covering

LIMITS = (0.1, 99.9)  # percentiles of the logits that the scores 0 and 255 stand for


@torch.no_grad()
def export_critic(network: CriticNetwork, cells: np.ndarray, kinds: np.ndarray) -> bytes:
    """Return the bytes of the file. Pictures uint8 (N, H, W) of kinds int64 (N,) measure the ranges of activations."""
    folded = [
        _fold(convolution, norm)
        for convolution, norm in zip(network.convolutions, network.norms, strict=True)
    ]
    x = network.planes(cells)
    tables = [table.weight.numpy() for table in (network.entries, network.neighbours)]
    target = best_scale([x.numpy().ravel(), *(table.ravel() for table in tables)])
    builder = OnnxBuilder()
    entries, neighbours = (_quantised(table, target) for table in tables)
    height, width = cells.shape[1:]
    value = builder.add(
        builder.embed_cells(entries[None], target, height, width),
        builder.embed_neighbours(neighbours, target, height, width),
        target,
    )
    means: list[Tensor] = []
    parts: list[Value] = []
    for i, (weights, bias) in enumerate(folded):
        if i:
            x, value = F.max_pool2d(x, 2), builder.max_pool(value)
        x = F.relu(F.conv2d(x, weights, bias, padding=1))
        value = builder.conv2d(
            value, weights.numpy(), bias.numpy(), best_scale([x.numpy().ravel()]), wrap=False
        )
        means.append(x.mean((2, 3)))
        parts.append(builder.mean(value, best_scale([means[-1].numpy().ravel()])))
    # The parts have scales of their own, and a concatenation has one: the layer after it takes up the difference.
    common = parts[0].scale
    columns = [np.full(part.channels, part.scale.scale / common.scale, np.float32) for part in parts]
    joined = replace(parts[0], channels=0)
    for i, part in enumerate(parts):
        joined = builder.concat(joined, replace(part, scale=common)) if i else part
    dense, score = network.dense, network.score
    features = F.relu(dense(torch.cat(means, dim=1)))
    hidden = builder.dense(
        joined,
        dense.weight.numpy() * np.concatenate(columns),
        dense.bias.numpy(),
        best_scale([features.numpy().ravel()]),
    )
    logits = score(features).numpy()
    low, high = np.percentile(logits[np.arange(len(kinds)), kinds], LIMITS)
    # Zero must be within the range of a scale, so the logits are moved to be positive.
    value = builder.dense(
        hidden, score.weight.numpy(), score.bias.numpy() - low, covering(0.0, float(high - low))
    )
    builder.output(value, "score", 2)
    return bytes(builder.finish("critic", {}).SerializeToString(deterministic=True))


def _fold(convolution: nn.Module, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Return the weights and the bias of a convolution with the batch norm after it."""
    assert isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None and norm.running_mean is not None
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return convolution.weight * gain[:, None, None, None], norm.bias - norm.running_mean * gain


def _quantised(table: np.ndarray, scale: Scale) -> np.ndarray:
    return np.clip(np.rint(table / scale.scale) + scale.zero, 0, 255).astype(np.uint8)
