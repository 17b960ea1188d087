//! Tokens files, roles, names and headers, by tables.

use edgraph_proto::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::Code;

use super::*;

const READS: &str = "/edgraph.v1.PipelineService/GetPipeline";
const STEERS: &str = "/edgraph.v1.PipelineService/CancelPipeline";
const WORKS: &str = "/edgraph.v1.WorkerService/Work";
const LOOKS: &str = "/edgraph.v1.AdminService/ListWorkers";
const RULES: &str = "/edgraph.v1.AdminService/DrainWorker";
const RESTORES: &str = "/edgraph.v1.AdminService/RestorePipelines";
const REFLECTS: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

fn let_in(tokens: &Tokens, path: &str, header: Option<&str>) -> Result<Access, Status> {
    let mut headers = HeaderMap::new();
    if let Some(header) = header {
        headers.insert("authorization", header.parse().unwrap());
    }
    admit(tokens, path, &headers, None)
}

fn fixed() -> Tokens {
    let tokens = [(Role::Viewer, "v"), (Role::Client, "c1"), (Role::Client, "c2"), (Role::Worker, "w")];
    Tokens::fixed(tokens.into_iter().chain([(Role::Admin, "a")])).unwrap()
}

fn from_file(text: &str) -> Tokens {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    std::fs::write(&path, text).unwrap();
    Tokens::read(&path).unwrap()
}

#[test]
fn a_token_opens_what_its_role_may_do() {
    let (yes, no, unknown) = (Ok(()), Err(Code::PermissionDenied), Err(Code::Unauthenticated));
    for (header, expected) in [
        (Some("Bearer v"), [yes, no, no, yes, no, no, yes]),
        (Some("Bearer c1"), [yes, yes, no, no, no, no, yes]),
        (Some("bearer c2"), [yes, yes, no, no, no, no, yes]),
        (Some("Bearer w"), [no, no, yes, no, no, no, yes]),
        (Some("Bearer a"), [yes; 7]),
        (Some("Bearer c"), [unknown; 7]),
        (Some("Bearer c1x"), [unknown; 7]),
        (Some("Basic c1"), [unknown; 7]),
        (Some("c1"), [unknown; 7]),
        (Some(""), [unknown; 7]),
        (None, [unknown; 7]),
    ] {
        let seen = [READS, STEERS, WORKS, LOOKS, RULES, RESTORES, REFLECTS]
            .map(|path| let_in(&fixed(), path, header).map(drop).map_err(|status| status.code()));
        assert_eq!(seen, expected, "{header:?}");
    }
    assert!(let_in(&Tokens::open(), RULES, None).is_ok());
}

/// A method that is added changes something until somebody has thought about it.
#[test]
fn a_viewer_may_call_these_methods_and_no_others() {
    let descriptors = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut seen = Vec::new();
    for file in &descriptors.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                assert!(allowed(&path).contains(&Role::Admin), "{path}");
                if allowed(&path).contains(&Role::Viewer) {
                    seen.push(method.name().to_owned());
                }
            }
        }
    }
    seen.sort();
    let expected = [
        "Find",
        "GetItem",
        "GetPipeline",
        "GetScalingSignal",
        "GetSeries",
        "GetStatement",
        "ListItems",
        "ListPipelines",
        "ListWorkers",
        "Query",
        "WatchPipeline",
    ];
    assert_eq!(seen, expected);
    for path in
        ["", "/", "/edgraph.v1.PipelineService", "/edgraph.v1.PipelineService/GetPipeline/", "/other/x"]
    {
        assert!(!allowed(path).contains(&Role::Viewer), "{path}");
    }
}

#[test]
fn a_workers_token_is_good_for_the_names_that_it_is_bound_to() {
    let tokens = from_file("worker:one a\nworker:spot-* b\nworker:two b\nworker c\nworker:* d\nadmin e\n");
    for (token, name, expected) in [
        ("a", "one", Ok(())),
        ("a", "one-more", Err("`one`, not for `one-more`")),
        ("b", "spot-7", Ok(())),
        ("b", "two", Ok(())),
        ("b", "spot", Err("`spot-*` or `two`, not for `spot`")),
        ("c", "anything", Ok(())),
        ("d", "anything", Ok(())),
        ("e", "anything", Ok(())),
    ] {
        let mut access = let_in(&tokens, WORKS, Some(&format!("Bearer {token}"))).unwrap();
        match (access.bind(&name.parse().unwrap()), expected) {
            (Ok(()), Ok(())) => {}
            (Err(refused), Err(part)) => {
                assert_eq!(refused.code(), Code::PermissionDenied);
                for part in [part, "--worker-id", &format!("worker:{name} TOKEN")] {
                    assert!(refused.message().contains(part), "{}", refused.message());
                }
            }
            (seen, _) => panic!("{token} {name}: {seen:?}"),
        }
    }
}

#[test]
fn a_tokens_file_is_read_line_by_line_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    for (text, expected) in [
        (
            "# who\n\nclient  secret-1 \n\tadmin\tsecret-2\nviewer secret-3\nworker:spot-* secret-4\n",
            Ok("4 tokens"),
        ),
        ("", Err("names no token")),
        ("# client secret\n", Err("names no token")),
        ("client\n", Err("line 1: expected `role token`")),
        ("admin x\nroot secret\n", Err("line 2: the role is none of")),
        ("client:me secret\n", Err("line 1: only tokens of workers")),
        ("worker: secret\n", Err("line 1: a worker's name is")),
        ("worker:a*b secret\n", Err("line 1: a worker's name is")),
        ("client secret-1 secret-2\n", Err("line 1: a token is")),
        ("client secr\u{e9}t\n", Err("line 1: a token is")),
    ] {
        std::fs::write(&path, text).unwrap();
        match (Tokens::read(&path), expected) {
            (Ok(tokens), Ok(shown)) => assert_eq!(format!("{tokens:?}"), shown),
            (Err(error), Err(part)) => {
                let message = error.to_string();
                assert!(message.contains(part) && !message.contains("secr"), "{message}");
            }
            (seen, expected) => panic!("{text:?}: {seen:?}, expected {expected:?}"),
        }
    }
    assert!(Tokens::read(&folder.path().join("none")).unwrap_err().to_string().contains("none"));
}
