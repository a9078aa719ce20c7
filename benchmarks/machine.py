"""Describe the environment of a measurement: processor, versions, commit."""

import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The source tree, if the package is run from one."""

FLAGS = (
    *(
        "avx2",
        "fma",
        "avx_vnni",
        "avx512f",
        "avx512bw",
        "avx512vl",
        "avx512_vnni",
        "avx512_bf16",
        "avx512_fp16",
    ),
    *("amx_int8", "amx_bf16", "neon", "asimd", "asimddp", "i8mm"),
)
PACKAGES = ("tilewright", "numpy", "onnx", "onnxruntime-gpu", "onnxruntime", "openvino", "torch", "ncnn")


def describe() -> dict[str, object]:
    """Return all facts that are needed to interpret a result, ready for JSON."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": _cpuinfo("model name") or platform.processor() or platform.machine(),
            "flags": [flag for flag in FLAGS if flag in _cpuinfo("flags", "Features").split()],
            "processors": len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        },
        "versions": {"python": platform.python_version(), **_versions()},
        "source": _source(),
    }


def results_folder() -> Path:
    """Return benchmarks/results of the source tree, or the current folder if there is none."""
    return ROOT / "benchmarks" / "results" if (ROOT / "pyproject.toml").is_file() else Path()


def _cpuinfo(*fields: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(fields)), "")


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _source() -> dict[str, object]:
    """Return the commit and whether tracked files are modified; empty outside of a repository."""
    try:
        commit = _git("rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git("status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.CalledProcessError):
        return {}


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
