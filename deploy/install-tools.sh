# shellcheck shell=bash
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

# Makes a Python with packages in a folder, for tests. Where that cannot be done, `why` says it.
# Usage: python_packages FOLDER PACKAGE...
python_packages() {
  local home=$1
  shift
  why="no python3 of version 3.9 with venv"
  python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || return
  # shellcheck disable=SC2034 # read by those who call this
  why="the packages cannot be had"
  python3 -m venv "$home" && "$home/bin/pip" install --quiet --disable-pip-version-check "$@"
}
