# shellcheck shell=bash
# Sourced by install-tools.sh, and read from the workspace's root: which graph engine cargo links.
#
# EDGRAPH_ENGINE says which one: `kuzu`, if it is not set, or `ladybug`. Their crates would compile the C++ once per
# profile and target folder. They link what {KUZU,LBUG}_LIBRARY_DIR and {KUZU,LBUG}_INCLUDE_DIR name instead, where they
# are set: a library of the same version that is installed (with {KUZU,LBUG}_SHARED=1, if it is shared), or what
# `engine/build.sh` compiles once per machine.

# What of an engine is built; each other set of flags is another library.
engine_flags=(
  -DCMAKE_BUILD_TYPE=Release
  "-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections -w"
  "-DCMAKE_CXX_FLAGS=-ffunction-sections -fdata-sections -w${CXXFLAGS:+ $CXXFLAGS}"
)
# Kuzu without its four default extensions: what is to be released has them apart.
kuzu_flags=(
  -DBUILD_EXTENSION_RELEASE=ON
  -DBUILD_SHELL=OFF
  -DBUILD_SINGLE_FILE_HEADER=OFF
  -DAUTO_UPDATE_GRAMMAR=OFF
)
lbug_flags=(
  -DBUILD_SHARED_LBUG=OFF
  -DBUILD_SHELL=OFF
  -DAUTO_UPDATE_GRAMMAR=OFF
)

# Sets up what cargo links, and builds it where that has not been done yet.
engine_environment() {
  case "${EDGRAPH_ENGINE:-kuzu}" in
    kuzu) link_engine kuzu KUZU "${engine_flags[@]}" "${kuzu_flags[@]}" ;;
    ladybug) compiles_ladybug && link_engine lbug LBUG "${engine_flags[@]}" "${lbug_flags[@]}" ;;
    *) echo "EDGRAPH_ENGINE=$EDGRAPH_ENGINE: there are kuzu and ladybug" >&2; return 1 ;;
  esac
}

# What cargo is told of the engine.
engine_features() {
  [ "${EDGRAPH_ENGINE:-kuzu}" = kuzu ] || echo "--no-default-features --features $EDGRAPH_ENGINE"
}

# Names a crate's library to cargo. Usage: link_engine CRATE PREFIX FLAG...
link_engine() {
  local crate=$1 prefix=$2 version key home
  local library="${2}_LIBRARY_DIR" include="${2}_INCLUDE_DIR"
  shift 2
  if [ -n "${!library:-}" ] && [ -n "${!include:-}" ]; then
    return
  elif [ -n "${!library:-}${!include:-}" ]; then
    echo "an installed $crate wants both $library and $include: set the other one, or none" >&2
    return 1
  fi
  version=$(sed -n "s/^$crate = .*\"=\([0-9.]*\)\".*/\1/p" Cargo.toml)
  key=$({ "${CXX:-c++}" --version | head -n 1; uname -sm; echo "$@"; } | cksum | cut -d ' ' -f 1)
  home="${EDGRAPH_CACHE:-$HOME/.cache/edgraph}/$crate-$version-$key"
  [ -d "$home" ] || deploy/engine/build.sh "$crate" "$version" "$home" "$@" || return
  export "$library=$home/lib" "$include=$home/include"
  # It is static.
  unset "${prefix}_SHARED"
}

# LadybugDB is C++20 with <format>, which the compilers of older systems lack.
compiles_ladybug() {
  # shellcheck disable=SC2086 # flags are words
  echo '#include <format>' | "${CXX:-c++}" ${CXXFLAGS:-} -std=c++20 -fsyntax-only -x c++ - 2>/dev/null && return
  echo "${CXX:-c++} lacks <format>, which LadybugDB is written with: take GCC 13, or Clang 17 with its own library" >&2
  echo "(Debian 12: apt-get install clang-19 libc++-19-dev libc++abi-19-dev; then set CC=clang-19 CXX=clang++-19" >&2
  echo "CXXFLAGS=-stdlib=libc++ CXXSTDLIB=c++)" >&2
  return 1
}
