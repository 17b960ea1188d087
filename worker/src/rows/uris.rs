//! URIs: what makes a period, a unit, a concept or a dimension distinct, as text.
//!
//! An identifier is a UUIDv5 of such a URI ([`edgraph_shared::graph_id`]); this module spells the URI, once.

use edgraph_xbrl::QName;
use edgraph_xbrl::model::{Container, Dimension, Member, Moment, Period, Unit};
use edgraph_xbrl::name::ns;

/// What the predecessor's period URIs start with.
const PERIOD_PREFIX: &str = "http://www.w3.org/2001/XMLSchema#dateTime#";

/// The separator inside identifiers made of several parts: a character that XML cannot contain.
pub(super) const SEPARATOR: &str = "\u{1f}";

/// A day as `YYYY-MM-DD`, or a time on it as `YYYY-MM-DDTHH:MM:SS`.
pub(super) fn moment(moment: Moment) -> String {
    match moment.time {
        None => moment.date.to_string(),
        Some(time) => format!("{}T{time}", moment.date),
    }
}

/// A period as people write it: a day, `start/end`, or `Forever`.
pub(super) fn period_text(period: &Period) -> String {
    match period {
        Period::Instant(at) => moment(*at),
        Period::Duration { start, end } => format!("{}/{}", moment(*start), moment(*end)),
        Period::Forever => "Forever".to_owned(),
    }
}

/// The URI of a period.
pub(super) fn period_uri(period: &Period) -> String {
    format!("{PERIOD_PREFIX}{}", period_text(period))
}

/// The URI of a unit: sorted numerators joined by `*`, then `/` and sorted denominators.
pub(super) fn unit_uri(unit: &Unit) -> String {
    unit_text(unit, QName::uri)
}

/// A unit with every measure written by `name`, sorted as its URI is.
pub(super) fn unit_text(unit: &Unit, name: impl Fn(&QName) -> String) -> String {
    match unit.denominators.as_slice() {
        [] => product(&unit.numerators, name),
        denominators => format!("{}/{}", product(&unit.numerators, &name), product(denominators, &name)),
    }
}

/// Sorted measures joined by `*`.
pub(super) fn product(measures: &[QName], name: impl Fn(&QName) -> String) -> String {
    let mut sorted: Vec<_> = measures.iter().collect();
    sorted.sort();
    let names: Vec<String> = sorted.into_iter().map(name).collect();
    names.join("*")
}

/// A measure with its conventional prefix. The filing's own prefix would make one unit differ between filings, so a
/// measure in a namespace without a convention is written in full.
pub(super) fn measure(name: &QName) -> String {
    match &*name.namespace {
        "" => name.local.to_string(),
        ns::ISO4217 => format!("iso4217:{}", name.local),
        ns::XBRLI => format!("xbrli:{}", name.local),
        "http://www.xbrl.org/2009/utr" => format!("utr:{}", name.local),
        _ => name.uri(),
    }
}

/// What makes a dimension distinct inside its filing.
pub(super) fn dimension_key(dimension: &Dimension) -> String {
    let member = match &dimension.member {
        Member::Explicit(member) => member.uri(),
        Member::Typed { is_nil: true, .. } => "typed-nil".to_owned(),
        Member::Typed { value, .. } => format!("typed-{value}"),
    };
    format!("{}{SEPARATOR}{member}{SEPARATOR}{}", dimension.axis.uri(), container(dimension.container))
}

/// The name of a context's part.
pub(super) fn container(container: Container) -> &'static str {
    match container {
        Container::Segment => "segment",
        Container::Scenario => "scenario",
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::graph_id::node_id;

    use super::*;

    fn unit(numerators: &[(&str, &str)], denominators: &[(&str, &str)]) -> Unit {
        let names = |list: &[(&str, &str)]| list.iter().map(|(n, l)| QName::new(*n, *l)).collect();
        Unit { id: "u".into(), numerators: names(numerators), denominators: names(denominators) }
    }

    #[test]
    fn a_ratio_has_the_predecessors_identifier() {
        let per_share = unit(&[(ns::ISO4217, "USD")], &[(ns::XBRLI, "shares")]);
        assert_eq!(
            node_id("unit", &unit_uri(&per_share)).to_string(),
            "87ce2571-9809-5329-bb7c-ff32a268b027"
        );
        assert_eq!(unit_text(&per_share, measure), "iso4217:USD/xbrli:shares");
        assert_eq!(unit_text(&per_share, |name| name.local.to_string()), "USD/shares");
    }

    #[test]
    fn the_order_of_measures_does_not_matter() {
        let one = unit(&[("urn:b", "kWh"), ("urn:a", "day")], &[]);
        let other = unit(&[("urn:a", "day"), ("urn:b", "kWh")], &[]);
        assert_eq!(unit_uri(&one), "urn:a#day*urn:b#kWh");
        assert_eq!(unit_uri(&one), unit_uri(&other));
    }
}
