#!/usr/bin/env bash
# Train, export and evaluate a named pack in short calls on a machine with a GPU and without network access.
#
#   training/experiments/gpu.sh PACK_NAME CARRY_DIR OUT_DIR
#
#   CARRY_DIR/art     the art, laid out as training/recipes/PACK_NAME.toml expects, if there is such a recipe
#   CARRY_DIR/wheels  wheels that the machine lacks (optional)
#   CARRY_DIR/back    what an earlier call left in OUT_DIR, if OUT_DIR is empty now (optional)
#   CARRY_DIR/options further options of `tilewright train`, on one line (optional)
#
# A call takes at most SECONDS_PER_CALL (570). OUT_DIR then holds the run as run.tar.gz.00, .01, ..., in parts
# of less than 16 MiB, and at the end PACK_NAME.onnx, evaluation.json and samples.png: at most eight files.
# Exit code 0 means that the pack is finished. Exit code 75 means: call again, with the same OUT_DIR or with
# its files in CARRY_DIR/back. Environment variables: PYTHON (python3), DEVICE (auto) and EVALUATE_OPTIONS
# (none).
set -euo pipefail

[ $# -eq 3 ] || { sed -n '4p' "$0" >&2; exit 2; }
name=$1
limit=${SECONDS_PER_CALL:-570}
python=${PYTHON:-python3}
device=${DEVICE:-auto}
mkdir -p "$3"
carry=$(cd "$2" && pwd)
out=$(cd "$3" && pwd)
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
run=$work/run
trainer=
trap '[ -z "$trainer" ] || kill "$trainer" 2> /dev/null || true; rm -rf "$work"' EXIT

say() { echo "gpu.sh: $* (${SECONDS} s)"; }
left() { echo $((limit - SECONDS)); }
verb=(-c 'from tilewright.cli import main; main()')
tilewright() { "$python" "${verb[@]}" "$@"; }

install() {
    local site=$work/site
    mkdir -p "$site"
    export PYTHONPATH=$site${PYTHONPATH:+:$PYTHONPATH}
    if compgen -G "$carry/wheels/*.whl" > /dev/null; then
        "$python" -m pip install --quiet --no-index --no-deps --target "$site" "$carry"/wheels/*.whl
    fi
    "$python" -c 'import tilewright.engine, tilewright_training' 2> /dev/null && return
    say "building tilewright"
    "$python" -m pip install --quiet --no-index --no-deps --no-build-isolation --target "$site" "$project"
}

unpack() {
    local from=$out
    compgen -G "$out/run.tar.gz.*" > /dev/null || from=$carry/back
    if compgen -G "$from/run.tar.gz.*" > /dev/null; then
        cat "$from"/run.tar.gz.* | tar -xz -C "$work"
        say "going on with the run from $from"
    fi
}

# Archive the newest checkpoint, the logs and the description of the run. Only a complete archive replaces old
# parts.
pack() {
    [ -f "$run/config.json" ] || return 0
    local parts=$work/parts newest part
    rm -rf "$parts" && mkdir "$parts"
    newest=$(cd "$run" && ls checkpoints/step-*.safetensors 2> /dev/null | tail -n 1)
    [ -n "$newest" ] || return 0
    # Training may delete this checkpoint meanwhile; the parts of the previous call then stay.
    (cd "$work" && tar -czf run.tar.gz "run/$newest" run/*.json run/*.jsonl run/samples) || return 0
    split --bytes=15M --numeric-suffixes "$work/run.tar.gz" "$parts/run.tar.gz."
    if [ "$(ls "$parts" | wc -l)" -gt 4 ]; then
        say "the run is larger than four parts of 15 MiB: choose a smaller network"
        return 1
    fi
    for part in "$parts"/*; do
        cp "$part" "$out/.part" && mv "$out/.part" "$out/$(basename "$part")"
    done
    for part in "$out"/run.tar.gz.*; do
        [ -f "$parts/$(basename "$part")" ] || rm "$part"
    done
}

# Delete old samples and TensorBoard logs.
tidy() {
    find "$run/samples" -name 'step-*.png' 2> /dev/null | sort | head -n -1 | xargs -r rm
}

train() {
    local -a options
    if [ -f "$run/config.json" ]; then
        options=("$carry/art" --resume)
    else
        options=("$carry/art")
        [ -f "$project/training/recipes/$name.toml" ] && options+=(--kinds "$project/training/recipes/$name.toml")
        [ -f "$carry/options" ] && read -r -a more < "$carry/options" && options+=("${more[@]}")
    fi
    "$python" "${verb[@]}" train "${options[@]}" --device "$device" -o "$run" &
    trainer=$!
    local stop=$((limit - limit / 8)) packed=$SECONDS
    while kill -0 "$trainer" 2> /dev/null; do
        if [ "$SECONDS" -ge "$stop" ]; then
            say "time is up: stopping the training"
            kill -INT "$trainer"
            sleep $((limit / 20 + 5)) && kill -9 "$trainer" 2> /dev/null &  # saved checkpoints survive
            break
        fi
        if [ $((SECONDS - packed)) -ge 60 ]; then
            tidy && pack && packed=$SECONDS
        fi
        sleep 1
    done
    local code=0
    wait "$trainer" || code=$?
    trainer=
    tidy && pack
    case $code in
        0) say "training is done" ;;
        130 | 137) say "call again to go on"; exit 75 ;;
        *) say "training failed"; exit 1 ;;
    esac
}

finish() {
    [ -f "$out/$name.onnx" ] || tilewright export "$run" -o "$out/$name.onnx"
    cp "$(find "$run/samples" -name 'step-*.png' | sort | tail -n 1)" "$out/samples.png"
    if tilewright evaluate --help > /dev/null 2>&1 && [ ! -f "$out/evaluation.json" ]; then
        local -a how=("$out/$name.onnx" --against "$carry/art" --json "$work/evaluation.json")
        [ -n "${EVALUATE_OPTIONS:-}" ] && read -r -a more <<< "$EVALUATE_OPTIONS" && how+=("${more[@]}")
        [ -f "$project/training/recipes/$name.toml" ] && how+=(--kinds "$project/training/recipes/$name.toml")
        local code=0
        timeout "$(left)" "$python" "${verb[@]}" evaluate "${how[@]}" || code=$?
        case $code in
            0) ;;
            124) say "no time left to evaluate: call again"; exit 75 ;;
            *) say "the pack is made, but evaluating it failed"; exit 1 ;;
        esac
        mv "$work/evaluation.json" "$out/evaluation.json"
    fi
    say "done"
}

install
unpack
train
finish
