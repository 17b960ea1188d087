#!/usr/bin/env bash
# Tests the Python SDK against real coordinators, with the program in EDGRAPH_PROGRAM.
# Usage: shared/python/check.sh     Without python3, or where its packages cannot be had, it says so and passes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/install-tools.sh

: "${EDGRAPH_PROGRAM:?the program to test with, such as target/debug/edgraph}"
home="${CARGO_TARGET_DIR:-/tmp}/python"
requirements=(
  grpcio protobuf==6.33.6 googleapis-common-protos grpcio-tools==1.74.0 mypy-protobuf==5.1.0
  pytest pytest-asyncio pyright types-grpcio types-protobuf polars deltalake pyarrow pandas
)
python_packages "$home" "${requirements[@]}" || {
  echo "the Python SDK is not tested: $why"
  exit 0
}
cd shared/python
export PYTHONPATH=src PYTHONDONTWRITEBYTECODE=1 PATH="$home/bin:$PATH"
python -m pytest --quiet -p no:cacheprovider tests
# It brings itself from the registry of Node's packages at its first run.
pyright --version >/dev/null 2>&1 || {
  echo "the Python SDK's types are not checked: pyright cannot be had"
  exit 0
}
pyright --pythonpath "$home/bin/python"
