//! The graph engine's C++ is compiled once per machine: what `deploy/engine.sh` says that cargo links, and when it is
//! compiled.
//!
//! The real build takes many minutes, so cmake is a stand-in here, which says what it was asked for. That what is built
//! can be linked, every test with a graph says.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use edgraph_tests::corpus::workspace;
use tempfile::TempDir;

/// Configures by leaving a header; builds a library out of one part, which a build after it finds again.
const CMAKE: &str = r#"#!/bin/sh
if [ "$1" = -S ]; then
  [ -f "$2/CMakeLists.txt" ] || exit 3
  mkdir -p "$4/src/include/common" "$4/third_party/re2"
  echo "// of this machine" >"$4/src/include/common/system_config.h"
else
  [ "$1" = --build ] || exit 4
  [ -f "$2/part" ] && echo "goes on" >>"$CMAKE_LOG"
  touch "$2/part"
  [ -z "$CMAKE_BREAKS" ] || exit 5
  echo built >>"$CMAKE_LOG"
  echo kuzu >"$2/src/libkuzu.a"
  echo lbug | tee "$2/src/liblbug.a" >"$2/src/lbug.hpp"
  echo re2 >"$2/third_party/re2/libre2.a"
fi
"#;

/// A compiler of any version, which compiles nothing but whatever it is given, unless it is an old one.
const COMPILER: &str = r#"#!/bin/sh
[ "$1" = --version ] || exit "${COMPILER_IS_OLD:-0}"
echo "a compiler ${COMPILER_VERSION:-1}"
"#;

/// Says what cargo would be told.
const ASK: &str = r#"source deploy/engine.sh && engine_environment &&
  echo "${KUZU_LIBRARY_DIR:-}${LBUG_LIBRARY_DIR:-}" && echo "${KUZU_INCLUDE_DIR:-}${LBUG_INCLUDE_DIR:-}""#;

/// A machine: a cache of its own, and stand-ins for what compiles.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(machine.path("bin")).unwrap();
        for (name, script) in [("cmake", CMAKE), ("c++", COMPILER)] {
            let file = machine.path("bin").join(name);
            fs::write(&file, script).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts asking, with more environment.
    fn ask(&self, environment: &[(&str, &str)]) -> Child {
        let programs = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        for name in ["EDGRAPH_ENGINE", "CXX", "CXXFLAGS", "CMAKE_BREAKS"] {
            command.env_remove(name);
        }
        for name in ["KUZU_LIBRARY_DIR", "KUZU_INCLUDE_DIR", "LBUG_LIBRARY_DIR", "LBUG_INCLUDE_DIR"] {
            command.env_remove(name);
        }
        command
            .args(["-c", ASK])
            .current_dir(workspace())
            .env("PATH", format!("{}:{programs}", self.path("bin").display()))
            .env("EDGRAPH_CACHE", self.path("cache"))
            .env("CMAKE_LOG", self.path("log"))
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Asks, and gives both folders.
    fn told(&self, environment: &[(&str, &str)]) -> [PathBuf; 2] {
        folders(self.ask(environment))
    }

    /// What cmake did.
    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The libraries in the cache.
    fn libraries(&self) -> usize {
        let entries = fs::read_dir(self.path("cache")).into_iter().flatten();
        entries.filter(|entry| entry.as_ref().unwrap().path().join("lib").is_dir()).count()
    }
}

fn folders(asked: Child) -> [PathBuf; 2] {
    let output = asked.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let [library, include] = lines.lines().collect::<Vec<_>>()[..] else { panic!("{lines}") };
    [library, include].map(PathBuf::from)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn kuzu_is_compiled_once_and_again_only_for_another_compiler() {
    let machine = Machine::new();
    let [library, include] = machine.told(&[]);
    assert!(library.starts_with(machine.path("cache")), "{}", library.display());
    for name in ["libkuzu.a", "libre2.a"] {
        assert!(library.join(name).is_file(), "{name}");
    }
    // What the crate asks for, what it leads to, and what the build made of this machine.
    for name in ["kuzu.hpp", "main/kuzu.h", "alp/state.hpp", "common/system_config.h"] {
        assert!(include.join(name).is_file(), "{name}");
    }
    assert_eq!(machine.told(&[]), [library.clone(), include]);
    assert_eq!(machine.log(), "built\n");

    let [other, _] = machine.told(&[("COMPILER_VERSION", "2")]);
    assert_ne!(other, library);
    assert_eq!((machine.log().as_str(), machine.libraries()), ("built\nbuilt\n", 2));
}

#[test]
fn two_builds_at_once_are_one() {
    let machine = Machine::new();
    let asked = [(); 4].map(|()| machine.ask(&[]));
    let told = asked.map(folders);
    assert!(told.iter().all(|folders| *folders == told[0]), "{told:?}");
    assert_eq!(machine.log(), "built\n");
}

#[test]
fn a_build_that_broke_off_leaves_nothing_to_link_and_goes_on() {
    let machine = Machine::new();
    let broken = machine.ask(&[("CMAKE_BREAKS", "1")]).wait_with_output().unwrap();
    assert!(!broken.status.success(), "{broken:?}");
    assert_eq!(machine.libraries(), 0);
    machine.told(&[]);
    assert_eq!((machine.log().as_str(), machine.libraries()), ("goes on\nbuilt\n", 1));
}

#[test]
fn an_installed_kuzu_is_linked_instead_and_half_a_choice_is_explained() {
    let machine = Machine::new();
    let installed = [("KUZU_LIBRARY_DIR", "/opt/kuzu/lib"), ("KUZU_INCLUDE_DIR", "/opt/kuzu/include")];
    assert_eq!(machine.told(&installed), installed.map(|(_, folder)| Path::new(folder).to_owned()));
    for half in installed {
        let output = machine.ask(&[half]).wait_with_output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        assert!(said(&output).contains("set the other one, or none"), "{output:?}");
    }
    assert_eq!(machine.log(), "");
}

#[test]
fn ladybug_is_another_engine_which_an_old_compiler_cannot_build() {
    let machine = Machine::new();
    let [kuzu, _] = machine.told(&[]);
    let ladybug = ("EDGRAPH_ENGINE", "ladybug");
    let [library, include] = machine.told(&[ladybug]);
    assert!(library != kuzu && library.join("liblbug.a").is_file(), "{}", library.display());
    for name in ["lbug.hpp", "lbug.h"] {
        assert!(include.join(name).is_file(), "{name}");
    }
    let old = machine.ask(&[ladybug, ("COMPILER_IS_OLD", "1")]).wait_with_output().unwrap();
    assert!(!old.status.success() && said(&old).contains("take GCC 13, or Clang 17"), "{old:?}");
    let unknown = machine.ask(&[("EDGRAPH_ENGINE", "neo")]).wait_with_output().unwrap();
    assert!(
        !unknown.status.success() && said(&unknown).contains("there are kuzu and ladybug"),
        "{unknown:?}"
    );
    assert_eq!(machine.log(), "built\nbuilt\n");
}
