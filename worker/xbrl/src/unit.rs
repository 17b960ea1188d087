//! Units of measure (XBRL 2.1 section 4.8).

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, shown};
use crate::model::Unit;
use crate::name::ns;
use crate::reader::{Event, Unprefixed, XmlReader};
use crate::{Diagnostic, Error, QName};

/// Reads the `xbrli:unit` that was started last.
///
/// A measure is an `xs:QName`, so without a prefix it is in the default namespace: `<measure>shares</measure>` in an
/// EDGAR instance is `xbrli:shares`.
pub(crate) fn read(
    reader: &mut XmlReader<'_>,
    id: Arc<str>,
    diagnostics: &mut Diagnostics,
) -> Result<Unit, Error> {
    let (depth, line) = (reader.depth(), reader.line());
    let mut unit = Unit { id, numerators: Vec::new(), denominators: Vec::new() };
    let mut is_denominator = false;
    let mut text = String::new();
    while let Some(event) = reader.read()? {
        match event {
            Event::Start(element) if element.is(ns::XBRLI, "measure") => {
                text.clear();
                reader.read_text(&mut text)?;
                let measure = match reader.resolve(&text, Unprefixed::DefaultNamespace) {
                    Some(measure) => measure,
                    None => {
                        let message = format!(
                            "the measure {:?} of unit {:?} is no name in scope",
                            text.trim(),
                            shown(&unit.id)
                        );
                        diagnostics.push(Diagnostic::new(
                            "unit-measure-invalid",
                            reader.file(),
                            reader.line(),
                            message,
                        ));
                        QName { namespace: reader.intern(""), local: reader.intern(text.trim()) }
                    }
                };
                if is_denominator { &mut unit.denominators } else { &mut unit.numerators }.push(measure);
            }
            Event::Start(element) => is_denominator = element.is(ns::XBRLI, "unitDenominator"),
            Event::Text(_) => {}
            Event::End(_) => {
                if reader.depth() == depth {
                    break;
                }
            }
        }
    }
    if unit.numerators.is_empty() {
        let message = format!("unit {:?} has no measure", unit.id);
        diagnostics.push(Diagnostic::new("unit-empty", reader.file(), line, message));
    }
    unit.numerators.sort();
    unit.denominators.sort();
    Ok(unit)
}
