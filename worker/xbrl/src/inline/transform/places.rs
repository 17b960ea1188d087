//! Names of places, exchanges and filer categories, as codes.

use std::borrow::Cow;

use super::place_names::{COUNTRIES, EXCHANGES, PROVINCES, STATES};

/// The ISO 3166 code of a country.
pub(super) fn country(text: &str) -> Option<Cow<'static, str>> {
    let name = normalize(text);
    COUNTRIES
        .iter()
        .find(|(names, iso, _)| !iso.is_empty() && has(names, &name))
        .map(|(_, iso, _)| Cow::Borrowed(*iso))
}

/// EDGAR's code of a country or a Canadian province.
pub(super) fn edgar_province_or_country(text: &str) -> Option<Cow<'static, str>> {
    let name = normalize(text);
    let province = name.strip_suffix(" canada").map_or(&*name, |name| name.trim_end_matches(','));
    let province = PROVINCES.iter().find(|(names, _, edgar)| !edgar.is_empty() && has(names, province));
    let country = || COUNTRIES.iter().find(|(names, _, edgar)| !edgar.is_empty() && has(names, &name));
    province.or_else(country).map(|(_, _, edgar)| Cow::Borrowed(*edgar))
}

/// The postal code of a state or territory of the United States or a province of Canada.
pub(super) fn state_or_province(text: &str) -> Option<Cow<'static, str>> {
    let name = normalize(text);
    let state = STATES.iter().find(|(names, _)| has(names, &name)).map(|(_, code)| *code);
    let province = || PROVINCES.iter().find(|(names, _, _)| has(names, &name)).map(|(_, code, _)| *code);
    state.or_else(province).map(Cow::Borrowed)
}

/// EDGAR's code of an exchange. The article, the comma and the form of incorporation may be left out.
pub(super) fn exchange(text: &str) -> Option<Cow<'static, str>> {
    let name = normalize(text).to_lowercase();
    let name = name.strip_prefix("the ").unwrap_or(&name);
    let name = [" inc.", " inc", " llc"].iter().find_map(|form| name.strip_suffix(form)).unwrap_or(name);
    let name = name.trim_end_matches(',');
    EXCHANGES.iter().find(|(names, _)| has(names, name)).map(|(_, code)| Cow::Borrowed(*code))
}

/// The enumeration value of a filer category.
pub(super) fn filer_category(text: &str) -> Option<Cow<'static, str>> {
    let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let words: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
    match words.join(" ").as_str() {
        "large accelerated filer" => Some(Cow::Borrowed("Large Accelerated Filer")),
        "accelerated filer" => Some(Cow::Borrowed("Accelerated Filer")),
        "non accelerated filer" => Some(Cow::Borrowed("Non-accelerated Filer")),
        _ => None,
    }
}

fn has(names: &str, name: &str) -> bool {
    names.split('|').any(|known| known == name)
}

/// Single spaces, and the first letter of every word small: that is as far as the registry is free about case.
fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut is_start = true;
        for character in word.chars() {
            match character {
                _ if is_start && character.is_alphabetic() => out.extend(character.to_lowercase()),
                '’' => out.push('\''),
                _ => out.push(character),
            }
            is_start = matches!(character, '-' | '(' | '[' | '\'' | '’');
        }
    }
    out
}
