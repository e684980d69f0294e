#!/bin/sh
# Runs one fuzz target on the stable toolchain; docs/fuzzing.md says what for.
#
#   fuzz/run.sh TARGET [SECONDS]    fuzz, from the corpus on (default: 60 s)
#   fuzz/run.sh TARGET merge        bring into the corpus what a run found and the corpus does not cover
#   fuzz/run.sh TARGET FILE         run one input
set -eu

target=${1:?the name of a target, one of fuzz/fuzz_targets}
what=${2:-60}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
host=$(rustc -vV | sed -n 's/^host: //p')
# Inputs longer than this find nothing that shorter ones do not.
longest=512

# The instrumentation that libFuzzer reads. With --target it does not reach build scripts.
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$here/target}"
cargo build --quiet --release --manifest-path "$here/Cargo.toml" --target "$host" --no-default-features --features "${target%%_*}" --bin "$target"
binary="$CARGO_TARGET_DIR/$host/release/$target"

corpus="$here/corpus/$target"
found="$here/found/$target"
artifacts="$here/artifacts/$target"
mkdir -p "$corpus" "$found" "$artifacts"
case $what in
    merge) exec nice "$binary" -set_cover_merge=1 -use_counters=0 -max_len=$longest "$corpus" "$found" ;;
    *[!0-9]*) exec "$binary" "$what" ;;
    *) exec nice "$binary" -max_total_time="$what" -max_len=$longest -timeout=5 -print_final_stats=1 -artifact_prefix="$artifacts/" "$found" "$corpus" ;;
esac
