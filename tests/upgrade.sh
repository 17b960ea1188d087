#!/usr/bin/env bash
# Tries a rolling upgrade and its way back with the programs of two builds: an earlier revision's and this checkout's.
# Usage: tests/upgrade.sh [REVISION]     the last release when absent
# Both builds share the target folder, so that libraries are compiled once; the programs of the earlier one are kept there
# under upgrade/REVISION.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/install-tools.sh

# 0.2.0
LAST_RELEASE=cffbcb72364364368d5b86b89b8c0179c16cc79b
revision="$(git rev-parse --verify "${1:-$LAST_RELEASE}^{commit}")"

require_tools cmake g++ make redis-server
build_environment
programs="$CARGO_TARGET_DIR/upgrade/$revision"
if [ ! -d "$programs" ]; then
  checkout="$(mktemp -d)"
  trap 'git worktree remove --force "$checkout"' EXIT
  git worktree add --detach "$checkout" "$revision"
  (cd "$checkout" && cargo build --locked --workspace --bins --tests)
  mkdir -p "$programs.next"
  cp "$CARGO_TARGET_DIR"/debug/{edgraph,edgraph-worker,scripted-worker} "$programs.next"
  mv "$programs.next" "$programs"
fi
cargo build --locked --workspace --bins --tests
EDGRAPH_EARLIER_PROGRAMS="$programs" cargo test --locked --package edgraph-tests --test it upgrade -- --nocapture
