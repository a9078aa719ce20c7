"""What quantisation costs a pack of one pass: the same latents in float and in int8, and the measures of both.

    python -m tilewright_benchmarks.quantisation PACK --run RUN --against ART --kinds RECIPE

Rows: `float`, the averaged network of the run folder; `float activations`, the pack's int8 weights and tables with
activations in float (ONNX Runtime), for which no run is needed; `int8`, the pack through the core, without a gate. All
rows have the same pictures of real art, folds and classifiers.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from tilewright.generator import Pack, load
from tilewright.seeds import draw_latents
from tilewright_training.experiments.comparison import arguments, opened, parsed
from tilewright_training.measures.subject import Subject, open_subject, pack_subject

from .float_graph import float_graph
from .sampling import Rows, measure, record, table

CHUNK = 200  # pictures per call of ONNX Runtime


def subjects(pack: Pack, run: Path | None) -> dict[str, Subject]:
    """Return the rows. Picture i of each is drawn from the latents of tile i of a seed."""
    like = pack_subject(pack)
    session = onnxruntime.InferenceSession(
        float_graph(onnx.load_model_from_string(pack.file.content)).SerializeToString(),
        _single_thread(),
        providers=["CPUExecutionProvider"],
    )
    palette = pack.file.head.palette
    assert palette is not None

    def without_activations(labels: np.ndarray, seed: int) -> np.ndarray:
        latents = draw_latents(seed, 0, len(labels), pack.file.latent_size)
        parts = []
        for start in range(0, len(labels), CHUNK):
            part = slice(start, start + CHUNK)
            feed = {"latent": latents[part], "kind": labels[part].astype(np.int64)}
            (indices,) = session.run(["indices"], {i.name: feed[i.name] for i in session.get_inputs()})
            parts.append(palette[indices])
        return np.concatenate(parts)

    def quantised(labels: np.ndarray, seed: int) -> np.ndarray:
        kinds = [pack.kinds[label] for label in labels]
        return pack.generate(len(labels), kind=kinds, seed=seed, gate=False).rgba

    rows = {} if run is None else {"float": open_subject(str(run))}
    return rows | {
        "float activations": replace(like, sample=without_activations),
        "int8": replace(like, sample=quantised),
    }


def same_pixels(rows: dict[str, Subject], pictures: int, seed: int) -> dict[str, float]:
    """Return the percentage of pixels that each row shares with the first one."""
    first = next(iter(rows.values()))
    labels = np.arange(pictures) % len(first.kinds)
    ideal = first.sample(labels, seed)
    return {
        name: 100.0 * float((row.sample(labels, seed) == ideal).all(axis=-1).mean())
        for name, row in rows.items()
    }


def main() -> None:
    """Print the share of equal pixels and, seed by seed, the measures."""
    parser = arguments(__doc__, art=False)
    parser.add_argument("--run", type=Path, help="the run folder that the pack was exported from")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    given = parsed(parser)
    pack = load(given.pack)
    rows = subjects(pack, given.run)
    print("equal pixels (%):", same_pixels(rows, given.pairs, seed=1), flush=True)
    if not given.against:
        return
    protocol, art, network = opened(given, pack, given.pairs)
    found: Rows = {name: {} for name in rows}
    for seed in protocol.seeds:
        for name, subject in rows.items():
            record(found, name, seed, measure(subject, art, network, protocol, seed), given.json)
    print(table(found, pack.name))


def _single_thread() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return options


if __name__ == "__main__":
    main()
