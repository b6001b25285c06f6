//! A tree of boxes around the points, walked by many queries together.
//!
//! # References
//! Friedman, Bentley and Finkel (1977), "An algorithm for finding best matches in logarithmic expected
//! time", ACM TOMS 3(3), doi 10.1145/355744.355745.

use super::{
    Best,
    candidates::{Candidates, begin},
    measured::{Measured, slack},
    order::{by_halves, widen},
    panels::{ABREAST, Block, Compare, Group, Panels, WIDTH, turn},
};
use pulp::{Simd, WithSimd};
use std::{cell::RefCell, ops::Range};

/// Most points of a leaf.
const LEAF: usize = 8 * WIDTH;
/// Queries that walk the tree together.
pub(super) const QUERIES: usize = 42 * ABREAST;

/// A kd-tree whose leaves are panels.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    panels: Panels,
    /// The part of each point's bound that does not depend on the query.
    lower: Vec<f32>,
    nodes: Vec<Node>,
    /// Smallest and largest value of each feature in each node.
    boxes: Vec<[f32; 2]>,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    /// The panels `first..last`.
    Leaf { first: usize, last: usize },
    /// The first half is the next node, the second one this.
    Inner { second: usize },
}

/// Points of the first half of a node of `n`.
fn half_of_points(n: usize) -> Option<usize> {
    (n > LEAF).then(|| (n / 2).next_multiple_of(WIDTH))
}

/// Queries in an order in which those that walk together, and those of a group, lie near each other.
pub(super) fn order_of_queries(values: &[f32], n_features: usize, n: usize) -> Vec<u32> {
    by_halves(values, n_features, n, |n| {
        let unit = if n > QUERIES { QUERIES } else { ABREAST };
        (n > ABREAST).then(|| (n / 2).next_multiple_of(unit))
    })
}

impl Tree {
    pub(super) fn new(points: &Measured<'_>) -> Self {
        let n_features = points.n_features();
        let rows = by_halves(points.values(), n_features, points.len(), half_of_points);
        let panels = Panels::new(points.values(), n_features, rows.clone());
        let norms = points.squared_norms();
        let share = 1.0 - slack(n_features);
        let mut tree = Self {
            lower: panels.bounds(|row| norms[row as usize] * share),
            panels,
            nodes: vec![],
            boxes: vec![],
        };
        tree.build(points, &rows, 0);
        tree
    }

    /// Builds the node of `rows`, which begin with panel `first`, and returns its number.
    fn build(&mut self, points: &Measured<'_>, rows: &[u32], first: usize) -> usize {
        let node = self.nodes.len();
        let last = first + rows.len().div_ceil(WIDTH);
        self.nodes.push(Node::Leaf { first, last });
        let n_features = points.n_features();
        let mut bounds = vec![[f32::INFINITY, f32::NEG_INFINITY]; n_features];
        self.boxes.extend_from_slice(&bounds);
        if let Some(half) = half_of_points(rows.len()) {
            let (left, right) = rows.split_at(half);
            let halves = [
                self.build(points, left, first),
                self.build(points, right, first + half / WIDTH),
            ];
            self.nodes[node] = Node::Inner { second: halves[1] };
            for half in halves {
                for (own, half) in bounds.iter_mut().zip(self.box_of(half)) {
                    *own = [own[0].min(half[0]), own[1].max(half[1])];
                }
            }
        } else {
            for &row in rows {
                widen(&mut bounds, points.row(row as usize));
            }
        }
        self.boxes[node * n_features..][..n_features].copy_from_slice(&bounds);
        node
    }

    fn box_of(&self, node: usize) -> &[[f32; 2]] {
        let n_features = self.panels.n_features();
        &self.boxes[node * n_features..][..n_features]
    }

    /// Offers each query, one for each of `found`, its nearest points.
    pub(super) fn search(&self, points: &Measured<'_>, queries: &Measured<'_>, found: &mut [Best]) {
        ROOM.with_borrow_mut(|room| self.search_in(room, points, queries, found));
    }

    fn search_in(
        &self,
        room: &mut Room,
        points: &Measured<'_>,
        queries: &Measured<'_>,
        found: &mut [Best],
    ) {
        begin(&mut room.candidates, found, queries);
        turn(queries, &mut room.turned);
        let mut walk = Walk {
            tree: self,
            middle: middle(queries),
            active: &mut room.active,
            block: Block {
                points,
                queries,
                turned: &room.turned,
                candidates: &mut room.candidates,
                found,
            },
        };
        walk.active.clear();
        walk.active
            .extend(0..queries.len().div_ceil(ABREAST) as u32);
        walk.visit(0, 0);
        for (query, (candidates, best)) in room.candidates.iter_mut().zip(found).enumerate() {
            candidates.flush(points, queries.row(query), best);
        }
    }
}

/// Buffers of one thread, used for block after block: fresh memory costs more than the search of a small set.
#[derive(Debug, Default)]
struct Room {
    candidates: Vec<Candidates>,
    turned: Vec<Group>,
    active: Vec<u32>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// The mean of the queries.
fn middle(queries: &Measured<'_>) -> Vec<f32> {
    let mut middle = vec![0.0; queries.n_features()];
    for query in 0..queries.len() {
        for (sum, &value) in middle.iter_mut().zip(queries.row(query)) {
            *sum += value / queries.len() as f32;
        }
    }
    middle
}

/// A block of queries on its way through the tree.
struct Walk<'a> {
    tree: &'a Tree,
    middle: Vec<f32>,
    /// Groups that go into each node on the way, one list after the other.
    active: &'a mut Vec<u32>,
    block: Block<'a>,
}

impl Walk<'_> {
    /// Goes into a node with the groups from `start` on.
    fn visit(&mut self, node: usize, start: usize) {
        let simd = pulp::Arch::new();
        match self.tree.nodes[node] {
            Node::Leaf { first, last } => simd.dispatch(Compare {
                panels: &self.tree.panels,
                lower: &self.tree.lower,
                which: first..last,
                block: &mut self.block,
                groups: &self.active[start..],
            }),
            Node::Inner { second } => {
                let mut halves = [node + 1, second];
                let [left, right] = halves.map(|half| self.distance_of_middle(half));
                if right < left {
                    halves.reverse();
                }
                let end = self.active.len();
                for half in halves {
                    simd.dispatch(WithinReach {
                        walk: self,
                        node: half,
                        groups: start..end,
                    });
                    if self.active.len() > end {
                        self.visit(half, end);
                        self.active.truncate(end);
                    }
                }
            }
        }
    }

    fn distance_of_middle(&self, node: usize) -> f32 {
        let pairs = self.middle.iter().zip(self.tree.box_of(node));
        let outside = pairs.map(|(&x, &bounds)| outside(x, bounds));
        outside.map(|outside| outside * outside).sum()
    }
}

/// Adds those of the active groups from `start` to `end` to the list for which a node may hold a point within the reach of
/// one of their queries.
struct WithinReach<'a, 'b> {
    walk: &'a mut Walk<'b>,
    node: usize,
    groups: Range<usize>,
}

impl WithSimd for WithinReach<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Walk {
            tree,
            active,
            block,
            ..
        } = self.walk;
        let bounds = tree.box_of(self.node);
        let n_features = bounds.len();
        // Rounding makes the distance larger by less than the slack and the squared length smaller by less; what the reach
        // allows for rounding is more than that of the sum.
        let slack = slack(n_features);
        for place in self.groups {
            let group = active[place];
            let values = &block.turned[group as usize * n_features..][..n_features];
            let mut squared = Group::default();
            for (values, &bounds) in values.iter().zip(bounds) {
                for (sum, &x) in squared.iter_mut().zip(values) {
                    let outside = outside(x, bounds);
                    *sum += outside * outside;
                }
            }
            let first = group as usize * ABREAST;
            let norms = block.queries.squared_norms()[first..].iter();
            let queries = norms.zip(&block.candidates[first..]);
            let queries = queries.zip(&block.found[first..]);
            let mut any = false;
            for (squared, ((norm, candidates), best)) in squared[..ABREAST].iter().zip(queries) {
                let least = squared * (1.0 - slack);
                // Where large numbers leave the reach vague, those that were measured are exact.
                any |= least <= norm * (1.0 + slack) + candidates.reach()
                    && f64::from(least) <= best.worst();
            }
            if any {
                active.push(group);
            }
        }
    }
}

/// How far a value lies outside of bounds.
#[inline(always)]
fn outside(x: f32, [low, high]: [f32; 2]) -> f32 {
    // One instruction each, where `f32::max` takes care of numbers that are none.
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    larger(larger(low - x, x - high), 0.0)
}
