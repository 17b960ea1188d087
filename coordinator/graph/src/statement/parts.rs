//! The parts of a statement's tree: its axes with their members, and the lines that numbers stand on. Pure.

use super::network::Line;
use crate::facts::Dimensions;

/// The axis that equity is split by: its members are columns.
const EQUITY_AXIS: &str = "StatementEquityComponentsAxis";

/// An axis of a statement's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Axis<'a> {
    pub(crate) concept: &'a str,
    /// Its members in order.
    pub(crate) members: Vec<&'a Line>,
}

/// A tree, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) axes: Vec<Axis<'a>>,
    /// The lines that are shown: headings and concepts that have values.
    pub(crate) body: Vec<&'a Line>,
}

impl<'a> Parts<'a> {
    /// What names say counts where no schema says what an element is.
    pub(crate) fn of(lines: &'a [Line]) -> Self {
        let is = |line: &Line, class: &str, suffix: &str| match line.classification.as_deref() {
            Some(known) if known == class => true,
            _ => line.name().ends_with(suffix),
        };
        let mut parts = Self::default();
        let mut axis_depth = None;
        for line in lines {
            // Everything below an axis is its domain, at whatever depth.
            if axis_depth.is_some_and(|depth| line.depth > depth) {
                parts.axes.last_mut().expect("inside one").members.push(line);
                continue;
            }
            axis_depth = None;
            if is(line, "dimensionElement", "Axis") {
                parts.axes.push(Axis { concept: &line.concept, members: Vec::new() });
                axis_depth = Some(line.depth);
            } else if !is(line, "hypercubeElement", "Table") && !is(line, "lineItemsElement", "LineItems") {
                parts.body.push(line);
            }
        }
        parts
    }

    /// The axis whose members are columns, if there is one.
    pub(crate) fn equity_axis(&self) -> Option<&Axis<'a>> {
        self.axes.iter().find(|axis| axis.concept.ends_with(EQUITY_AXIS))
    }

    /// The order of a fact's dimensions among those of the table: for each axis the place of its member, 0 for none.
    /// `None` when it has an axis or a member that the table does not list.
    pub(crate) fn place(&self, dimensions: &Dimensions) -> Option<Vec<usize>> {
        let place = |axis: &Axis<'_>| match dimensions.get(axis.concept) {
            None => Some(0),
            Some(member) => {
                let place = axis.members.iter().position(|line| Some(&line.concept) == member.as_ref())?;
                Some(place + 1)
            }
        };
        let is_known = |axis: &String| self.axes.iter().any(|known| known.concept == axis);
        dimensions.keys().all(is_known).then(|| self.axes.iter().map(place).collect())?
    }

    /// The member lines of a fact's dimensions, in the table's order.
    pub(crate) fn members(&self, dimensions: &Dimensions) -> Vec<&'a Line> {
        let member = |axis: &Axis<'a>| {
            let member = dimensions.get(axis.concept)?.as_ref()?;
            axis.members.iter().copied().find(|line| line.concept == *member)
        };
        self.axes.iter().filter_map(member).collect()
    }
}
