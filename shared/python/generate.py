"""Makes the stubs of src/edgraph/v1 from proto/. Run it after a change there: `python shared/python/generate.py`.

Wants grpcio-tools 1.74 and mypy-protobuf, with a protobuf of version 6: what they make runs with protobuf 6 and 7.
"""

import sys
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
PROTOS = HERE.parents[1] / "proto"


def main(out: Path) -> int:
    """Writes the stubs below `out`, and returns the compiler's exit code."""
    standard = Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.glob("edgraph/v1/*.proto"))
    typed = Path(sys.executable).with_name("protoc-gen-mypy")
    arguments = [
        f"--plugin=protoc-gen-mypy={typed}",
        f"-I{PROTOS}",
        f"-I{standard}",
        f"--python_out={out}",
        f"--mypy_out=quiet:{out}",
        *files,
    ]
    return protoc.main(["protoc", *arguments])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "src"))
