#!/usr/bin/env bash
# Builds the Python wheel, programs included, and tries it as its users do: installed into a new environment without a
# compiler on the path, it runs the sample filings and shows a statement.
# Usage: deploy/wheel.sh FOLDER [MATURIN ARGUMENT]...     such as `deploy/wheel.sh dist` or `deploy/wheel.sh dist --profile dev`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/install-tools.sh

[ $# -ge 1 ] || { echo "usage: deploy/wheel.sh FOLDER [MATURIN ARGUMENT]..." >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
require_tools cmake g++ make
build_environment
tools="$CARGO_TARGET_DIR/wheel"
python_packages "$tools" "maturin>=1.9,<2" || { echo "the wheel is not built: $why" >&2; exit 1; }
(cd shared/python && "$tools/bin/maturin" build --strip --out "$out" "$@")
# shellcheck disable=SC2012 # names of wheels are plain
wheel=$(ls -t "$out"/edgraph-*.whl | head -n 1)

trial=$(mktemp -d)
trap 'rm -rf "$trial"' EXIT
python_packages "$trial/python" "$wheel" || { echo "the wheel does not install: $why" >&2; exit 1; }
alone() { (cd "$trial" && env -i HOME="$trial" PATH="$trial/python/bin:/usr/bin:/bin" "$@"); }
samples="$PWD/tests/fixtures/edgar"
alone edgraph run --edgar "file://$samples" --taxonomies "$samples/taxonomies" --universe all --quiet >/dev/null
alone edgraph statement LKSP balance | grep -q "Cash and cash equivalents"
alone edgraph-worker --version >/dev/null
alone python -c 'import edgraph; assert len(edgraph.statement("LKSP", graph="data/graph")) > 9'
echo "$wheel"
