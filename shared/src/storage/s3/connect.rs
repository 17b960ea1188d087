//! From an address to a client: credentials, region, limits of time, and one request that proves access.
//!
//! Nothing here reads the environment itself: the SDK does, as every AWS program does.

use std::fmt;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{ConfigLoader, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, ProvideCredentials, Region, StalledStreamProtectionConfig,
};

use super::explain::Place;
use super::{Error, S3Config, S3Store};
use crate::failure::chain;

/// One attempt and three retries: enough for a hiccup; longer trouble is for the coordinator to see.
const MAX_ATTEMPTS: u32 = 4;
/// The first pause between attempts is a random part of this; it doubles.
const INITIAL_BACKOFF: Duration = Duration::from_millis(200);
/// The longest pause between attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// A store that takes longer to accept a connection is as good as down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The time that a request of no size may take if the address does not say.
const BASE_TIME: Duration = Duration::from_secs(20);
/// Bytes a second below which a transfer is given up; far below what any usable link carries.
const SLOWEST_BYTES_PER_SECOND: u64 = 256 * 1024;
/// How long a transfer may stand still.
const STALL_GRACE: Duration = Duration::from_secs(20);
/// For all sources of credentials together; the metadata service of a machine that has none takes a few seconds.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(30);
/// Where a bucket is assumed to be if nobody says: S3 answers with the right region if it is another.
const DEFAULT_REGION: &str = "us-east-1";

/// Keys to a store, for programs that have them at hand.
#[derive(Clone)]
pub struct AccessKeys {
    /// The access key's id.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// The session token of temporary keys.
    pub session: Option<String>,
}

impl fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKeys").field("id", &self.id).finish_non_exhaustive()
    }
}

pub(super) async fn connect(config: &S3Config, keys: Option<AccessKeys>) -> Result<S3Store, Error> {
    let uri = config.uri();
    let place = Place { store: &uri, action: "open", key: None };
    let patience = Patience { base: config.timeout.unwrap_or(BASE_TIME) };
    let sdk = load(config, keys).await;
    check_credentials(&sdk, &place).await?;

    let mut client = aws_sdk_s3::config::Builder::from(&sdk)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(MAX_ATTEMPTS)
                .with_initial_backoff(INITIAL_BACKOFF)
                .with_max_backoff(MAX_BACKOFF),
        )
        .timeout_config(patience.timeouts(0))
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(STALL_GRACE).build())
        .force_path_style(config.path_style.unwrap_or(sdk.endpoint_url().is_some()));
    if sdk.region().is_none() {
        client = client.region(Region::from_static(DEFAULT_REGION));
    }
    let client = Client::from_conf(client.build());

    let mut proof = client.list_objects_v2().bucket(&config.bucket).max_keys(1);
    if let Some(prefix) = &config.prefix {
        proof = proof.prefix(format!("{prefix}/"));
    }
    proof.send().await.map_err(|error| place.explain(error))?;
    Ok(S3Store { client, bucket: config.bucket.clone(), prefix: config.prefix.clone(), patience, uri })
}

async fn load(config: &S3Config, keys: Option<AccessKeys>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = &config.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(AccessKeys { id, secret, session }) = keys {
        loader = loader.credentials_provider(Credentials::new(id, secret, session, None, "given"));
    }
    if let Some(endpoint) = &config.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    with_region(loader, config).load().await
}

fn with_region(loader: ConfigLoader, config: &S3Config) -> ConfigLoader {
    if let Some(region) = &config.region {
        return loader.region(Region::new(region.clone()));
    }
    if config.endpoint.is_none() {
        return loader;
    }
    // Behind an endpoint that is not Amazon's the name of the region rarely matters, and there is no metadata service
    // to ask for it: that would cost seconds.
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &config.profile {
        profile = profile.profile_name(name);
    }
    let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
    loader.region(chain.or_else(profile.build()).or_else(Region::from_static(DEFAULT_REGION)))
}

/// Says plainly that there are no credentials, which a failed request says in the SDK's words only.
async fn check_credentials(sdk: &SdkConfig, place: &Place<'_>) -> Result<(), Error> {
    let denied = |said: &str| {
        place.denied(format!(
            "no usable credentials ({said}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give \
             the machine, container or service account a role"
        ))
    };
    let Some(provider) = sdk.credentials_provider() else {
        return Err(denied("none configured"));
    };
    match tokio::time::timeout(CREDENTIALS_TIMEOUT, provider.provide_credentials()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(denied(&chain(&error))),
        Err(_) => Err(denied("the sources of credentials did not answer")),
    }
}

/// How long requests may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    base: Duration,
}

impl Patience {
    /// The time that transferring so many bytes may take.
    pub(super) fn time_for(self, bytes: usize) -> Duration {
        self.base + Duration::from_secs(bytes as u64 / SLOWEST_BYTES_PER_SECOND)
    }

    /// The limits of a request that carries so many bytes.
    pub(super) fn timeouts(self, bytes: usize) -> TimeoutConfig {
        let attempt = self.time_for(bytes);
        TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(attempt)
            .operation_attempt_timeout(attempt)
            .operation_timeout((attempt + MAX_BACKOFF) * MAX_ATTEMPTS)
            .build()
    }
}
