#!/usr/bin/env bash
# Compiles Kuzu's C++ out of the crate that Cargo.lock names: static libraries, and the headers that the crate reads.
# Usage: deploy/kuzu/build.sh VERSION HOME [CMAKE FLAG]...
#
# What stands at HOME is whole: it is built beside it and renamed. A build that was interrupted goes on, and one that
# finds another at work waits for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=$1 home=$2 build="$2.build"
shift 2

mkdir -p "$build"
# macOS has no flock(1). The compilers inherit the lock: while one of them is at work, nobody else begins.
exec 9>"$home.lock"
perl -MFcntl=:flock -e 'open(my $lock, ">&=", 9) or die $!; flock($lock, LOCK_EX) or die $!'
if [ -d "$home" ]; then
  rmdir "$build" 2>/dev/null || true
  exit
fi

# Cargo unpacks the crate's sources where it unpacks all; Kuzu's are among them.
manifest=$(cargo metadata --locked --format-version 1 |
  grep -oE "\"manifest_path\":\"[^\"]*/kuzu(-$version)?/Cargo.toml\"" | cut -d '"' -f 4)
source="${manifest%/Cargo.toml}/kuzu-src"
echo "compiling Kuzu $version into $home, once for this machine: some 20 minutes on 2 cores" >&2
cmake -S "$source" -B "$build" "$@" -DCMAKE_PROJECT_Kuzu_INCLUDE="$PWD/deploy/kuzu/unity.cmake" >&2
CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(getconf _NPROCESSORS_ONLN)}" \
  cmake --build "$build" --target kuzu >&2

rm -rf "$build/whole"
mkdir -p "$build/whole/lib"
# The crate links Kuzu's own libraries one by one.
find "$build/src" "$build/third_party" -name 'lib*.a' -exec cp {} "$build/whole/lib" \;
cp -R "$source/src/include" "$build/whole/include"
cp -R "$build/src/include/." "$source/third_party/alp/include/." deploy/kuzu/kuzu.hpp "$build/whole/include"
mv "$build/whole" "$home"
rm -rf "$build"
