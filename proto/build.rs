//! Compiles the .proto files without protoc: protox parses them, tonic-prost-build generates the code.

use std::path::PathBuf;

const FILES: [&str; 9] = [
    "edgraph/v1/pipeline.proto",
    "edgraph/v1/parameters.proto",
    "edgraph/v1/spec.proto",
    "edgraph/v1/status.proto",
    "edgraph/v1/items.proto",
    "edgraph/v1/admin.proto",
    "edgraph/v1/graph.proto",
    "edgraph/v1/work.proto",
    "edgraph/v1/worker.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=edgraph");
    let descriptors = protox::Compiler::new(["."])?
        .include_imports(true)
        .include_source_info(true)
        .open_files(FILES)?
        .encode_file_descriptor_set();
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("edgraph.bin"), &descriptors)?;

    tonic_prost_build::configure()
        .build_client(std::env::var_os("CARGO_FEATURE_CLIENT").is_some())
        .build_server(std::env::var_os("CARGO_FEATURE_SERVER").is_some())
        // Deterministic iteration: maps reach responses and test output.
        .btree_map(".")
        .compile_fds(protox::compile(FILES, ["."])?)?;
    Ok(())
}
