#!/usr/bin/env bash
# Train, export and evaluate the six families on the same art, split and minutes, and tabulate the results.
#
#   training/experiments/compare.sh NAME OUT_DIR FOLDER... [-- further options of `tilewright train`]
#
# NAME is a recipe in training/recipes. OUT_DIR/NAME receives a run, a pack, a grid and the figures of each
# family. OUT_DIR/results.md receives the table over everything in OUT_DIR. An interrupted script can be
# called again: it resumes runs and skips finished steps. Environment variables: MODELS (all six), MINUTES
# (20), HELD_OUT (0.3), THREADS (1), EVALUATE_OPTIONS (none) and PYTHON (python3).
set -euo pipefail

[ $# -ge 3 ] || { sed -n '4p' "$0" >&2; exit 2; }
name=$1
out=$2/$1
recipe=$(cd "$(dirname "$0")/.." && pwd)/recipes/$name.toml
shift 2
folders=()
while [ $# -gt 0 ] && [ "$1" != "--" ]; do folders+=("$1"); shift; done
[ $# -eq 0 ] || shift
against=()
for folder in "${folders[@]}"; do against+=(--against "$folder"); done
threads=${THREADS:-1}
mkdir -p "$out"

for model in ${MODELS:-dcgan gan vae ar diffusion flow}; do
    run=$out/$model
    if [ -f "$run/config.json" ]; then
        [ -f "$run.onnx" ] || tilewright train --resume -o "$run"
    else
        tilewright train "${folders[@]}" --kinds "$recipe" --model "$model" --minutes "${MINUTES:-20}" \
            --held-out "${HELD_OUT:-0.3}" --threads "$threads" -o "$run" "$@"
    fi
    [ -f "$run.onnx" ] || tilewright export "$run" -o "$run.onnx" --name "$name-$model"
    # shellcheck disable=SC2086
    [ -f "$run.json" ] || tilewright evaluate "$run.onnx" "${against[@]}" --kinds "$recipe" --threads "$threads" \
        --features "$out/features.safetensors" --grid "$run.png" --json "$run.json" ${EVALUATE_OPTIONS:-}
done
"${PYTHON:-python3}" -m tilewright_training.measures.results "$(dirname "$out")"/*/*.json -o "$(dirname "$out")/results.md"
