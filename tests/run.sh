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
# From outside: the Python SDK, the page in a browser, and what the documents tell people to do.
export EDGRAPH_PROGRAM="$CARGO_TARGET_DIR/debug/edgraph"
shared/python/check.sh
tests/page/check.sh
tests/documents/check.sh
# Delta Lake's own kernel reads what the program wrote.
cargo test --locked --manifest-path tests/kernel/Cargo.toml
