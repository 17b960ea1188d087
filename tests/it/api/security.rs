//! Who is let in: certificates, tokens with roles, and tokens that are taken away.

use std::fs;
use std::time::Duration;

use edgraph_client::v1::{self, StartPipelineRequest};
use edgraph_client::{Client, Error};
use edgraph_coordinator::engine::Role as Seated;
use edgraph_coordinator::service::{Role, ServeConfig, ServeError, Tls, Tokens};
use edgraph_tests::eventually::eventually;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tonic::Code;

use crate::coordinator::{RunningEngine, Services, all};
use crate::grpcurl::{Grpcurl, Version};

/// Far longer than any wait here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// An authority that signs certificates for this machine.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A certificate and its key, PEM.
    fn sign(&self) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem().into_bytes(), key.serialize_pem().into_bytes())
    }
}

async fn served(engine: &RunningEngine, config: ServeConfig) -> Services {
    Services::start(Seated::Leading(engine.handle.clone()), config).await
}

#[tokio::test]
async fn with_tls_only_those_who_trust_the_authority_connect() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (certificate, key) = authority.sign();
    let engine = RunningEngine::start().await;
    let tls = Tls { certificate, key, client_ca: None };
    let services = served(&engine, ServeConfig { tls: Some(tls), ..ServeConfig::default() }).await;
    let https = format!("https://{}", services.address);

    let client = Client::builder().endpoint(&https).tls_ca_pem(authority.pem()).connect().await.unwrap();
    assert_eq!(client.list().all().await.unwrap(), []);
    for builder in
        [Client::builder().endpoint(&https).tls_ca_pem(stranger.pem()), Client::builder().endpoint(&https)]
    {
        assert!(matches!(builder.connect().await, Err(Error::Connect { .. })));
    }
    // Without TLS a connection opens, and nothing is said on it.
    let quick = Duration::from_millis(10);
    let plain = Client::builder().endpoint(services.url()).retry_for(quick).build().unwrap();
    let error = plain.get("p").await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. } | Error::Unavailable(_)), "{error:?}");
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn with_a_client_authority_only_those_with_its_certificate_connect() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (certificate, key) = authority.sign();
    let engine = RunningEngine::start().await;
    let tls = Tls { certificate, key, client_ca: Some(authority.pem()) };
    let services = served(&engine, ServeConfig { tls: Some(tls), ..ServeConfig::default() }).await;
    let https = format!("https://{}", services.address);
    let builder = || {
        let quick = Duration::from_millis(10);
        Client::builder().endpoint(&https).tls_ca_pem(authority.pem()).retry_for(quick)
    };
    let (certificate, key) = authority.sign();
    let client = builder().client_identity(certificate, key).connect().await.unwrap();
    assert_eq!(client.list().all().await.unwrap(), []);
    let (certificate, key) = stranger.sign();
    for builder in [builder(), builder().client_identity(certificate, key)] {
        // The server's refusal may come after the client's half of the handshake.
        let error = match builder.connect().await {
            Ok(client) => client.get("p").await.unwrap_err(),
            Err(error) => error,
        };
        assert!(matches!(error, Error::Connect { .. } | Error::Unavailable(_)), "{error:?}");
    }
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn a_role_opens_its_services_and_no_others() {
    let tokens = [(Role::Viewer, "v"), (Role::Client, "c"), (Role::Worker, "w"), (Role::Admin, "a")];
    let tokens = Tokens::fixed(tokens).unwrap();
    let engine = RunningEngine::start().await;
    let services = served(&engine, ServeConfig { tokens, ..ServeConfig::default() }).await;
    let denied = Some(Code::PermissionDenied);
    let unknown = Some(Code::Unauthenticated);
    let missing = Some(Code::NotFound);
    for (token, [reads, steers, works, looks, rules, reflects]) in [
        (Some("v"), [None, denied, denied, None, denied, None]),
        (Some("c"), [None, missing, denied, denied, denied, None]),
        (Some("w"), [denied, denied, None, denied, denied, None]),
        (Some("a"), [None, missing, None, None, None, None]),
        (Some("x"), [unknown; 6]),
        (None, [unknown; 6]),
    ] {
        let mut builder = Client::builder().endpoint(services.url());
        if let Some(token) = token {
            builder = builder.token(token);
        }
        let client = builder.connect().await.unwrap();
        let code = |error: Error| error.refusal().unwrap().code;
        assert_eq!(client.list().all().await.err().map(code), reads, "{token:?}");
        assert_eq!(client.cancel("none").await.err().map(code), steers, "{token:?}");
        assert_eq!(client.list_workers().all().await.err().map(code), looks, "{token:?}");
        assert_eq!(client.scaling_signal().await.err().map(code), looks, "{token:?}");
        assert_eq!(client.resume_requests("").await.err().map(code), rules, "{token:?}");
        // This engine has no store to restore from.
        let restores = rules.or(Some(Code::FailedPrecondition));
        assert_eq!(client.restore_pipelines().all().await.err().map(code), restores, "{token:?}");
        assert_eq!(work(&services, token).await, works, "{token:?}");
        let reflected = Grpcurl::with_token(services.channel().await, Version::V1, token).await;
        assert_eq!(reflected.err().map(|status| status.code()), reflects, "{token:?}");
    }
    // Probes have no tokens.
    let grpcurl = Grpcurl::with_token(services.channel().await, Version::V1, Some("c")).await.unwrap();
    let probe = grpcurl.without_token();
    let health = probe.call("grpc.health.v1.Health/Check", json!({})).await.unwrap();
    assert_eq!(health["status"], "SERVING");
    services.stop().await;
    engine.stop().await;
}

/// How opening a Work stream is refused.
async fn work(services: &Services, token: Option<&str>) -> Option<Code> {
    let mut client = v1::worker_service_client::WorkerServiceClient::new(services.channel().await);
    let mut request = tonic::Request::new(tokio_stream::empty());
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    client.work(request).await.err().map(|status| status.code())
}

#[tokio::test]
async fn a_token_that_is_taken_away_ends_its_streams() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, "# two clients\nclient leaving\nclient staying\n").unwrap();
    let engine = RunningEngine::start().await;
    let config = ServeConfig::read(None, Some(file.clone()), false).unwrap();
    let services = served(&engine, config).await;
    let with =
        async |token: &str| Client::builder().endpoint(services.url()).token(token).connect().await.unwrap();
    let (leaving, staying) = (with("leaving").await, with("staying").await);
    let kind = "sec_xbrl".to_owned();
    let start = StartPipelineRequest { pipeline_id: "p".into(), kind, input: all(), ..Default::default() };
    leaving.start(start).await.unwrap();
    let (mut cut, mut kept) = (leaving.watch("p"), staying.watch("p"));
    cut.next().await.unwrap().unwrap();
    kept.next().await.unwrap().unwrap();

    // A file that is wrong changes nothing; the next one takes a token away and adds another.
    fs::write(&file, "").unwrap();
    fs::write(&file, "client staying\nclient joining\n").unwrap();
    let error = tokio::time::timeout(PATIENCE, cut.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unauthenticated(_)), "{error:?}");
    assert!(matches!(leaving.get("p").await, Err(Error::Unauthenticated(_))));
    let joining = with("joining").await;
    eventually("the new token to be known", PATIENCE, async || joining.get("p").await.ok()).await;
    staying.pause("p").await.unwrap();
    assert!(kept.next().await.unwrap().unwrap().paused, "the other stream goes on");
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn strangers_are_not_listened_to_by_accident() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let seat = edgraph_coordinator::engine::Seat::new(
        tokio::sync::watch::channel(Seated::Standby { leader: None }).1,
    );
    let stop = tokio_util::sync::CancellationToken::new();
    let served =
        edgraph_coordinator::service::serve(listener, seat, ServeConfig::default(), stop.clone()).await;
    let Err(error @ ServeError::Config(_)) = served else { panic!("{served:?}") };
    assert!(error.to_string().contains("give --tokens FILE"), "{error}");
}
