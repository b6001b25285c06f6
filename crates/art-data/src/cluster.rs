//! k-means: rows into clusters, each around the mean of its rows.

use crate::{
    distances::SideBySide,
    error::DataError,
    neighbors::{NeighborAlgorithm, NeighborSearch},
};
use art_core::{ParamError, Stream};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Rows whose sums one thread takes; sums are added up block after block, whatever the number of threads.
const BLOCK: usize = 1_024;
/// Values of all centers from which on their products with the rows are taken first.
const FEWEST_TO_MULTIPLY: usize = 4_096;

/// k-means with k-means++ seeding and Lloyd's iterations.
///
/// Several runs are made one after the other from the same stream, and the one with the least inertia is kept, the
/// earlier of equal ones. A cluster that loses all rows is put where the row lies that is farthest from its center.
/// Where there are fewer different rows than clusters, there are fewer clusters. Centers are means in f32. Distances are squared Euclidean, f32
/// values widened to f64 and summed in feature order; ties go to the lower row and cluster.
///
/// ```
/// use art_core::Seed;
/// use art_data::KMeans;
/// let rows = ndarray::array![[0.0], [9.0], [0.2], [9.1]];
/// let clusters = KMeans::new(2).fit(rows.view(), &mut Seed::new(1).stream("kmeans", 0))?;
/// assert_eq!(clusters.of_rows(), [0, 1, 0, 1]);
/// # Ok::<(), art_data::DataError>(())
/// ```
///
/// # References
/// Lloyd (1982), "Least squares quantization in PCM", doi 10.1109/TIT.1982.1056489; Arthur and Vassilvitskii (2007),
/// "k-means++: the advantages of careful seeding", SODA, 1027-1035.
#[derive(Clone, Debug)]
#[must_use]
pub struct KMeans {
    n_clusters: usize,
    n_runs: usize,
    max_iterations: usize,
}

/// Rows in clusters, numbered by their lowest row.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    of_rows: Vec<u32>,
    len: usize,
    inertia: f64,
}

impl Clusters {
    /// The cluster of each row.
    pub fn of_rows(&self) -> &[u32] {
        &self.of_rows
    }

    /// Number of clusters.
    pub fn n_clusters(&self) -> usize {
        self.len
    }

    /// Sum of the rows' squared distances from their centers.
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// `rows`, grouped by cluster.
    pub fn split(&self, rows: &[u32]) -> Vec<Vec<u32>> {
        let mut clusters = vec![vec![]; self.len];
        for &row in rows {
            clusters[self.of_rows[row as usize] as usize].push(row);
        }
        clusters
    }
}

impl KMeans {
    /// `n_clusters` clusters, 10 runs of at most 100 iterations.
    pub fn new(n_clusters: usize) -> Self {
        Self {
            n_clusters,
            n_runs: 10,
            max_iterations: 100,
        }
    }

    /// Runs from other centers.
    pub fn runs(mut self, runs: usize) -> Self {
        self.n_runs = runs;
        self
    }

    /// Iterations of a run, where assignments do not come to rest before.
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.max_iterations = iterations;
        self
    }

    /// The clusters of these rows.
    ///
    /// # Errors
    /// [`DataError::Param`] for no cluster, run or iteration; [`DataError::Empty`] for no row or column.
    pub fn fit(
        &self,
        rows: ArrayView2<'_, f32>,
        stream: &mut Stream,
    ) -> Result<Clusters, DataError> {
        for (name, value) in [
            ("n_clusters", self.n_clusters),
            ("runs", self.n_runs),
            ("max_iterations", self.max_iterations),
        ] {
            if value == 0 {
                return Err(ParamError::new(name, value, "at least 1").into());
            }
        }
        if rows.is_empty() {
            return Err(DataError::Empty {
                rows: rows.nrows(),
                columns: rows.ncols(),
            });
        }
        let values = rows.as_standard_layout();
        let points = Points {
            values: values.as_slice().expect("rows stand one after the other"),
            width: rows.ncols(),
            n: rows.nrows(),
        };
        let mut best: Option<Assigned> = None;
        for _ in 0..self.n_runs {
            let centers = points.seeds(self.n_clusters, stream);
            let run = points.settle(centers, self.max_iterations);
            if best.as_ref().is_none_or(|best| run.inertia < best.inertia) {
                best = Some(run);
            }
        }
        let best = best.expect("there was a run");
        Ok(numbered(&best))
    }
}

/// Gives clusters the numbers of the order in which they first appear.
fn numbered(run: &Assigned) -> Clusters {
    let mut numbers: Vec<Option<u32>> = vec![];
    let mut n_clusters = 0;
    let of_rows = run.nearest.iter().map(|&(cluster, _)| {
        let cluster = cluster as usize;
        if numbers.len() <= cluster {
            numbers.resize(cluster + 1, None);
        }
        *numbers[cluster].get_or_insert_with(|| {
            n_clusters += 1;
            n_clusters - 1
        })
    });
    let of_rows = of_rows.collect();
    Clusters {
        of_rows,
        len: n_clusters as usize,
        inertia: run.inertia,
    }
}

/// The rows, one after the other.
struct Points<'a> {
    values: &'a [f32],
    width: usize,
    n: usize,
}

/// The nearest center of each row and the squared distance from it.
struct Assigned {
    nearest: Vec<(u32, f64)>,
    inertia: f64,
}

/// The nearest center of a point and its squared distance; `sums` is room for the distance of each.
fn nearest(centers: &SideBySide, point: &[f32], sums: &mut [f64]) -> (u32, f64) {
    centers.squared_distances(point, sums);
    let mut best = (0, sums[0]);
    for (place, &sum) in sums.iter().enumerate().skip(1) {
        if sum < best.1 {
            best = (place as u32, sum);
        }
    }
    best
}

impl Points<'_> {
    fn point(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..][..self.width]
    }

    fn side_by_side(&self, centers: &[Vec<f32>]) -> SideBySide {
        SideBySide::new(centers.iter().map(Vec::as_slice), self.width)
    }

    fn center_at(&self, row: usize) -> Vec<f32> {
        self.point(row).to_vec()
    }

    /// Rows to begin with: any row, then rows in proportion to their squared distance from the nearest so far.
    fn seeds(&self, n_clusters: usize, stream: &mut Stream) -> Vec<Vec<f32>> {
        let mut centers = vec![self.center_at(stream.below(self.n))];
        let mut nearest = vec![f64::INFINITY; self.n];
        while centers.len() < n_clusters {
            let newest = self.side_by_side(&centers[centers.len() - 1..]);
            nearest
                .par_chunks_mut(BLOCK)
                .enumerate()
                .for_each(|(block, nearest)| {
                    for (offset, nearest) in nearest.iter_mut().enumerate() {
                        let point = self.point(block * BLOCK + offset);
                        let mut squared = [0.0];
                        newest.squared_distances(point, &mut squared);
                        *nearest = nearest.min(squared[0]);
                    }
                });
            match stream.categorical(&nearest) {
                Some(row) if nearest[row] > 0.0 => centers.push(self.center_at(row)),
                // Every row is a center already.
                _ => break,
            }
        }
        centers
    }

    /// Lloyd's iterations from these centers.
    fn settle(&self, mut centers: Vec<Vec<f32>>, max_iterations: usize) -> Assigned {
        let mut assigned = self.assign(&centers);
        for _ in 0..max_iterations {
            let moved = self.means(&mut assigned, centers.len());
            let next = self.assign(&moved);
            let at_rest = next
                .nearest
                .iter()
                .zip(&assigned.nearest)
                .all(|(a, b)| a.0 == b.0);
            centers = moved;
            assigned = next;
            if at_rest {
                break;
            }
        }
        assigned
    }

    fn assign(&self, centers: &[Vec<f32>]) -> Assigned {
        // A matrix product pays where there is much to multiply; both ways give the same answer.
        if centers.len() * self.width >= FEWEST_TO_MULTIPLY {
            self.assign_by_search(centers)
        } else {
            self.assign_by_scan(centers)
        }
    }

    fn assign_by_search(&self, centers: &[Vec<f32>]) -> Assigned {
        let centers = Array2::from_shape_vec((centers.len(), self.width), centers.concat());
        let centers = centers.expect("centers have the rows' features");
        let rows = ArrayView2::from_shape((self.n, self.width), self.values);
        let rows = rows.expect("rows stand one after the other");
        let search = NeighborSearch::with_algorithm(centers.view(), NeighborAlgorithm::Tiles);
        let found = search.of_queries(rows, 1);
        let nearest = (0..self.n).map(|row| (found.rows(row)[0], found.squared_distances(row)[0]));
        let nearest: Vec<(u32, f64)> = nearest.collect();
        let sums = nearest
            .chunks(BLOCK)
            .map(|block| block.iter().map(|(_, d)| d).sum::<f64>());
        Assigned {
            inertia: sums.sum(),
            nearest,
        }
    }

    fn assign_by_scan(&self, centers: &[Vec<f32>]) -> Assigned {
        let centers = self.side_by_side(centers);
        let mut found = vec![(0, 0.0); self.n];
        let sums = found
            .par_chunks_mut(BLOCK)
            .enumerate()
            .map(|(block, found)| {
                let mut sums = vec![0.0; centers.n()];
                let mut inertia = 0.0;
                for (offset, slot) in found.iter_mut().enumerate() {
                    let point = self.point(block * BLOCK + offset);
                    *slot = nearest(&centers, point, &mut sums);
                    inertia += slot.1;
                }
                inertia
            });
        let inertia = sums.collect::<Vec<f64>>().iter().sum();
        Assigned {
            nearest: found,
            inertia,
        }
    }

    /// The mean of each cluster's rows. An empty one takes over the row that is farthest from its center.
    fn means(&self, assigned: &mut Assigned, n_clusters: usize) -> Vec<Vec<f32>> {
        let mut counts = vec![0_usize; n_clusters];
        for &(cluster, _) in &assigned.nearest {
            counts[cluster as usize] += 1;
        }
        for empty in 0..n_clusters {
            if counts[empty] > 0 {
                continue;
            }
            let rows = assigned.nearest.iter().enumerate().rev();
            let others = rows.filter(|(_, (cluster, _))| counts[*cluster as usize] > 1);
            // The first of the farthest: of equal ones the last is taken, and they come in turn.
            let farthest = others.max_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
            if let Some(row) = farthest.map(|(row, _)| row) {
                counts[assigned.nearest[row].0 as usize] -= 1;
                counts[empty] = 1;
                assigned.nearest[row] = (empty as u32, 0.0);
            }
        }
        let blocks = (0..self.n.div_ceil(BLOCK)).into_par_iter().map(|block| {
            let mut sums = vec![0.0; n_clusters * self.width];
            for row in block * BLOCK..self.n.min((block + 1) * BLOCK) {
                let cluster = assigned.nearest[row].0 as usize;
                let sums = &mut sums[cluster * self.width..][..self.width];
                for (sum, &x) in sums.iter_mut().zip(self.point(row)) {
                    *sum += f64::from(x);
                }
            }
            sums
        });
        let mut total = vec![0.0; n_clusters * self.width];
        for sums in blocks.collect::<Vec<_>>() {
            for (total, sum) in total.iter_mut().zip(sums) {
                *total += sum;
            }
        }
        let clusters = total.chunks_exact(self.width).zip(&counts);
        clusters
            .map(|(sums, &n)| {
                let mean = |sum: &f64| (sum / n.max(1) as f64) as f32;
                sums.iter().map(mean).collect()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::Seed;

    #[test]
    fn both_ways_to_assign_give_the_same_answer() {
        let mut stream = Seed::new(3).stream("test", 0);
        for (n, width, n_clusters) in [(700, 40, 12), (300, 3, 5), (50, 130, 20)] {
            let values: Vec<f32> = (0..n * width).map(|_| stream.normal() as f32).collect();
            let points = Points {
                values: &values,
                width,
                n,
            };
            let centers = points.seeds(n_clusters, &mut stream);
            let (scan, search) = (
                points.assign_by_scan(&centers),
                points.assign_by_search(&centers),
            );
            assert_eq!(scan.nearest, search.nearest);
            assert_eq!(scan.inertia.to_bits(), search.inertia.to_bits());
        }
    }
}
