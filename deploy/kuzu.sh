# Sourced by install-tools.sh, and read from the workspace's root: which Kuzu cargo links.
#
# The `kuzu` crate would compile Kuzu's C++ once per profile and target folder, with extensions that edgraph never uses.
# It links what KUZU_LIBRARY_DIR and KUZU_INCLUDE_DIR name instead, where they are set: a libkuzu of the same version
# that is installed (with KUZU_SHARED=1, if it is shared), or what `kuzu/build.sh` compiles once per machine.

# What of Kuzu is built; each other set of flags is another library.
kuzu_flags=(
  -DCMAKE_BUILD_TYPE=Release
  "-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections -w"
  "-DCMAKE_CXX_FLAGS=-ffunction-sections -fdata-sections -w"
  # Without its four default extensions: what is to be released has them apart.
  -DBUILD_EXTENSION_RELEASE=ON
  -DBUILD_SHELL=OFF
  -DBUILD_SINGLE_FILE_HEADER=OFF
  -DAUTO_UPDATE_GRAMMAR=OFF
)

# Sets up what cargo links Kuzu with, and builds it where that has not been done yet.
kuzu_environment() {
  if [ -n "${KUZU_LIBRARY_DIR:-}" ] && [ -n "${KUZU_INCLUDE_DIR:-}" ]; then
    return
  elif [ -n "${KUZU_LIBRARY_DIR:-}${KUZU_INCLUDE_DIR:-}" ]; then
    echo "an installed Kuzu wants both KUZU_LIBRARY_DIR and KUZU_INCLUDE_DIR: set the other one, or none" >&2
    return 1
  fi
  local version key home
  version=$(sed -n 's/^kuzu = .*"=\([0-9.]*\)".*/\1/p' Cargo.toml)
  key=$({ "${CXX:-c++}" --version | head -n 1; uname -sm; echo "${kuzu_flags[@]}"; } | cksum | cut -d ' ' -f 1)
  home="${EDGRAPH_CACHE:-$HOME/.cache/edgraph}/kuzu-$version-$key"
  [ -d "$home" ] || deploy/kuzu/build.sh "$version" "$home" "${kuzu_flags[@]}" || return
  export KUZU_LIBRARY_DIR="$home/lib" KUZU_INCLUDE_DIR="$home/include"
  # It is static.
  unset KUZU_SHARED
}
