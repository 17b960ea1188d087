//! Which concept is meant.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Unclear;
use super::fact::Text;

/// Nearer than this is a name that was meant, though it is no text.
const NEAR: f64 = 0.9;

/// The names of concepts that are called so: all of that name, or the one that has it as a part. Texts come before
/// other values, which are many.
pub(super) fn chosen(asked: &str, texts: &[Text]) -> Result<BTreeSet<String>, Unclear> {
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for text in texts {
        *known.entry(&text.concept).or_default() |= text.is_text();
    }
    let lower = asked.to_lowercase();
    let such = |is_meant: &dyn Fn(&str, bool) -> bool| -> BTreeSet<String> {
        let meant = known.iter().filter(|(name, is_text)| is_meant(name, **is_text));
        meant.map(|(name, _)| (*name).to_owned()).collect()
    };
    let in_any_case = |name: &str| name.to_lowercase() == lower || local(name).to_lowercase() == lower;
    for named in [such(&|name, _| name == asked || local(name) == asked), such(&|name, _| in_any_case(name))]
    {
        if !named.is_empty() {
            return Ok(named);
        }
    }
    let is_part = |name: &str| name.to_lowercase().contains(&lower);
    for parts in [such(&|name, is_text| is_text && is_part(name)), such(&|name, _| is_part(name))] {
        match parts.len() {
            0 => {}
            1 => return Ok(parts),
            _ => return Err(Unclear::Several(parts.into_iter().collect())),
        }
    }
    Err(Unclear::None(nearest(&lower, &known)))
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// All texts, and what else is called nearly so, the nearest first.
fn nearest(lower: &str, known: &BTreeMap<&str, bool>) -> Vec<String> {
    let nearness = |name: &str| {
        let (name, whole) = (local(name).to_lowercase(), name.to_lowercase());
        strsim::jaro_winkler(lower, &name).max(strsim::jaro_winkler(lower, &whole))
    };
    let mut near: Vec<(f64, &str)> = known
        .iter()
        .map(|(name, is_text)| (nearness(name), *name, *is_text))
        .filter(|(nearness, _, is_text)| *is_text || *nearness > NEAR)
        .map(|(nearness, name, _)| (nearness, name))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests;
