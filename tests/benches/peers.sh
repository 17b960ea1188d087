#!/usr/bin/env bash
# Leases a second beside those of BullMQ and Celery, in turn and on the same machine.
# Usage: tests/benches/peers.sh [ROUNDS]     after `cargo build --release --workspace`; 3 rounds by default
# Needs node with npm, python3 with venv, and redis-server. The peers are installed from their registries into a folder
# that is removed at the end. Each gets a Redis of its own, with either policy of appendfsync. Compare ratios of one
# round: the machine's speed varies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/install-tools.sh
require_tools redis-server redis-cli
build_environment

rounds="${1:-3}"
folder="$(mktemp -d)"
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
peers="$folder/peers"
mkdir "$peers"
cp tests/benches/peers/* "$peers"
npm install --silent --no-fund --no-audit --prefix "$peers" bullmq ioredis >/dev/null
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet 'celery[redis]'

# fresh_redis POLICY: an empty server at $socket.
fresh_redis() {
  if [ -n "$redis" ]; then
    kill "$redis"
    wait "$redis" 2>/dev/null || true
  fi
  local home
  home="$(mktemp -d -p "$folder")"
  socket="$home/redis.sock"
  redis-server --port 0 --unixsocket "$socket" --dir "$home" --save '' --appendonly yes --appendfsync "$1" >/dev/null &
  redis=$!
  until redis-cli -s "$socket" ping >/dev/null 2>&1; do :; done
}

echo "round  appendfsync    edgraph     BullMQ     Celery   edgraph/BullMQ  edgraph/Celery"
for round in $(seq "$rounds"); do
  for policy in everysec always; do
    ours="$(cargo bench --quiet --workspace --bench lease_throughput -- --fsync "$policy" |
      awk -v policy="$policy" '$1 == policy { print $2 }')"
    fresh_redis "$policy"
    bullmq="$(node "$peers/bullmq.mjs" "$socket" 30000)"
    fresh_redis "$policy"
    celery="$("$folder/python/bin/python" "$peers/celery_bench.py" "$socket" 4000)"
    awk -v round="$round" -v policy="$policy" -v ours="$ours" -v bullmq="$bullmq" -v celery="$celery" \
      'BEGIN { printf "%5d  %-11s %10d %10d %10d %16.1f %15.1f\n", round, policy, ours, bullmq, celery, ours / bullmq, ours / celery }'
  done
done
