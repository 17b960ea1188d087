//! Where a process finds its credentials: variables, profiles, and the services that lend them.

use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use edgraph_tests::s3::S3Server;

use super::processes::process;

type Env = Vec<(String, String)>;

/// What a process with this environment says when it puts an object into `store`; empty when it could.
fn put_says(store: &str, env: Env) -> String {
    let mut command = process(store, "put", env);
    // Nothing of the machine this runs on.
    let given =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap_or_default().to_owned()));
    let given: Vec<_> = given.collect();
    let output = command.env_clear().envs(given).output().unwrap();
    if output.status.success() {
        String::new()
    } else {
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    }
}

fn without(env: &Env, names: &[&str]) -> Env {
    env.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect()
}

fn with(env: &Env, given: &[(&str, &str)]) -> Env {
    let names: Vec<_> = given.iter().map(|(name, _)| *name).collect();
    let mut env = without(env, &names);
    env.extend(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    env
}

/// The server's environment without its keys.
fn keyless(server: &S3Server) -> Env {
    without(&server.env(), &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
}

/// A process with this environment stores an object under `prefix`, or says this.
#[track_caller]
fn check(server: &S3Server, prefix: &str, store: &str, env: Env, said: &str) {
    let output = put_says(store, env);
    let name = format!("{prefix}/from-a-child");
    assert_eq!(server.objects().contains(&name), said.is_empty(), "{prefix}: {output}");
    assert!(output.contains(said) && output.is_empty() == said.is_empty(), "{prefix}: {output}");
}

#[test]
fn variables_profiles_and_endpoint_come_from_the_environment() {
    let server = S3Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (id, secret) = server.keys();
    let file = folder.path().join("credentials");
    let text = format!("[ours]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    std::fs::write(&file, text).unwrap();
    let env = server.env();
    let profiles = with(&keyless(&server), &[("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap())]);
    let endpoint = with(&env, &[("AWS_ENDPOINT_URL", &server.endpoint())]);
    let ours = with(&profiles, &[("AWS_PROFILE", "ours")]);
    let (bucket, no_credentials) = (server.bucket(), "no usable credentials");

    check(&server, "variables", &server.address("variables"), env, "");
    check(&server, "endpoint", &format!("s3://{bucket}/endpoint"), endpoint, "");
    check(&server, "variable", &server.address("variable"), ours, "");
    check(&server, "option", &(server.address("option") + "&profile=ours"), profiles.clone(), "");
    check(&server, "none", &server.address("none"), keyless(&server), no_credentials);
    check(&server, "default", &server.address("default"), profiles.clone(), no_credentials);
    check(&server, "unknown", &(server.address("unknown") + "&profile=theirs"), profiles, no_credentials);
}

/// A machine's metadata service, a container's credentials and a token service in one.
async fn lender(id: &str, secret: &str) -> SocketAddr {
    let keys = format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2024-01-01T00:00:00Z","AccessKeyId":"{id}",
        "SecretAccessKey":"{secret}","Token":"session","Expiration":"2100-01-01T00:00:00Z"}}"#
    );
    let assumed = format!(
        r#"<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{id}</AccessKeyId>
        <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>session</SessionToken>
        <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
        </AssumeRoleWithWebIdentityResponse>"#
    );
    let answer = async move |method: Method, uri: Uri, headers: HeaderMap| {
        let metadata = "/latest/meta-data/iam/security-credentials/";
        match (method.as_str(), uri.path()) {
            ("PUT", "/latest/api/token") => {
                Ok(([("x-aws-ec2-metadata-token-ttl-seconds", "21600")], "a-token".to_owned()))
            }
            // The second version of the metadata service, which asks for a token.
            ("GET", path)
                if path.starts_with(metadata) && headers.contains_key("x-aws-ec2-metadata-token") =>
            {
                let role = path == metadata;
                Ok(([("content-type", "text/plain")], if role { "our-role".to_owned() } else { keys }))
            }
            ("GET", "/container")
                if headers.get("authorization").is_some_and(|token| token == "a-secret") =>
            {
                Ok(([("content-type", "application/json")], keys))
            }
            ("POST", "/") => Ok(([("content-type", "text/xml")], assumed)),
            _ => Err(StatusCode::NOT_FOUND),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_containers_and_service_accounts_are_lent_credentials() {
    let server = S3Server::start().unwrap();
    let (id, secret) = server.keys();
    let lender = format!("http://{}", lender(id, secret).await);
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "a web identity").unwrap();
    let env = keyless(&server);

    let container = format!("{lender}/container");
    let container = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a-secret"),
    ];
    let identity = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ours"),
        ("AWS_ENDPOINT_URL_STS", lender.as_str()),
    ];
    let instance =
        [("AWS_EC2_METADATA_SERVICE_ENDPOINT", lender.as_str()), ("AWS_EC2_METADATA_DISABLED", "false")];
    tokio::task::block_in_place(|| {
        check(&server, "container", &server.address("container"), with(&env, &container), "");
        check(&server, "identity", &server.address("identity"), with(&env, &identity), "");
        check(&server, "instance", &server.address("instance"), with(&env, &instance), "");
    });
}
