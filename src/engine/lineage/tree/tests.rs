//! Rows compared with those of a plain recursion over the pairs, after random keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::lineage::graph::Graph;
use crate::engine::lineage::graph::tests::{graph, graph_of, models};
use crate::engine::lineage::rollup::Rollup;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;
use crate::engine::table::order::Order;

/// A graph of models named by numbers; other numbers are ghosts.
struct World {
    models: Models,
    graph: Graph,
    rollup: Rollup,
}

impl World {
    fn new(count: u32, pairs: &[(u32, u32)]) -> World {
        World::of(count, |models| graph(models, pairs))
    }

    fn of(count: u32, graph: impl Fn(&Models) -> Graph) -> World {
        let models = models(count);
        let graph = graph(&models);
        let rollup = Rollup::new(&graph, &models);
        World {
            models: rollup.add_fields(models),
            graph,
            rollup,
        }
    }

    fn lineage(&self) -> LineageView<'_> {
        LineageView {
            graph: &self.graph,
            models: &self.models,
            rollup: &self.rollup,
        }
    }

    fn around(&self, node: u32) -> LineageTree {
        LineageTree::around(self.lineage(), Node(node), by_name())
    }

    fn node(&self, name: &str) -> Option<Node> {
        let model = self.models.find(name).map(Node::from);
        model.or_else(|| self.graph.ghost(name))
    }

    fn drawn(&self, tree: &LineageTree) -> Vec<String> {
        let line = |row: &TreeRow| {
            let name = self.graph.name(row.node, &self.models);
            let text = match row.kind {
                TreeRowKind::Node => name.to_owned(),
                TreeRowKind::OtherBase => format!("^{name}"),
                TreeRowKind::Group(relation) => {
                    format!("{}:{}", self.graph.relation_name(relation), row.children)
                }
                TreeRowKind::More(n) => format!("+{n}"),
                TreeRowKind::MoreBases(n) => format!("^+{n}"),
                TreeRowKind::Hidden(n) => format!("-{n}"),
                TreeRowKind::Unrelated(n) => format!("~{n}"),
            };
            let again = if row.again { "=" } else { "" };
            let cycle = if row.cycle { "@" } else { "" };
            format!("{}{text}{again}{cycle}", " ".repeat(row.depth))
        };
        tree.rows().iter().map(line).collect()
    }

    /// Compares the rows with these, separated by slashes.
    #[track_caller]
    fn check(&self, tree: &LineageTree, rows: &str) {
        assert_eq!(self.drawn(tree).join("/"), rows);
    }

    /// Toggles a row and compares the rows with these.
    #[track_caller]
    fn toggle(&self, tree: &mut LineageTree, at: usize, rows: &str) {
        assert!(tree.toggle(self.lineage(), at));
        self.check(tree, rows);
    }
}

fn by_name() -> TreeOptions {
    TreeOptions {
        order: Order::by(Field::Id, true),
        ..TreeOptions::default()
    }
}

fn only(rows: &[u32]) -> TreeOptions {
    let shown = ModelSet::of(6, |row| rows.contains(&u32::try_from(row).unwrap()));
    TreeOptions {
        filter: Some(Arc::new(shown)),
        ..by_name()
    }
}

#[test]
fn ancestors_are_above_and_siblings_are_counted() {
    // 0 <- 1, 2, 3;  2 <- 4, 5;  9 is a ghost and another base of 2.
    let world = World::new(6, &[(1, 0), (2, 0), (3, 0), (4, 2), (5, 2), (2, 9)]);
    let mut tree = world.around(2);
    world.check(&tree, "0/ ^9/ 2/  4/  5/ +2");
    assert_eq!(tree.focus_row(), 2);
    assert_eq!(tree.rows()[4].parent, Some(2));
    assert_eq!(tree.breadcrumbs(4), [Node(0), Node(2), Node(5)]);
    assert_eq!(tree.sibling_row(3, true), Some(4));
    assert_eq!(tree.sibling_row(4, false), Some(3));
    assert_eq!(tree.sibling_row(4, true), None);
    world.toggle(&mut tree, 5, "0/ 1/ ^9/ 2/  4/  5/ 3");
    assert_eq!(tree.sibling_row(1, true), Some(3));
    world.toggle(&mut tree, 0, "0/ ^9/ 2/  4/  5/ +2");
    world.toggle(&mut tree, 2, "0/ ^9/ 2/ +2");
}

#[test]
fn each_path_up_can_be_followed() {
    // 0 and 3 are bases of 1, that and 2 of 4; 5 is a base of 3.
    let world = World::new(6, &[(1, 0), (1, 3), (4, 1), (4, 2), (3, 5), (2, 3)]);
    let mut tree = world.around(4);
    world.check(&tree, "0/ ^3/ 1/  ^2/  4");
    world.toggle(&mut tree, 1, "0/ ^3/  ^5/ 1/  ^2/  4");
    world.toggle(&mut tree, 4, "0/ ^3/  ^5/ 1/  ^2/   ^3/  4");
    world.toggle(&mut tree, 5, "0/ ^3/  ^5/ 1/  ^2/   ^3/    ^5/  4");
    assert!(!tree.toggle(world.lineage(), 6));
}

#[test]
fn cycles_are_cut_and_repeated_nodes_marked() {
    let world = World::new(4, &[(0, 2), (1, 0), (2, 1), (3, 1), (3, 0), (3, 3)]);
    let mut tree = world.around(0);
    tree.expand_all(world.lineage());
    // 0 is below 2, that below 1, and 1 below 0 again, where the cycle is cut.
    world.check(&tree, "1/ 2/  0/   1@/   3/ +1");
    // The only family is that of the cycle; its most downloaded member is the root.
    let tree = LineageTree::families(world.lineage(), by_name());
    world.check(&tree, "2");
}

#[test]
fn nodes_that_the_filter_hides_are_counted() {
    let world = World::new(6, &[(1, 0), (2, 0), (3, 0), (4, 2), (5, 2)]);
    let lineage = world.lineage();
    let mut tree = LineageTree::around(lineage, Node(0), only(&[0, 2, 5]));
    tree.expand_all(lineage);
    world.check(&tree, "0/ 2/  5/  -1/ -2");
    assert!(!tree.toggle(lineage, 3));
    tree.set_options(lineage, only(&[]));
    world.check(&tree, "0/ -3");
    tree.set_options(lineage, by_name());
    world.check(&tree, "0/ 1/ 2/  4/  5/ 3");
}

#[test]
fn groups_are_by_relation() {
    let pairs = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 4)];
    let relations = ["quantized", "finetune", "quantized", ""];
    let world = World::of(7, |models| graph_of(models, &pairs, &relations));
    let grouped = TreeOptions {
        grouped: true,
        ..by_name()
    };
    let mut tree = LineageTree::around(world.lineage(), Node(0), grouped);
    world.check(&tree, "0/ quantized:2/  1/  3/ :1/  4/ finetune:1/  2");
    assert_eq!(tree.breadcrumbs(3), [Node(0), Node(3)]);
    world.toggle(&mut tree, 1, "0/ quantized:2/ :1/  4/ finetune:1/  2");
    world.toggle(&mut tree, 3, "0/ quantized:2/ :1/  4/   5/ finetune:1/  2");
}

#[test]
fn levels_expand_and_collapse_one_by_one() {
    let world = World::new(6, &[(1, 0), (2, 1), (3, 2), (4, 0)]);
    let lineage = world.lineage();
    let mut tree = LineageTree::families(lineage, by_name());
    world.check(&tree, "0/~1");
    for rows in ["0/ 1/ 4/~1", "0/ 1/  2/ 4/~1", "0/ 1/  2/   3/ 4/~1"] {
        assert!(tree.expand_level(lineage));
        world.check(&tree, rows);
    }
    assert!(!tree.expand_level(lineage));
    assert!(tree.collapse_level(lineage));
    world.check(&tree, "0/ 1/  2/ 4/~1");
}

#[test]
fn long_lists_are_paged() {
    let pairs: Vec<(u32, u32)> = (1..5_000).map(|n| (n, 0)).collect();
    let world = World::new(5_000, &pairs);
    let lineage = world.lineage();
    let mut tree = LineageTree::around(lineage, Node(4_000), TreeOptions::default());
    world.check(&tree, "0/ 4000/ +4998");
    // The most downloaded first; every fifth model's downloads are unknown, which is a total of 0.
    let mut order: Vec<u32> = (1..5_000).collect();
    order.sort_by_key(|n| std::cmp::Reverse(if n % 5 == 4 { 0 } else { *n }));
    for page in [100, 1_000, 10_000] {
        assert!(tree.toggle(lineage, tree.rows().len() - 1));
        let mut names: Vec<u32> = order.iter().copied().take(page).collect();
        if !names.contains(&4_000) {
            names.push(4_000);
        }
        let mut drawn = vec!["0".to_owned()];
        drawn.extend(names.iter().map(|n| format!(" {n}")));
        let left = order.len() - names.len();
        drawn.extend((left > 0).then(|| format!(" +{left}")));
        assert_eq!(world.drawn(&tree), drawn);
    }
}

#[test]
fn open_rows_stay_open_in_another_hub() {
    let pairs = [(1, 0), (2, 1), (3, 1), (2, 4)];
    let old = World::new(5, &pairs);
    let mut tree = old.around(1);
    old.toggle(&mut tree, 1, "0/ 1");
    // Each node has a number one higher there.
    let new = World::new(6, &pairs.map(|(model, base)| (model + 1, base + 1)));
    let moved = |node: Node| Some(Node(node.0 + 1));
    let translated =
        |moved: &dyn Fn(Node) -> Option<Node>| tree.translated(new.lineage(), by_name(), 1, moved);
    let (same, at) = translated(&moved).unwrap();
    new.check(&same, "1/ 2");
    assert_eq!(at, 1);
    assert!(translated(&|_| None).is_none());
}

/// The tree by plain recursion, with open state by whole paths.
struct Plain<'w> {
    world: &'w World,
    pairs: &'w [(u32, u32)],
    trail: Vec<u32>,
    toggled: BTreeSet<Vec<u32>>,
    lines: Vec<(String, Vec<u32>)>,
}

impl Plain<'_> {
    fn children(&self, of: u32) -> BTreeSet<u32> {
        let pairs = self.pairs.iter().filter(|(m, b)| *b == of && *m != of);
        pairs.map(|pair| pair.0).collect()
    }

    fn bases(&self, of: u32) -> Vec<u32> {
        let mut bases = Vec::new();
        for (model, base) in self.pairs {
            if *model == of && *base != of && !bases.contains(base) {
                bases.push(*base);
            }
        }
        bases
    }

    fn draw(&mut self) {
        self.lines.clear();
        let mut seen = BTreeSet::new();
        self.node(self.trail[0], &[], true, &mut seen);
    }

    fn node(&mut self, name: u32, above: &[u32], on_trail: bool, seen: &mut BTreeSet<u32>) {
        let depth = above.len();
        let blank = " ".repeat(depth);
        if on_trail {
            let mut bases = self.bases(name);
            match above.last() {
                None => bases.retain(|base| !self.trail.contains(base)),
                Some(above) => bases.retain(|base| base != above),
            }
            for base in bases {
                let again = if self.trail.contains(&base) { "=" } else { "" };
                self.lines
                    .push((format!("{blank}^{base}{again}"), Vec::new()));
            }
        }
        let cycle = above.contains(&name);
        let again = !seen.insert(name) && !cycle;
        let path = [above, &[name]].concat();
        let marks = [(again, "="), (cycle, "@")];
        let marks: String = marks
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, m)| *m)
            .collect();
        self.lines
            .push((format!("{blank}{name}{marks}"), path.clone()));
        let children = self.children(name);
        let is_focus = on_trail && depth + 1 == self.trail.len();
        let is_above_focus = on_trail && !is_focus;
        let toggled = self.toggled.contains(&path);
        if cycle || children.is_empty() || !is_above_focus && is_focus == toggled {
            return;
        }
        let next = self
            .trail
            .get(depth + 1)
            .copied()
            .filter(|_| is_above_focus);
        if let Some(next) = next.filter(|_| !toggled) {
            self.node(next, &path, true, seen);
            if children.len() > 1 {
                let more = format!("{blank} +{}", children.len() - 1);
                self.lines.push((more, Vec::new()));
            }
            return;
        }
        for child in children {
            self.node(child, &path, Some(child) == next, seen);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// From row to row through a tree whose lists are longer than a page, in both directions: all
    /// wanted nodes are found, in the order of a plain recursion.
    #[test]
    fn every_wanted_node_is_found_wherever_it_is(
        bases in prop::collection::vec(0..40_u32, 1..40),
        leaves in 0..160_u32,
        focus in 0..40_u32,
        grouped: bool,
        every in 1..9_u32,
    ) {
        // A forest: each model but the first has a base before it; and one model has many children.
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (model, base) in (1..).zip(&bases) {
            pairs.push((model, base % model));
        }
        let models = bases.len() as u32 + 1;
        pairs.extend((models..models + leaves).map(|leaf| (leaf, models / 2)));
        let relations: &[&str] = if grouped { &["finetune", "quantized", "merge"] } else { &["finetune"] };
        let world = World::of(models + leaves, |models| graph_of(models, &pairs, relations));
        let lineage = world.lineage();
        let options = TreeOptions { grouped, ..by_name() };
        let focus = world.node(&(focus % models).to_string()).unwrap();
        let mut tree = LineageTree::around(lineage, focus, options);
        let wanted = |node: Node| node.0.is_multiple_of(every);
        // Depth first, with the children of each in their order.
        let mut inside = vec![world.node("0").unwrap()];
        let mut expected = Vec::new();
        while let Some(node) = inside.pop() {
            expected.extend(Some(node).filter(|node| wanted(*node)));
            let mut children = lineage.sorted(by_name().order, lineage.graph.children(node).to_vec());
            // The largest group first.
            let relation = |child: Node| lineage.graph.relation_code(child, node);
            let all: Vec<_> = children.iter().map(|child| relation(*child)).collect();
            let size = |child: Node| all.iter().filter(|other| **other == relation(child)).count();
            children.sort_by_key(|child| (std::cmp::Reverse(size(*child)), relation(*child)));
            inside.extend(children.into_iter().rev());
        }
        let walk = |tree: &mut LineageTree, from: usize, forward: bool| {
            let mut found = Vec::new();
            let mut at = from;
            while let Some(next) = tree.find(lineage, at, forward, wanted) {
                found.push(tree.rows()[next].node);
                at = next;
            }
            (found, at)
        };
        // The first row is the root itself.
        let first = expected.iter().skip(usize::from(wanted(Node(0)))).copied().collect::<Vec<_>>();
        let (found, last) = walk(&mut tree, 0, true);
        prop_assert_eq!(&found, &first);
        let (mut found, _) = walk(&mut tree, last, false);
        found.reverse();
        let before = expected.len().saturating_sub(1);
        prop_assert_eq!(&found[..], if first.is_empty() { &[] } else { &expected[..before] });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn rows_equal_those_of_a_plain_recursion(
        pairs in prop::collection::btree_set((0..8_u32, 0..10_u32), 0..16),
        shuffled in any::<prop::sample::Index>(),
        focus in 0..8_u32,
        keys in prop::collection::vec(0..20_usize, 0..12),
    ) {
        // In any order of the bases of a model.
        let mut pairs: Vec<(u32, u32)> = pairs.into_iter().collect();
        if !pairs.is_empty() {
            let at = shuffled.index(pairs.len());
            pairs.rotate_left(at);
        }
        pairs.sort_by_key(|pair| pair.0);
        let world = World::new(8, &pairs);
        let lineage = world.lineage();
        let mut tree = world.around(focus);
        let trail = tree.breadcrumbs(tree.focus_row());
        let name = |node: Node| world.graph.name(node, &world.models).parse().unwrap();
        let mut plain = Plain {
            world: &world,
            pairs: &pairs,
            trail: trail.into_iter().map(name).collect(),
            toggled: BTreeSet::new(),
            lines: Vec::new(),
        };
        plain.draw();
        for pair in plain.trail.windows(2) {
            prop_assert_eq!(plain.bases(pair[1])[0], pair[0]);
        }
        for key in keys {
            let drawn: Vec<String> = plain.lines.iter().map(|(line, _)| line.clone()).collect();
            prop_assert_eq!(plain.world.drawn(&tree), drawn);
            let at = key % tree.rows().len();
            let row = tree.rows()[at];
            if row.kind == TreeRowKind::Node && tree.toggle(lineage, at) {
                let path = plain.lines[at].1.clone();
                if !plain.toggled.remove(&path) {
                    plain.toggled.insert(path);
                }
                plain.draw();
            }
        }
        tree.expand_all(lineage);
        let rows = tree.rows();
        prop_assert!(rows.len() <= EXPAND_ALL_ROWS + 20);
        // Every child is somewhere below the focus, and every row below a base of its node.
        let mut below: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.kind == TreeRowKind::Node) {
            if let Some(above) = tree.parent_node(row) {
                prop_assert!(world.graph.children(above).contains(&row.node));
                below.entry(above).or_default().insert(row.node);
            }
        }
        let focus = world.node(&focus.to_string()).unwrap();
        let children: BTreeSet<Node> = world.graph.children(focus).iter().copied().collect();
        // Of a focus with several rows, or in a cycle, only the first row is opened.
        let row = rows[tree.focus_row()];
        prop_assert!(row.open || row.again || row.cycle || children.is_empty());
        prop_assert!(!row.open || below.remove(&focus).unwrap_or_default() == children);
    }
}
