#!/usr/bin/env bash
# Fuzzes one target: tests/fuzz/run.sh TARGET [SECONDS] [--shared]
#   TARGET    instance, inline, schema, linkbase, zip, index, submissions or tickers
#   --shared  starts from the documents beside the checkout (../shared), too
# Needs cargo-fuzz (cargo install cargo-fuzz) and a C++ compiler; the ordinary Rust compiler is enough. What it finds is
# in tests/fuzz/artifacts: mend the cause and move the input to tests/fuzz/findings, where the ordinary tests try it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/edgraph/target}"

target="${1:?usage: tests/fuzz/run.sh TARGET [SECONDS] [--shared]}"
seconds="${2:-600}"
corpus="corpus/$target"
mkdir -p "$corpus"

# What is fuzzed has the versions that are shipped.
cp ../../Cargo.lock Cargo.lock
for folder in "seeds/$target" "findings/$target"; do
  for file in "$folder"/*; do
    [ -f "$file" ] && cp "$file" "$corpus/$(basename "$file")"
  done
done
if [ "${3:-}" = --shared ]; then
  case "$target" in
    instance) names=(-name '*.xml' -o -name '*.xbrl') ;;
    inline) names=(-name '*.htm' -o -name '*.xhtml') ;;
    schema) names=(-name '*.xsd') ;;
    linkbase) names=(-name '*_*.xml' -o -name '*-*.xml') ;;
    zip) names=(-name '*.zip') ;;
    index) names=(-name 'index.json' -o -name '*.idx') ;;
    submissions) names=(-name 'CIK*.json') ;;
    tickers) names=(-name 'company_tickers*.json') ;;
  esac
  number=0
  # Small ones alone: a fuzzer tries thousands of inputs a second, or none.
  while IFS= read -r file; do
    number=$((number + 1))
    cp "$file" "$corpus/shared-$number"
  done < <(find ../../../shared -type f \( "${names[@]}" \) -size -24k | sort | head -400)
fi
# The line ends of archives and of old systems, as the properties make them of every input.
case "$target" in
  zip) ;;
  *)
    for file in "$corpus"/*.*; do
      case "$file" in *.crlf | *.cr) continue ;; esac
      sed 's/$/\r/' "$file" >"$file.crlf"
      tr '\n' '\r' <"$file" >"$file.cr"
    done
    ;;
esac

# Without a sanitizer no nightly compiler is needed, and nothing of ours is unsafe.
features=() words=documents
case "$target" in zip | index | submissions | tickers) features=(--features lists) words=lists ;; esac
cd ../..
exec cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none "${features[@]}" "$target" -- \
  -dict="tests/fuzz/$words.dict" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1
