//! From an address to a bucket: credentials, region, and one request that proves access.
//!
//! Nothing here reads the environment itself: the SDK does, as every AWS program does, and [`network`] what it does not.

use std::fmt;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{ConfigLoader, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, ProvideCredentials, Region, SharedHttpClient};

use super::bucket::Bucket;
use super::explain::Place;
use super::patience::Patience;
use super::trust;
use crate::failure::chain;
use crate::network;
use crate::storage::{Error, S3Config};

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

/// The bucket at an address, with these keys or those of the environment.
pub(super) async fn connect(config: &S3Config, keys: Option<AccessKeys>) -> Result<Bucket, Error> {
    let uri = config.uri();
    let place = Place { store: &uri, action: "open", key: None };
    let patience = Patience::new(config.timeout);
    let trusted = network::aws_ca_bundle().map(|bundle| trust::client(&bundle)).transpose();
    let trusted = trusted.map_err(|reason| place.misconfigured(reason))?;
    let sdk = load(config, keys, trusted).await;
    check_credentials(&sdk, &place).await?;

    let mut client = aws_sdk_s3::config::Builder::from(&sdk)
        .retry_config(Patience::retries())
        .timeout_config(patience.timeouts(0))
        .stalled_stream_protection(Patience::stalls())
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
    let (name, prefix) = (config.bucket.clone(), config.prefix.clone());
    let bucket = Bucket { client, name, prefix, patience, uri: uri.clone() };
    if sdk.endpoint_url().is_some() {
        bucket.prove().await?;
    }
    Ok(bucket)
}

async fn load(config: &S3Config, keys: Option<AccessKeys>, trusted: Option<SharedHttpClient>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(trusted) = trusted {
        loader = loader.http_client(trusted);
    }
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
