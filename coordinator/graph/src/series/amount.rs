//! An amount of one period: as a filing says it, or as it follows from several that filings say. Pure.

use bigdecimal::BigDecimal;

use crate::facts::{Dimensions, Fact, Period, decimal};

/// What a filing says, and how it enters an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whether it is added or subtracted.
    pub is_added: bool,
    /// The fact.
    pub fact: Fact,
}

/// An amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// The concept, or the sum of names that it is.
    pub concept: String,
    /// When it holds.
    pub period: Period,
    /// What it is measured in.
    pub unit: String,
    /// Of which parts it speaks.
    pub dimensions: Dimensions,
    /// The exact number.
    pub value: BigDecimal,
    /// The filer's fiscal year and name of the period.
    pub fiscal: Option<(i32, String)>,
    /// What it is made of: of a reported amount one.
    pub sources: Vec<Source>,
    /// What another filing said of the same, the first or the last.
    pub restated: Option<Fact>,
}

impl Amount {
    /// What a filing says; `None` for what is nil or no decimal number.
    pub(crate) fn reported(fact: &Fact) -> Option<Self> {
        Some(Self {
            concept: fact.concept.clone(),
            period: fact.period,
            unit: fact.unit.clone().unwrap_or_default(),
            dimensions: fact.dimensions.clone(),
            value: decimal(fact.value.as_deref()?)?,
            fiscal: fact.fiscal_year.zip(fact.fiscal_period.clone()),
            sources: vec![Source { is_added: true, fact: fact.clone() }],
            restated: None,
        })
    }

    /// Whether it follows from other amounts.
    pub fn is_derived(&self) -> bool {
        self.sources.len() != 1 || self.sources[0].fact.period != self.period
    }

    /// The exact number as text.
    pub fn text(&self) -> String {
        self.value.normalized().to_plain_string()
    }

    /// Whether amounts of several periods of it add up: money does, amounts per share, averages and balances do not.
    fn adds_up(&self) -> bool {
        self.unit.starts_with("iso4217:") && !self.unit.contains(['/', '*']) && self.period.first.is_some()
    }
}

/// Adds and subtracts amounts of one concept over time. Their periods are for the caller to see to.
///
/// # Errors
/// Why nothing follows from them.
pub(crate) fn over_time(terms: &[(bool, &Amount)], period: Period) -> Result<Amount, String> {
    let (_, first) = terms[0];
    if let Some((_, amount)) = terms.iter().find(|(_, amount)| !amount.adds_up()) {
        return Err(format!("{} in {} does not add up over time", amount.concept, amount.unit));
    }
    if terms
        .iter()
        .any(|(_, amount)| amount.concept != first.concept || amount.dimensions != first.dimensions)
    {
        return Err("its operands are of several concepts".to_owned());
    }
    // Of a year that was restated the first nine months are another number too, which nobody told.
    let restated: Vec<&Amount> =
        terms.iter().map(|(_, amount)| *amount).filter(|amount| amount.restated.is_some()).collect();
    if !restated.is_empty() && restated.len() < terms.len() {
        let told: Vec<String> = restated.iter().map(|amount| amount.period.to_string()).collect();
        return Err(format!(
            "{} of {} was restated, the rest of what it would follow from was not",
            first.concept,
            told.join(", ")
        ));
    }
    sum(terms, first.concept.clone(), period)
}

/// Adds and subtracts amounts of equal unit.
///
/// # Errors
/// Where units differ.
pub(crate) fn sum(terms: &[(bool, &Amount)], concept: String, period: Period) -> Result<Amount, String> {
    let (_, first) = terms[0];
    if let Some((_, other)) = terms.iter().find(|(_, amount)| amount.unit != first.unit) {
        return Err(format!("{} and {} differ in unit", first.unit, other.unit));
    }
    let mut value = BigDecimal::from(0);
    let mut sources: Vec<Source> = Vec::new();
    for (is_added, amount) in terms {
        value = if *is_added { value + &amount.value } else { value - &amount.value };
        for source in &amount.sources {
            take(&mut sources, Source { is_added: source.is_added == *is_added, ..source.clone() });
        }
    }
    Ok(Amount {
        concept,
        period,
        unit: first.unit.clone(),
        dimensions: first.dimensions.clone(),
        value,
        fiscal: None,
        sources,
        restated: None,
    })
}

/// Adds a source, unless it takes back one that is there: then neither says anything.
fn take(sources: &mut Vec<Source>, source: Source) {
    let is_opposite =
        |other: &Source| other.is_added != source.is_added && other.fact.identifier == source.fact.identifier;
    match sources.iter().position(is_opposite) {
        Some(place) => drop(sources.remove(place)),
        None => sources.push(source),
    }
}
