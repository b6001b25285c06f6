//! A tree of boxes around the points.
//!
//! # References
//! Friedman, Bentley and Finkel (1977), "An algorithm for finding best matches in logarithmic expected
//! time", ACM TOMS 3(3), doi 10.1145/355744.355745.

use super::Best;
use ndarray::{ArrayView1, ArrayView2};

/// Points of a leaf: few enough to measure all, enough to measure them side by side.
const LEAF: usize = 32;

/// A kd-tree whose leaves hold copies of their points, feature by feature.
#[derive(Clone, Debug)]
pub(super) struct KdTree {
    n_features: usize,
    nodes: Vec<Node>,
    /// Smallest and largest value of each feature in each node.
    boxes: Vec<[f32; 2]>,
    /// Row numbers, leaf after leaf.
    rows: Vec<u32>,
    /// The leaves' points: all values of a leaf's first feature, then of its second, and so on.
    values: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    /// The points `start..end`.
    Leaf { start: usize, end: usize },
    /// The two halves.
    Inner { left: usize, right: usize },
}

impl KdTree {
    pub(super) fn new(points: ArrayView2<'_, f32>) -> Self {
        let mut tree = Self {
            n_features: points.ncols(),
            nodes: vec![],
            boxes: vec![],
            rows: (0..points.nrows() as u32).collect(),
            values: Vec::with_capacity(points.len()),
        };
        if !tree.rows.is_empty() {
            tree.build(points, 0, points.nrows());
        }
        tree
    }

    /// Builds the node of the points `start..end` and returns its number.
    fn build(&mut self, points: ArrayView2<'_, f32>, start: usize, end: usize) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node::Leaf { start, end });
        let mut widest = (0, 0.0);
        for feature in 0..self.n_features {
            let mut bounds = [f32::INFINITY, f32::NEG_INFINITY];
            for &row in &self.rows[start..end] {
                let value = points[[row as usize, feature]];
                bounds = [bounds[0].min(value), bounds[1].max(value)];
            }
            let width = f64::from(bounds[1]) - f64::from(bounds[0]);
            if width > widest.1 {
                widest = (feature, width);
            }
            self.boxes.push(bounds);
        }
        // Points that are all equal cannot be divided; they make one leaf, however many.
        if end - start <= LEAF || widest.1 == 0.0 {
            for feature in 0..self.n_features {
                let of_leaf = self.rows[start..end].iter();
                self.values
                    .extend(of_leaf.map(|&row| points[[row as usize, feature]]));
            }
            return node;
        }
        let half = (end - start) / 2;
        let value = |row: &u32| points[[*row as usize, widest.0]];
        self.rows[start..end]
            .select_nth_unstable_by(half, |a, b| value(a).total_cmp(&value(b)).then(a.cmp(b)));
        let left = self.build(points, start, start + half);
        let right = self.build(points, start + half, end);
        self.nodes[node] = Node::Inner { left, right };
        node
    }

    /// Offers `best` every point that may be among the nearest.
    pub(super) fn search(&self, query: ArrayView1<'_, f32>, best: &mut Best) {
        if !self.nodes.is_empty() {
            let query: Vec<f64> = query.iter().map(|&x| f64::from(x)).collect();
            self.visit(0, &query, best);
        }
    }

    fn visit(&self, node: usize, query: &[f64], best: &mut Best) {
        match self.nodes[node] {
            Node::Leaf { start, end } => {
                self.measure(start, end, query, &mut |squared, row| {
                    best.offer(squared, row);
                });
            }
            Node::Inner { left, right } => {
                let children =
                    [left, right].map(|child| (self.distance_to_box(child, query), child));
                let [near, far] = if children[1].0 < children[0].0 {
                    [children[1], children[0]]
                } else {
                    children
                };
                for (distance, child) in [near, far] {
                    // A box at exactly the worst distance may hold a point that wins by its number.
                    if distance <= best.worst() {
                        self.visit(child, query, best);
                    }
                }
            }
        }
    }

    /// Squared distance from the query to a node's box.
    ///
    /// It never exceeds the distance to a point inside, rounding included: both are sums of the same
    /// shape over the same features, and rounding keeps the order of each term.
    fn distance_to_box(&self, node: usize, query: &[f64]) -> f64 {
        let bounds = &self.boxes[node * self.n_features..][..self.n_features];
        query
            .iter()
            .zip(bounds)
            .fold(0.0, |sum, (&x, &[low, high])| {
                let outside = (f64::from(low) - x).max(x - f64::from(high)).max(0.0);
                sum + outside * outside
            })
    }

    /// Shows `visit` the squared distance of every point.
    pub(super) fn measure_all(&self, query: ArrayView1<'_, f32>, visit: &mut impl FnMut(f64, u32)) {
        let query: Vec<f64> = query.iter().map(|&x| f64::from(x)).collect();
        for node in &self.nodes {
            if let Node::Leaf { start, end } = *node {
                self.measure(start, end, &query, visit);
            }
        }
    }

    fn measure(&self, start: usize, end: usize, query: &[f64], visit: &mut impl FnMut(f64, u32)) {
        let n = end - start;
        let values = &self.values[start * self.n_features..end * self.n_features];
        for chunk in (0..n).step_by(LEAF) {
            let width = LEAF.min(n - chunk);
            let mut squared = [0.0_f64; LEAF];
            for (feature, &x) in query.iter().enumerate() {
                let of_feature = &values[feature * n + chunk..][..width];
                for (sum, &value) in squared.iter_mut().zip(of_feature) {
                    let difference = x - f64::from(value);
                    *sum += difference * difference;
                }
            }
            let rows = &self.rows[start + chunk..][..width];
            for (&squared, &row) in squared.iter().zip(rows) {
                visit(squared, row);
            }
        }
    }
}
