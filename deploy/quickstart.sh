#!/usr/bin/env bash
# From a fresh machine with Rust to a graph that answers a question: installs what is missing, builds, runs the
# main job embedded on the sample filings, offline, and prints the answer of a first query.
# Usage: deploy/quickstart.sh [OUTPUT FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/install-tools.sh

require_tools cmake g++ make
build_environment

out="${1:-data}"
echo "building edgraph and edgraph-worker" >&2
read -r -a features <<<"$(engine_features)"
cargo build --locked --release ${features[@]+"${features[@]}"}
edgraph="$CARGO_TARGET_DIR/release/edgraph"

samples="$PWD/tests/fixtures/edgar"
"$edgraph" run --edgar "file://${samples// /%20}" --taxonomies "$samples/taxonomies" --universe all --amendments --out "$out"

echo
echo "Total assets at the end of each report's period:"
"$edgraph" query --graph "$out/graph" --example total_assets
