//! The rows against those of a plain recursion over the pairs, after random keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::lineage::graph::Graph;
use crate::engine::lineage::graph::tests::{graph, graph_by, models};
use crate::engine::lineage::totals::Totals;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;
use crate::engine::table::order::Order;

/// So many models; the names up to 9 of these tests' graphs that are above are ghosts.
struct World {
    models: Models,
    graph: Graph,
    totals: Totals,
}

impl World {
    fn new(count: u32, graph: impl Fn(&Models) -> Graph) -> World {
        let models = models(count);
        let graph = graph(&models);
        let totals = Totals::new(&graph, &models);
        World {
            models: totals.tell(models),
            graph,
            totals,
        }
    }

    fn lineage(&self) -> Lineage<'_> {
        Lineage {
            graph: &self.graph,
            models: &self.models,
            totals: &self.totals,
        }
    }

    fn node(&self, name: &str) -> Option<Node> {
        let model = self.models.find(name).map(Node::from);
        model.or_else(|| self.graph.ghost(name))
    }

    fn drawn(&self, outline: &Outline) -> Vec<String> {
        let line = |row: &Row| {
            let name = self.graph.name(row.node, &self.models);
            let what = match row.kind {
                Kind::Node => name.to_owned(),
                Kind::Base => format!("^{name}"),
                Kind::Group(how) => format!("{}:{}", self.graph.word(how), row.children),
                Kind::More(n) => format!("+{n}"),
                Kind::MoreBases(n) => format!("^+{n}"),
                Kind::Folded(n) => format!("-{n}"),
                Kind::Unrelated(n) => format!("~{n}"),
            };
            let again = if row.again { "=" } else { "" };
            let cycle = if row.cycle { "@" } else { "" };
            format!("{}{what}{again}{cycle}", " ".repeat(row.depth))
        };
        outline.rows().iter().map(line).collect()
    }
}

fn by_name() -> Listing {
    Listing {
        order: Order {
            field: Field::Id,
            ascending: true,
        },
        ..Listing::default()
    }
}

fn keeping(rows: &[u32]) -> Listing {
    let kept = ModelSet::of(6, |row| rows.contains(&u32::try_from(row).unwrap()));
    Listing {
        kept: Some(Arc::new(kept)),
        ..by_name()
    }
}

#[test]
fn ancestors_stand_above_and_siblings_are_counted() {
    // 0 <- 1, 2, 3;  2 <- 4, 5;  9 is a ghost and another base of 2.
    let pairs = [(1, 0), (2, 0), (3, 0), (4, 2), (5, 2), (2, 9)];
    let world = World::new(6, |models| graph(models, &pairs));
    let lineage = world.lineage();
    let mut outline = Outline::around(lineage, Node(2), by_name());
    assert_eq!(
        world.drawn(&outline),
        ["0", " ^9", " 2", "  4", "  5", " +2"]
    );
    assert_eq!(outline.focus_row(), 2);
    assert_eq!(outline.parent_row(4), Some(2));
    assert_eq!(outline.crumbs(4), [Node(0), Node(2), Node(5)]);
    assert_eq!(outline.sibling_row(3, true), Some(4));
    assert_eq!(outline.sibling_row(4, false), Some(3));
    assert_eq!(outline.sibling_row(4, true), None);
    assert!(outline.toggle(lineage, 5));
    assert_eq!(
        world.drawn(&outline),
        ["0", " 1", " ^9", " 2", "  4", "  5", " 3"]
    );
    assert_eq!(outline.sibling_row(1, true), Some(3));
    assert!(outline.toggle(lineage, 0));
    assert_eq!(
        world.drawn(&outline),
        ["0", " ^9", " 2", "  4", "  5", " +2"]
    );
    assert!(outline.toggle(lineage, 2));
    assert_eq!(world.drawn(&outline), ["0", " ^9", " 2", " +2"]);
}

#[test]
fn each_way_up_can_be_followed() {
    // 0 and 3 are made into 1, that and 2 into 4; 3 is made from 5.
    let pairs = [(1, 0), (1, 3), (4, 1), (4, 2), (3, 5), (2, 3)];
    let world = World::new(6, |models| graph(models, &pairs));
    let lineage = world.lineage();
    let mut outline = Outline::around(lineage, Node(4), by_name());
    assert_eq!(world.drawn(&outline), ["0", " ^3", " 1", "  ^2", "  4"]);
    assert!(outline.toggle(lineage, 1));
    assert!(outline.toggle(lineage, 4));
    assert!(outline.toggle(lineage, 5));
    let drawn = ["0", " ^3", "  ^5", " 1", "  ^2", "   ^3", "    ^5", "  4"];
    assert_eq!(world.drawn(&outline), drawn);
    assert!(!outline.toggle(lineage, 6));
}

#[test]
fn circles_are_cut_and_second_places_marked() {
    let pairs = [(0, 2), (1, 0), (2, 1), (3, 1), (3, 0), (3, 3)];
    let world = World::new(4, |models| graph(models, &pairs));
    let lineage = world.lineage();
    let mut outline = Outline::around(lineage, Node(0), by_name());
    outline.open_all(lineage);
    // 0 hangs from 2, that from 1, and 1 from 0 again, where the circle is cut.
    assert_eq!(
        world.drawn(&outline),
        ["1", " 2", "  0", "   1@", "   3", " +1"]
    );
    // The largest family is that of the one circle; who is most downloaded in it stands for it.
    let outline = Outline::families(lineage, by_name());
    assert_eq!(world.drawn(&outline), ["2"]);
}

#[test]
fn what_is_not_kept_is_counted() {
    let pairs = [(1, 0), (2, 0), (3, 0), (4, 2), (5, 2)];
    let world = World::new(6, |models| graph(models, &pairs));
    let lineage = world.lineage();
    let mut outline = Outline::around(lineage, Node(0), keeping(&[0, 2, 5]));
    outline.open_all(lineage);
    assert_eq!(world.drawn(&outline), ["0", " 2", "  5", "  -1", " -2"]);
    assert!(!outline.toggle(lineage, 3));
    outline.list(lineage, keeping(&[]));
    assert_eq!(world.drawn(&outline), ["0", " -3"]);
    outline.list(lineage, by_name());
    assert_eq!(world.drawn(&outline), ["0", " 1", " 2", "  4", "  5", " 3"]);
}

#[test]
fn groups_are_by_how_it_was_made() {
    let pairs = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 4)];
    let words = ["quantized", "finetune", "quantized", ""];
    let world = World::new(7, |models| graph_by(models, &pairs, &words));
    let lineage = world.lineage();
    let grouped = Listing {
        grouped: true,
        ..by_name()
    };
    let mut outline = Outline::around(lineage, Node(0), grouped);
    let drawn = [
        "0",
        " quantized:2",
        "  1",
        "  3",
        " :1",
        "  4",
        " finetune:1",
        "  2",
    ];
    assert_eq!(world.drawn(&outline), drawn);
    assert_eq!(outline.crumbs(3), [Node(0), Node(3)]);
    assert!(outline.toggle(lineage, 1));
    assert!(outline.toggle(lineage, 3));
    let drawn = [
        "0",
        " quantized:2",
        " :1",
        "  4",
        "   5",
        " finetune:1",
        "  2",
    ];
    assert_eq!(world.drawn(&outline), drawn);
}

#[test]
fn generations_open_and_close_one_by_one() {
    let pairs = [(1, 0), (2, 1), (3, 2), (4, 0)];
    let world = World::new(6, |models| graph(models, &pairs));
    let lineage = world.lineage();
    let mut outline = Outline::families(lineage, by_name());
    assert_eq!(world.drawn(&outline), ["0", "~1"]);
    for drawn in [
        vec!["0", " 1", " 4", "~1"],
        vec!["0", " 1", "  2", " 4", "~1"],
        vec!["0", " 1", "  2", "   3", " 4", "~1"],
    ] {
        assert!(outline.deepen(lineage));
        assert_eq!(world.drawn(&outline), drawn);
    }
    assert!(!outline.deepen(lineage));
    assert!(outline.flatten_one(lineage));
    assert_eq!(world.drawn(&outline), ["0", " 1", "  2", " 4", "~1"]);
}

#[test]
fn long_lists_come_a_page_at_a_time() {
    let pairs: Vec<(u32, u32)> = (1..5_000).map(|n| (n, 0)).collect();
    let world = World::new(5_000, |models| graph(models, &pairs));
    let lineage = world.lineage();
    let mut outline = Outline::around(lineage, Node(4_000), Listing::default());
    assert_eq!(world.drawn(&outline), ["0", " 4000", " +4998"]);
    // The most downloaded first; of every fifth one downloads are unknown, which is no family's.
    let mut order: Vec<u32> = (1..5_000).collect();
    order.sort_by_key(|n| std::cmp::Reverse(if n % 5 == 4 { 0 } else { *n }));
    for page in [100, 1_000, 10_000] {
        assert!(outline.toggle(lineage, outline.rows().len() - 1));
        let mut names: Vec<u32> = order.iter().copied().take(page).collect();
        if !names.contains(&4_000) {
            names.push(4_000);
        }
        let mut drawn = vec!["0".to_owned()];
        drawn.extend(names.iter().map(|n| format!(" {n}")));
        let left = order.len() - names.len();
        drawn.extend((left > 0).then(|| format!(" +{left}")));
        assert_eq!(world.drawn(&outline), drawn);
    }
}

/// The tree in the plainest way there is, and what is open by whole paths.
struct Plain<'w> {
    world: &'w World,
    pairs: &'w [(u32, u32)],
    trail: Vec<u32>,
    toggled: BTreeSet<Vec<u32>>,
    lines: Vec<(String, Vec<u32>)>,
}

impl Plain<'_> {
    fn children(&self, of: u32) -> BTreeSet<u32> {
        let made = self.pairs.iter().filter(|(m, b)| *b == of && *m != of);
        made.map(|pair| pair.0).collect()
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
        let on_the_way = on_trail && !is_focus;
        let toggled = self.toggled.contains(&path);
        if cycle || children.is_empty() || !on_the_way && is_focus == toggled {
            return;
        }
        let next = self.trail.get(depth + 1).copied().filter(|_| on_the_way);
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
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn rows_are_those_of_a_plain_recursion(
        pairs in prop::collection::btree_set((0..8_u32, 0..10_u32), 0..16),
        shuffled in any::<prop::sample::Index>(),
        focus in 0..8_u32,
        keys in prop::collection::vec(0..20_usize, 0..12),
    ) {
        // In any order, but by model, as files have them.
        let mut pairs: Vec<(u32, u32)> = pairs.into_iter().collect();
        if !pairs.is_empty() {
            let at = shuffled.index(pairs.len());
            pairs.rotate_left(at);
        }
        pairs.sort_by_key(|pair| pair.0);
        let world = World::new(8, |models| graph(models, &pairs));
        let lineage = world.lineage();
        let mut outline = Outline::around(lineage, Node(focus), by_name());
        let trail = outline.crumbs(outline.focus_row());
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
            prop_assert_eq!(plain.world.drawn(&outline), drawn);
            let at = key % outline.rows().len();
            let row = outline.rows()[at];
            if row.kind == Kind::Node && outline.toggle(lineage, at) {
                let path = plain.lines[at].1.clone();
                if !plain.toggled.remove(&path) {
                    plain.toggled.insert(path);
                }
                plain.draw();
            }
        }
        outline.open_all(lineage);
        let rows = outline.rows();
        prop_assert!(rows.len() <= OPEN_ALL_ROWS + 20);
        // Every child stands somewhere below the focus, and every row below what it is made from.
        let mut below: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.kind == Kind::Node) {
            if let Some(above) = outline.above(row) {
                prop_assert!(world.graph.children(above).contains(&row.node));
                below.entry(above).or_default().insert(row.node);
            }
        }
        let focus = world.node(&focus.to_string()).unwrap();
        let children: BTreeSet<Node> = world.graph.children(focus).iter().copied().collect();
        // Where the focus stands twice, or in a circle, only its first place is opened.
        let row = rows[outline.focus_row()];
        prop_assert!(row.open || row.again || row.cycle || children.is_empty());
        prop_assert!(!row.open || below.remove(&focus).unwrap_or_default() == children);
    }
}
