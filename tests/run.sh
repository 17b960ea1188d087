#!/usr/bin/env bash
# Installs what is missing and runs all tests.
# Usage: tests/run.sh [--full]     --full repeats every check as often as the issues ask; without it a tenth.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/install-tools.sh

case "${1:-}" in
  "") ;;
  --full) export EDGRAPH_FULL=1 ;;
  *) echo "usage: tests/run.sh [--full]" >&2; exit 2 ;;
esac

require_tools cmake g++ make redis-server
build_environment

# The tests run and kill the real program. Built with them, or their features would compile every library twice.
read -r -a features <<<"$(engine_features)"
cargo build --locked --workspace ${features[@]+"${features[@]}"} --bins --tests --examples
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --locked --workspace ${features[@]+"${features[@]}"}
else
  cargo test --locked --workspace ${features[@]+"${features[@]}"}
fi
# The Python SDK, against the program.
EDGRAPH_PROGRAM="$CARGO_TARGET_DIR/debug/edgraph" shared/python/check.sh
# The page, in a browser.
EDGRAPH_PROGRAM="$CARGO_TARGET_DIR/debug/edgraph" tests/page/check.sh
# Delta Lake's own kernel reads what the program wrote.
EDGRAPH_PROGRAM="$CARGO_TARGET_DIR/debug/edgraph" cargo test --locked --manifest-path tests/kernel/Cargo.toml
