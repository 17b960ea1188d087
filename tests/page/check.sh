#!/usr/bin/env bash
# Tests the page in a headless Chromium against real coordinators, with the program in EDGRAPH_PROGRAM.
# Usage: tests/page/check.sh [PYTEST ARGUMENT]...     With EDGRAPH_PICTURES=DIR every view is kept there as a picture.
# Where Chromium, python3 or its packages cannot be had, it says so and passes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/install-tools.sh

: "${EDGRAPH_PROGRAM:?the program to test with, such as target/debug/edgraph}"
unavailable() {
  echo "the page is not tested: $1"
  exit 0
}
home="${CARGO_TARGET_DIR:-/tmp}/page"
find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" 2>/dev/null && return
  done
}
EDGRAPH_CHROMIUM="${EDGRAPH_CHROMIUM:-$(find_chromium || true)}"
if [ -z "$EDGRAPH_CHROMIUM" ]; then
  require_tools chromium || unavailable "Chromium cannot be installed"
  EDGRAPH_CHROMIUM="$(find_chromium)" || unavailable "there is no Chromium"
fi
export EDGRAPH_CHROMIUM
python_packages "$home" pytest playwright axe-playwright-python || unavailable "$why"
export PYTHONPATH=shared/python PYTHONDONTWRITEBYTECODE=1
"$home/bin/python" -m pytest --quiet -p no:cacheprovider tests/page "$@"
