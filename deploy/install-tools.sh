# Sourced from the workspace's root, by the scripts and by hand: installs the tools a build needs, where they are
# missing, and sets up its environment. Debian/Ubuntu (apt-get) and macOS (Homebrew); anything else is told what to
# install.
source deploy/engine.sh

require_tools() {
  local missing=() tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 || missing+=("$tool")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "installing: ${missing[*]}" >&2
  if command -v apt-get >/dev/null 2>&1; then
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  elif command -v brew >/dev/null 2>&1; then
    # The C++ compiler comes with the command line tools of Xcode; Redis has another name there.
    missing=("${missing[@]/g++/gcc}")
    brew install --quiet "${missing[@]/redis-server/redis}"
  else
    echo "please install ${missing[*]} and run this again" >&2
    return 1
  fi
}

# What cargo runs in. The target folder outlives the checkout, as the engine does, and is one for each engine.
build_environment() {
  local target=target
  [ "${EDGRAPH_ENGINE:-kuzu}" = kuzu ] || target="target-$EDGRAPH_ENGINE"
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${EDGRAPH_CACHE:-$HOME/.cache/edgraph}/$target}"
  if ! command -v cargo >/dev/null 2>&1; then
    echo "cargo is missing: install Rust 1.94.1 or newer from https://rustup.rs and run this again" >&2
    return 1
  fi
  engine_environment
}
