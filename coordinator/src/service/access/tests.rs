//! Tokens files and headers, by tables.

use tonic::Code;

use super::*;

fn guard(tokens: &Tokens, allowed: &'static [Role], header: Option<&str>) -> Result<(), Code> {
    let mut request = Request::new(());
    if let Some(header) = header {
        request.metadata_mut().insert("authorization", header.parse().unwrap());
    }
    Guard::new(tokens, allowed).call(request).map(|_| ()).map_err(|status| status.code())
}

#[test]
fn a_token_opens_what_its_role_may_do() {
    let tokens =
        Tokens::fixed([(Role::Client, "c1"), (Role::Client, "c2"), (Role::Worker, "w"), (Role::Admin, "a")]);
    let tokens = tokens.unwrap();
    let denied = Err(Code::PermissionDenied);
    let unknown = Err(Code::Unauthenticated);
    for (header, client, worker, admin, anybody) in [
        (Some("Bearer c1"), Ok(()), denied, denied, Ok(())),
        (Some("bearer c2"), Ok(()), denied, denied, Ok(())),
        (Some("Bearer w"), denied, Ok(()), denied, Ok(())),
        (Some("Bearer a"), Ok(()), Ok(()), Ok(()), Ok(())),
        (Some("Bearer c"), unknown, unknown, unknown, unknown),
        (Some("Bearer c1x"), unknown, unknown, unknown, unknown),
        (Some("Basic c1"), unknown, unknown, unknown, unknown),
        (Some("c1"), unknown, unknown, unknown, unknown),
        (Some(""), unknown, unknown, unknown, unknown),
        (None, unknown, unknown, unknown, unknown),
    ] {
        let seen = [CLIENTS, WORKERS, ADMINS, ANYBODY].map(|allowed| guard(&tokens, allowed, header));
        assert_eq!(seen, [client, worker, admin, anybody], "{header:?}");
    }
    assert_eq!(guard(&Tokens::open(), ADMINS, None), Ok(()));
}

#[test]
fn a_tokens_file_is_read_line_by_line_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    for (text, expected) in [
        ("# who\n\nclient  secret-1 \n\tadmin\tsecret-2\n", Ok("2 tokens")),
        ("", Err("names no token")),
        ("# client secret\n", Err("names no token")),
        ("client\n", Err("line 1: expected `role token`")),
        ("admin x\nroot secret\n", Err("line 2: the role is none of")),
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
