//! Whom the client trusts to be the store: the system's authorities, or those of `AWS_CA_BUNDLE` in their place, as
//! with any AWS program.

use std::path::Path;

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

/// A client that trusts the authorities in a file.
pub(super) fn client(bundle: &Path) -> Result<SharedHttpClient, String> {
    let refused = |said: &dyn std::fmt::Display| format!("AWS_CA_BUNDLE {}: {said}", bundle.display());
    let pem = std::fs::read(bundle).map_err(|error| refused(&error))?;
    if !pem.windows(BEGIN.len()).any(|window| window == BEGIN) {
        return Err(refused(&"holds no certificate in PEM"));
    }
    let trusted = TrustStore::empty().with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(trusted).build();
    let context = context.map_err(|error| refused(&error))?;
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(context).build_https())
}

/// How a certificate begins.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
