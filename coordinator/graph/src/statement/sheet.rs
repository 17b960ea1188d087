//! A statement as rows and columns of one filing. Pure.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::label::Labels;
use super::network::Line;
use super::parts::Parts;
use crate::facts::{Dimensions, Fact, Period, negated};

/// A column: a period, or a member of the axis that equity is split by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its period; `None` where each row has its own.
    pub period: Option<Period>,
    /// What the filer calls the period, such as `FY 2023`.
    pub fiscal: Option<String>,
    /// The member, and nothing for the whole.
    pub dimensions: Dimensions,
    /// The member's label.
    pub label: Option<String>,
    /// The filing that its numbers are from.
    pub accession: String,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its line in the presentation tree, from 1; 0 for the heading of a period.
    pub line: i32,
    /// How deep it is indented, as filed.
    pub depth: i32,
    /// The concept; empty for the heading of a period.
    pub concept: String,
    /// The label as filed, of a breakdown the members'.
    pub label: String,
    /// The role of the label.
    pub preferred_label: Option<String>,
    /// Whether it has no numbers.
    pub is_heading: bool,
    /// Whether it is a total.
    pub is_total: bool,
    /// `start` or `end` for a balance at that end of the period.
    pub edge: Option<String>,
    /// The members of a breakdown.
    pub dimensions: Dimensions,
    /// Its period, where columns are members.
    pub period: Option<Period>,
    /// One for each column.
    pub cells: Vec<Option<Cell>>,
}

/// A number of a row in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What the filing says.
    pub fact: Fact,
    /// The value as it is shown, with the other sign on a negated line; `None` when nil.
    pub shown: Option<String>,
}

/// Rows and columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// From left to right.
    pub columns: Vec<Column>,
    /// From the top.
    pub rows: Vec<Row>,
}

impl Row {
    /// Whether it is the heading of a period.
    pub(crate) fn is_period(&self) -> bool {
        self.concept.is_empty()
    }
}

impl Sheet {
    /// How deep its outermost lines are.
    pub(crate) fn top(&self) -> i32 {
        self.rows.iter().filter(|row| !row.is_period()).map(|row| row.depth).min().unwrap_or_default()
    }
}

/// Whether numbers of members are shown below those of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Breakdown {
    /// Only on lines that have no others.
    WhereNeeded,
    /// On every line.
    Everywhere,
}

/// Lays out the lines of a statement over these periods.
pub(crate) fn lay_out(
    parts: &Parts<'_>,
    labels: &Labels,
    facts: &[Fact],
    periods: &[Period],
    breakdown: Breakdown,
) -> Sheet {
    let table = Table::new(parts, labels, facts, breakdown);
    let members = table.equity_columns(periods);
    if members.is_empty() { table.by_period(periods) } else { table.by_member(periods, &members) }
}

/// What rows are made from.
struct Table<'a> {
    parts: &'a Parts<'a>,
    labels: &'a Labels,
    facts: HashMap<(&'a str, Period), Vec<&'a Fact>>,
    /// How many facts have a unit: of a number in two of them the more frequent one is shown.
    units: BTreeMap<&'a str, usize>,
    breakdown: Breakdown,
}

impl<'a> Table<'a> {
    fn new(parts: &'a Parts<'a>, labels: &'a Labels, all: &'a [Fact], breakdown: Breakdown) -> Self {
        let mut facts: HashMap<_, Vec<&Fact>> = HashMap::new();
        let mut units = BTreeMap::new();
        for fact in all {
            facts.entry((fact.concept.as_str(), fact.period)).or_default().push(fact);
            *units.entry(fact.unit.as_deref().unwrap_or_default()).or_default() += 1;
        }
        Self { parts, labels, facts, units, breakdown }
    }

    fn by_period(&self, periods: &[Period]) -> Sheet {
        let mut columns: Vec<Column> = periods
            .iter()
            .map(|period| Column { period: Some(*period), fiscal: self.fiscal(*period), ..Column::default() })
            .collect();
        let mut rows = Vec::new();
        for line in &self.parts.body {
            let cells = |dimensions: &Dimensions| {
                periods.iter().map(|period| self.cell(line, *period, dimensions)).collect::<Vec<_>>()
            };
            let dimensions = self.broken_down(line, periods, &[]);
            self.push(&mut rows, line, None, &dimensions, cells);
        }
        keep_headings_of_something(&mut rows);
        self.sign(&mut columns);
        Sheet { columns, rows }
    }

    /// One block of rows for each period, of one length the oldest first: as statements of equity are read.
    fn by_member(&self, periods: &[Period], members: &[Dimensions]) -> Sheet {
        let label = |dimensions: &Dimensions| {
            let whole = || "Total".to_owned();
            self.parts.members(dimensions).first().map_or_else(whole, |line| self.label(line))
        };
        let column = |dimensions: &Dimensions| Column {
            label: Some(label(dimensions)),
            dimensions: dimensions.clone(),
            ..Column::default()
        };
        let mut columns: Vec<Column> = members.iter().map(column).collect();
        let mut rows = Vec::new();
        let mut blocks = periods.to_vec();
        blocks.sort_by_key(|period| (period.quarters(), *period));
        for period in &blocks {
            let heading = self.fiscal(*period).map_or_else(String::new, |fiscal| format!("{fiscal}, "));
            let first = period.first.map_or_else(String::new, |first| format!("{first} to "));
            let mut block = vec![Row {
                label: format!("{heading}{first}{}", period.last),
                is_heading: true,
                period: Some(*period),
                cells: vec![None; columns.len()],
                ..Row::default()
            }];
            for line in &self.parts.body {
                let cells = |dimensions: &Dimensions| {
                    let with = |member: &Dimensions| {
                        let both =
                            member.iter().chain(dimensions).map(|(axis, name)| (axis.clone(), name.clone()));
                        self.cell(line, *period, &both.collect())
                    };
                    members.iter().map(with).collect::<Vec<_>>()
                };
                let dimensions = self.broken_down(line, &[*period], members);
                self.push(&mut block, line, Some(*period), &dimensions, cells);
            }
            keep_headings_of_something(&mut block);
            rows.extend(block);
        }
        self.sign(&mut columns);
        Sheet { columns, rows }
    }

    /// The row of a line, and below it those of its members.
    fn push(
        &self,
        rows: &mut Vec<Row>,
        line: &Line,
        period: Option<Period>,
        broken_down: &[Dimensions],
        cells: impl Fn(&Dimensions) -> Vec<Option<Cell>>,
    ) {
        let row = Row {
            line: line.number,
            depth: line.depth,
            concept: line.concept.clone(),
            label: self.label(line),
            preferred_label: line.preferred_label.clone(),
            is_total: line.is_total,
            edge: line.edge.clone(),
            period,
            ..Row::default()
        };
        let whole = cells(&Dimensions::new());
        let has_whole = whole.iter().any(Option::is_some);
        let shows_members =
            !broken_down.is_empty() && (!has_whole || self.breakdown == Breakdown::Everywhere);
        if has_whole || line.is_abstract || shows_members {
            rows.push(Row { is_heading: !has_whole, cells: whole, ..row.clone() });
        }
        if !shows_members {
            return;
        }
        for dimensions in broken_down {
            let members: Vec<String> =
                self.parts.members(dimensions).iter().map(|line| self.label(line)).collect();
            let member = Row {
                depth: line.depth + 1,
                label: members.join(", "),
                is_total: false,
                dimensions: dimensions.clone(),
                cells: cells(dimensions),
                ..row.clone()
            };
            rows.push(member);
        }
    }

    /// The members that a line is broken down by in these periods, in the table's order. Those of columns are none.
    fn broken_down(&self, line: &Line, periods: &[Period], columns: &[Dimensions]) -> Vec<Dimensions> {
        let column_axes: BTreeSet<&String> = columns.iter().flat_map(BTreeMap::keys).collect();
        let when = periods.iter().flat_map(|period| holds(line, *period));
        let facts =
            when.flat_map(|period| self.facts.get(&(line.concept.as_str(), period)).into_iter().flatten());
        let rest = |fact: &Fact| -> Dimensions {
            let own = fact.dimensions.iter().filter(|(axis, _)| !column_axes.contains(axis));
            own.map(|(axis, member)| (axis.clone(), member.clone())).collect()
        };
        let placed = facts.filter(|fact| fact.is_numeric).filter_map(|fact| {
            self.parts.place(&fact.dimensions)?;
            let rest = rest(fact);
            Some((self.parts.place(&rest)?, rest)).filter(|(_, rest)| !rest.is_empty())
        });
        let ordered: BTreeMap<Vec<usize>, Dimensions> = placed.collect();
        // The table's first axis is the outermost: what lacks it comes first.
        ordered.into_values().collect()
    }

    /// The members that are columns and the whole last; nothing unless a flow in these periods has such a member.
    fn equity_columns(&self, periods: &[Period]) -> Vec<Dimensions> {
        let Some(axis) = self.parts.equity_axis() else { return Vec::new() };
        let is_told = |dimensions: &Dimensions| {
            let mut lines = self.parts.body.iter().flat_map(|line| {
                periods.iter().filter(|period| period.first.is_some()).map(move |period| (line, *period))
            });
            lines.any(|(line, period)| self.cell(line, period, dimensions).is_some())
        };
        let member = |line: &&Line| {
            let dimensions = Dimensions::from([(axis.concept.to_owned(), Some(line.concept.clone()))]);
            is_told(&dimensions).then_some(dimensions)
        };
        let mut columns: Vec<Dimensions> = axis.members.iter().filter_map(member).collect();
        if !columns.is_empty() && is_told(&Dimensions::new()) {
            columns.push(Dimensions::new());
        }
        columns
    }

    fn cell(&self, line: &Line, period: Period, dimensions: &Dimensions) -> Option<Cell> {
        let told = holds(line, period).into_iter().find_map(|period| {
            let facts = self.facts.get(&(line.concept.as_str(), period))?;
            let equal = facts.iter().filter(|fact| fact.dimensions == *dimensions);
            equal.max_by_key(|fact| (self.units[fact.unit.as_deref().unwrap_or_default()], &fact.unit))
        })?;
        let shown = match &told.value {
            Some(value) if line.is_negated && told.is_numeric => Some(negated(value)),
            value => value.clone(),
        };
        Some(Cell { fact: (*told).clone(), shown })
    }

    fn label(&self, line: &Line) -> String {
        self.labels.of(&line.concept, line.preferred_label.as_deref())
    }

    /// What most facts of a period say that the filer calls it.
    fn fiscal(&self, period: Period) -> Option<String> {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        period.first?;
        for fact in self.facts.iter().filter(|((_, held), _)| *held == period).flat_map(|(_, facts)| facts) {
            if let (Some(year), Some(name)) = (fact.fiscal_year, &fact.fiscal_period) {
                *names.entry(format!("{name} {year}")).or_default() += 1;
            }
        }
        names.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name)
    }

    /// Says which filing columns are from.
    fn sign(&self, columns: &mut [Column]) {
        let accession =
            self.facts.values().flatten().next().map(|fact| fact.accession.clone()).unwrap_or_default();
        columns.iter_mut().for_each(|column| column.accession.clone_from(&accession));
    }
}

/// When the value of a line in a column holds: a balance at the start or at the end of it, or all through it.
fn holds(line: &Line, column: Period) -> Vec<Period> {
    match (line.edge.as_deref(), line.is_instant) {
        (Some("start"), _) => column.opening().into_iter().collect(),
        (Some(_), _) | (None, Some(true)) => vec![column.closing()],
        (None, Some(false)) => vec![column],
        (None, None) => vec![column, column.closing()],
    }
}

/// Removes headings that nothing stands under.
fn keep_headings_of_something(rows: &mut Vec<Row>) {
    let has_something = |(place, row): (usize, &Row)| {
        let mut below = rows[place + 1..].iter().take_while(|below| below.depth > row.depth);
        !row.is_heading || below.any(|below| !below.is_heading)
    };
    let kept: Vec<bool> = rows.iter().enumerate().map(has_something).collect();
    let mut kept = kept.into_iter();
    rows.retain(|_| kept.next().unwrap_or(true));
}
