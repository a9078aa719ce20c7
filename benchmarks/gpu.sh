#!/usr/bin/env bash
# Verify and time the CUDA backend in one short call, on a machine with a GPU and without network access.
#
#   benchmarks/gpu.sh OUT_DIR [options of `python -m tilewright_benchmarks.gpu`]
#
# Builds for that GPU only, compares the backend with the CPU byte for byte, runs compute-sanitizer, and times
# it with the installed baselines: docs/benchmarks.md. A call takes at most SECONDS_PER_CALL (510); parts that
# do not fit are skipped and listed. OUT_DIR then holds gpu.json and the logs; the table is printed last. Exit
# code 0: complete. 1: a failure or a difference. 75: out of time; call again for the listed parts, for
# example with `--part timings --pack g2 --batch 1 64`. Environment variables: WHEELS (a folder of missing
# wheels), ARCHITECTURES (90-real), PYTHON (python3), DEVICE (cuda; cpu is a dry run with the existing build)
# and COMMIT (outside of a repository).
set -euo pipefail

[ $# -ge 1 ] || { sed -n '4p' "$0" >&2; exit 2; }
limit=${SECONDS_PER_CALL:-510}
python=${PYTHON:-python3}
device=${DEVICE:-cuda}
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
project=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work" || true' EXIT

say() { echo "gpu.sh: $* (${SECONDS} s)"; }

install() {
    local site=$work/site
    mkdir -p "$site"
    export PYTHONPATH=$site${PYTHONPATH:+:$PYTHONPATH}
    if compgen -G "${WHEELS:-}/*.whl" > /dev/null; then
        "$python" -m pip install --quiet --no-index --no-deps --target "$site" "$WHEELS"/*.whl
    fi
    [ "$device" = cuda ] || return 0
    say "building tilewright"
    "$python" -m pip install --verbose --no-index --no-deps --no-build-isolation --target "$site" \
        -C build-dir="$work/build" -C cmake.define.TILEWRIGHT_CUDA=ON \
        -C cmake.define.TILEWRIGHT_CUDA_ARCHITECTURES="${ARCHITECTURES:-90-real}" \
        "$project" > "$out/build.log" 2>&1 || { tail -n 40 "$out/build.log"; say "the build failed"; exit 1; }
}

# The packs of the tests, for the verification: odd channels, every op, both samplers.
draw_small_packs() {
    mkdir -p "$work/small"
    "$python" - "$project/tests" "$work/small" << 'END'
import sys, types
from pathlib import Path

tests, folder = sys.argv[1:]
sys.modules["tests"] = package = types.ModuleType("tests")
package.__path__ = [tests]
from tests.networks import dcgan_pack, drawn_palette_pack, palette_pack
from tests.step_networks import autoregressive_pack, masked_pack

packs = {
    "small-tiles": palette_pack(wrap=True),
    "small-sprites": palette_pack(transparent=True),
    "small-dcgan": dcgan_pack(transparent=True),
    "small-nearest": drawn_palette_pack(),
    "small-scores": drawn_palette_pack(nearest=False),
    "small-masked": masked_pack(),
    "small-autoregressive": autoregressive_pack(),
}
for name, content in packs.items():
    Path(folder, f"{name}.onnx").write_bytes(content)
END
}

install
draw_small_packs
if commit=$(git -C "$project" rev-parse HEAD 2> /dev/null); then
    export COMMIT=$commit DIRTY=no
    [ -z "$(git -C "$project" status --porcelain --untracked-files=no)" ] || DIRTY=yes
fi
export TORCHINDUCTOR_CACHE_DIR=$work/inductor TRITON_CACHE_DIR=$work/triton
say "measuring"
code=0
"$python" -m tilewright_benchmarks.gpu "$out" --seconds $((limit - SECONDS)) --device "$device" --also "$work/small" "$@" \
    || code=$?
exit "$code"
