#!/usr/bin/env bash
# Compiles a graph engine's C++ out of the crate that Cargo.lock names: static libraries, and the headers that the crate
# reads.
# Usage: deploy/engine/build.sh {kuzu|lbug} VERSION HOME [CMAKE FLAG]...
#
# What stands at HOME is whole: it is built beside it and renamed. A build that was interrupted goes on, and one that
# finds another at work waits for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
crate=$1 version=$2 home=$3 build="$3.build"
shift 3

mkdir -p "$build"
# macOS has no flock(1). The compilers inherit the lock: while one of them is at work, nobody else begins.
exec 9>"$home.lock"
perl -MFcntl=:flock -e 'open(my $lock, ">&=", 9) or die $!; flock($lock, LOCK_EX) or die $!'
if [ -d "$home" ]; then
  rmdir "$build" 2>/dev/null || true
  exit
fi

case $crate in
  kuzu) feature=kuzu project=Kuzu targets=(kuzu) ;;
  # Its one file of all headers is made with Python.
  lbug) feature=ladybug project=Lbug targets=(lbug single_file_header) ;;
esac
# Cargo unpacks the crate's sources where it unpacks all; the engine's are among them.
manifest=$(cargo metadata --locked --format-version 1 --no-default-features --features "$feature" |
  grep -oE "\"manifest_path\":\"[^\"]*/$crate(-$version)?/Cargo.toml\"" | cut -d '"' -f 4)
source="${manifest%/Cargo.toml}/$crate-src"

compile() {
  echo "compiling $crate $version into $home, once for this machine: some 20 minutes on 2 cores" >&2
  cmake -S "$source" -B "$build" "$@" "-DCMAKE_PROJECT_${project}_INCLUDE=$PWD/deploy/engine/$crate/unity.cmake" >&2
  CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(getconf _NPROCESSORS_ONLN)}" \
    cmake --build "$build" --target "${targets[@]}" >&2
}

# What the crate `kuzu` links and reads: Kuzu's own libraries one by one, and its headers as they are.
gather_kuzu() {
  find "$build/src" "$build/third_party" -name 'lib*.a' -exec cp {} "$1/lib" \;
  cp -R "$source/src/include" "$1/include"
  cp -R "$build/src/include/." "$source/third_party/alp/include/." deploy/engine/kuzu/kuzu.hpp "$1/include"
}

# What the crate `lbug` links and reads: one library, which has the others in it, and one header.
gather_lbug() {
  cp "$build/src/liblbug.a" "$1/lib"
  mkdir "$1/include"
  cp "$build/src/lbug.hpp" "$source/src/include/c_api/lbug.h" "$1/include"
  # The crate asks for GCC's C++ library by name. Beside Clang's own, which all is compiled with then, it would end the
  # program at the first exception.
  case "$*" in
    *-stdlib=libc++*) echo "INPUT(-lc++ -lc++abi)" >"$1/lib/libstdc++.so" ;;
  esac
}

compile "$@"
rm -rf "$build/whole"
mkdir -p "$build/whole/lib"
"gather_$crate" "$build/whole" "$@"
mv "$build/whole" "$home"
rm -rf "$build"
