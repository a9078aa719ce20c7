"""The result file of a run, and the printed table."""

import importlib.metadata
import json
import os
import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tilewright.files import write_atomically

from ..machine import describe

PACKAGES = ("jax", "jaxlib", "triton", "cupy-cuda13x", "nvidia-cudnn-cu13", "nvidia-cublas")
GPU_FIELDS = ("name", "driver_version", "memory.total", "clocks.max.sm", "power.limit", "compute_cap")
PATH = re.compile(r"(?<![\w.])/(?:[\w.+@~-]+/)+[\w.+@~-]*")


def machine() -> dict[str, Any]:
    """Describe the machine like other results, plus the GPU, its libraries, and the commit if given."""
    facts: dict[str, Any] = describe()
    facts["machine"]["gpu"] = _gpu()
    for package in PACKAGES:
        try:
            facts["versions"][package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if commit := os.environ.get("COMMIT"):
        facts["source"] = {"commit": commit, "dirty": os.environ.get("DIRTY", "") == "yes"}
    return facts


def save(content: Mapping[str, Any], path: Path) -> None:
    """Write the file atomically, without paths of the machine."""
    write_atomically(path, (json.dumps(_without_paths(content), indent=1) + "\n").encode())


def table(content: Mapping[str, Any]) -> list[str]:
    """Return lines on the verification, the ratios and the skipped parts."""
    said = []
    for found in content["equality"]:
        verdict = {True: "equal", False: "DIFFERENT", None: "not known"}[found["equal"]]
        verdict = verdict if "sha256" in found else "not made"
        digest = found.get("sha256", {}).values()
        said.append(
            f"{found['pack']:<14}{found.get('tiles', 0):>8} tiles  {verdict:<10} "
            f"{' '.join(value[:16] for value in digest)} {found['first_difference']}"
        )
    for check in dict.fromkeys(found["check"] for found in content["sanitizer"]):
        of_check = [found for found in content["sanitizer"] if found["check"] == check]
        clean = sum(found["clean"] is True for found in of_check)
        rest = [
            f"{found['pack'] or 'all'}: {found['summary']}"
            for found in of_check
            if found["clean"] is not True
        ]
        said.append(f"{check:<14}{clean} of {len(of_check)} packs clean {'; '.join(rest)}".rstrip())
    said += ["", f"{'pack':<14}{'batch':>6} {'measure':<8}{'tiles a second':>16}{'of ceiling':>12}  over"]
    said += [line for result in content["packs"] for line in _lines(result)]
    said += ["", *content["notes"], *(f"skipped for lack of time: {what}" for what in content["left_out"])]
    return said


def _lines(result: Mapping[str, Any]) -> list[str]:
    head = f"{result['pack']:<14}{result['batch']:>6} {result['measure']:<8}"
    if not result["core"]:
        return [f"{head} the core was not timed: {' '.join(result['notes'][:1])}"]
    speed = statistics.median(result["rows"][0]["tiles_per_second"])
    head = f"{head}{speed:>16,.0f}{_share(result.get('ceilings', {})):>12}"
    ratios = [
        f"{ratio['median']:.2f} ({ratio['lower']:.2f} .. {ratio['upper']:.2f}) {name}"
        for name, ratio in result["verdicts"].items()
    ]
    return [
        f"{head if i == 0 else '':<{len(head)}}  {text}" for i, text in enumerate(ratios or ["no baseline"])
    ]


def _share(ceilings: Mapping[str, Any]) -> str:
    nearer = ceilings.get("nearer")
    return f"{ceilings['share'][nearer]['median']:.1%}" if nearer else ""


def _gpu() -> dict[str, str]:
    query = ["nvidia-smi", f"--query-gpu={','.join(GPU_FIELDS)}", "--format=csv,noheader"]
    try:
        line = subprocess.run(query, check=True, capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(zip(GPU_FIELDS, (word.strip() for word in line.splitlines()[0].split(",")), strict=False))


def _without_paths(value: Any) -> Any:
    if isinstance(value, str):
        return PATH.sub("...", value)
    if isinstance(value, Mapping):
        return {key: _without_paths(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_without_paths(one) for one in value]
    return value
