//! Finding what to process: the result of `discover_companies`, and the payload and the result of `discover_filings`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::damage::Damage;
use super::parameters::{FilingFilter, Processing, is_default};
use crate::ids::Cik;

/// Result of `discover_companies`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompaniesFound {
    /// Companies found and handed on.
    #[serde(alias = "entities")]
    pub companies: u64,
    /// Names that nobody has, skipped as told.
    pub unknown: Vec<String>,
    /// Rows of the SEC's list of companies and of EDGAR's indexes that cannot be read.
    #[serde(flatten)]
    pub damage: Damage,
    /// Companies that filed nothing wanted since `new_since`, and were not asked about.
    #[serde(default)]
    pub without_news: u64,
    /// The newest day that EDGAR's indexes reached, `YYYY-MM-DD`: filings of later days may not have been seen yet.
    #[serde(default)]
    pub indexed_to: Option<String>,
    /// The day as of which the list of companies is, where it is the one that comes with the workers.
    #[serde(default)]
    pub list_as_of: Option<String>,
}

/// Payload of `discover_filings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoverFilings {
    /// The company.
    pub cik: Cik,
    /// Which filings.
    pub filings: FilingFilter,
    /// As in [`DiscoverCompanies`](super::DiscoverCompanies).
    #[serde(default, skip_serializing_if = "is_default")]
    pub submissions_max_age_s: u64,
    /// How to process them.
    pub processing: Processing,
}

/// Result of `discover_filings`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingsFound {
    /// Filings found and handed on.
    pub filings: u64,
    /// Filings with XBRL that were left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Rows of the company's lists of filings that cannot be read.
    #[serde(flatten)]
    pub damage: Damage,
}
