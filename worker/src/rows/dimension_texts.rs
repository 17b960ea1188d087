//! The dimensions of a context as one text: a JSON object by names, which are exact, and one by labels, which people
//! read.

use edgraph_xbrl::model::{Context, Dimension, Member};
use serde_json::{Map, Value};

use super::elements::Names;
use super::standard_labels::StandardLabels;

/// A JSON object from axis to member, in the order of the axes' names, which are URIs: two prefixes may be one name, and
/// one prefix two. `None` without dimensions.
pub(super) fn by_names(context: &Context) -> Option<String> {
    let member = |dimension: &Dimension| match &dimension.member {
        Member::Explicit(member) => member.uri().into(),
        typed => typed_value(typed),
    };
    // serde_json keeps the keys of an object sorted.
    let all = context.dimensions.iter().map(|dimension| (dimension.axis.uri(), member(dimension)));
    text(all.collect())
}

/// The same from label to label. Where two axes have one label, the one whose name comes later is told by its name.
pub(super) fn by_labels(context: &Context, labels: &StandardLabels<'_>, names: Names<'_>) -> Option<String> {
    let mut dimensions: Vec<&Dimension> = context.dimensions.iter().collect();
    dimensions.sort_unstable_by_key(|dimension| &dimension.axis);
    let mut object = Map::new();
    for dimension in dimensions {
        let mut axis = labels.or_name(&dimension.axis, names);
        if object.contains_key(&axis) {
            axis = names.prefixed(&dimension.axis);
        }
        let member = match &dimension.member {
            Member::Explicit(member) => labels.or_name(member, names).into(),
            typed => typed_value(typed),
        };
        object.insert(axis, member);
    }
    text(object)
}

fn typed_value(member: &Member) -> Value {
    match member {
        Member::Typed { value, is_nil: false, .. } => (&**value).into(),
        _ => Value::Null,
    }
}

fn text(object: Map<String, Value>) -> Option<String> {
    (!object.is_empty()).then(|| Value::Object(object).to_string())
}
