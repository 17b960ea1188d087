//! How a presentation network is read: line by line from its top, each as its preferred label says. Pure.

use edgraph_xbrl::taxonomy::{End, Relationship};
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

/// Lines of subtrees that stand under a second parent. Those of one network are a few; trees whose every node has two
/// parents double with each level, and what is beyond this many stands once.
const MAX_REPEATED_LINES: usize = 10_000;

/// Where a relationship stands in a presentation tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// From the top, from 1.
    pub(super) number: i32,
    /// How deep it is indented, from 1.
    pub(super) depth: i32,
}

/// What a preferred label's role says beside which label it is (XBRL 2.1 section 5.2.2.2.1, and the label role registry
/// for negated ones): `periodStartLabel`, `negatedTotalLabel`; `negatedPeriodEnd` in taxonomies of 2009.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) is_negated: bool,
    pub(super) is_total: bool,
    /// Which instant of a column's period is shown: its `start` or its `end`.
    pub(super) period_edge: Option<&'static str>,
}

impl Manner {
    pub(super) fn of(role: Option<&str>) -> Self {
        let name = role.and_then(|role| role.rsplit('/').next()).unwrap_or_default();
        let name = name.strip_suffix("Label").unwrap_or(name);
        let (is_negated, rest) = match name.strip_prefix("negated") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let is = |word: &str| rest.eq_ignore_ascii_case(word);
        let period_edge = if is("periodStart") {
            Some("start")
        } else if is("periodEnd") {
            Some("end")
        } else {
            None
        };
        Self { is_negated, is_total: is("total"), period_edge }
    }
}

/// The lines of each relationship in its tree: one for each place its parent stands at, none for what no root leads to,
/// which are cycles. `relationships` are by order.
pub(super) fn lines(roots: &[End<'_>], relationships: &[Relationship<'_>]) -> Vec<Vec<Line>> {
    let roots: Vec<u32> = roots.iter().map(|root| root.number).collect();
    let edges: Vec<(u32, u32)> =
        relationships.iter().map(|relationship| (relationship.from.number, relationship.to.number)).collect();
    lines_of(&roots, &edges)
}

/// What is still to be done in reading a tree.
enum Step {
    /// Write the line of an edge, then go below it.
    Enter(usize, i32),
    /// Everything below a node is written.
    Leave(u32),
}

fn lines_of(roots: &[u32], edges: &[(u32, u32)]) -> Vec<Vec<Line>> {
    let mut children: HashMap<u32, Vec<usize>> = HashMap::new();
    for (index, (from, _)) in edges.iter().enumerate() {
        children.entry(*from).or_default().push(index);
    }
    let below = |node: u32, depth: i32| {
        children.get(&node).into_iter().flatten().rev().map(move |index| Step::Enter(*index, depth))
    };
    let mut lines = vec![Vec::new(); edges.len()];
    let (mut number, mut repeated) = (0, 0);
    // From the root to the line at hand: what is below itself goes no deeper.
    let mut path: HashSet<u32> = HashSet::new();
    let mut known: HashSet<u32> = HashSet::new();
    for root in roots {
        path.insert(*root);
        let mut open = vec![Step::Leave(*root)];
        open.extend(below(*root, 1));
        while let Some(step) = open.pop() {
            let (index, depth) = match step {
                Step::Leave(node) => {
                    path.remove(&node);
                    continue;
                }
                Step::Enter(index, depth) => (index, depth),
            };
            number += 1;
            repeated += usize::from(!lines[index].is_empty());
            lines[index].push(Line { number, depth });
            let (_, node) = edges[index];
            let is_new = known.insert(node);
            if (is_new || repeated < MAX_REPEATED_LINES) && path.insert(node) {
                open.push(Step::Leave(node));
                open.extend(below(node, depth + 1));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each edge as its lines, `number.depth`.
    #[track_caller]
    fn check(roots: &[u32], edges: &[(u32, u32)], expected: &[&str]) {
        let shown: Vec<String> = lines_of(roots, edges)
            .iter()
            .map(|lines| {
                let lines: Vec<_> =
                    lines.iter().map(|line| format!("{}.{}", line.number, line.depth)).collect();
                lines.join(" ")
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_tree_is_read_from_its_top() {
        check(&[1], &[(1, 2), (1, 3), (2, 4), (2, 5)], &["1.1", "4.1", "2.2", "3.2"]);
        check(&[1, 5], &[(1, 2), (5, 6)], &["1.1", "2.1"]);
    }

    #[test]
    fn a_subtree_under_two_parents_has_a_line_at_each() {
        check(&[1], &[(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)], &["1.1", "4.1", "2.2", "5.2", "3.3 6.3"]);
        // The same child twice under one parent, as balances at both ends of a period are.
        check(&[1], &[(1, 2), (1, 3), (1, 2)], &["1.1", "2.1", "3.1"]);
    }

    #[test]
    fn a_cycle_ends_where_it_meets_itself() {
        check(&[1], &[(1, 2), (2, 3), (3, 2)], &["1.1", "2.2", "3.3"]);
        check(&[], &[(2, 3), (3, 2)], &["", ""]);
        check(&[1], &[(1, 1)], &["1.1"]);
    }

    #[test]
    fn parents_that_double_at_every_level_are_bounded() {
        let edges: Vec<(u32, u32)> = (0..60).flat_map(|n| [(n, n + 1), (n, n + 1)]).collect();
        let lines: usize = lines_of(&[0], &edges).iter().map(Vec::len).sum();
        assert!((MAX_REPEATED_LINES..2 * MAX_REPEATED_LINES).contains(&lines), "{lines}");
    }

    #[test]
    fn a_role_says_how_a_value_is_shown() {
        let plain = Manner::default();
        for (role, expected) in [
            (None, plain),
            (Some("http://www.xbrl.org/2003/role/terseLabel"), plain),
            (Some("http://www.xbrl.org/2003/role/totalLabel"), Manner { is_total: true, ..plain }),
            (
                Some("http://www.xbrl.org/2003/role/periodStartLabel"),
                Manner { period_edge: Some("start"), ..plain },
            ),
            (Some("http://www.xbrl.org/2009/role/negatedLabel"), Manner { is_negated: true, ..plain }),
            (Some("http://www.xbrl.org/2009/role/negatedNetLabel"), Manner { is_negated: true, ..plain }),
            (
                Some("http://www.xbrl.org/2009/role/negatedTotalLabel"),
                Manner { is_negated: true, is_total: true, ..plain },
            ),
            (
                Some("http://xbrl.us/us-gaap/role/label/negatedPeriodEnd"),
                Manner { is_negated: true, period_edge: Some("end"), ..plain },
            ),
        ] {
            assert_eq!(Manner::of(role), expected, "{role:?}");
        }
    }
}
