//! Independent pieces of work on all cores, one thread each.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Workers of one thread each.
///
/// The tensor library shares a product among the threads of the pool that it is called from. A pool of one thread
/// keeps it to that thread: several products side by side take less time than one after the other on all cores.
#[derive(Debug)]
pub(crate) struct Workers(Vec<ThreadPool>);

impl Workers {
    /// `n` workers; `None` when the system gives no thread.
    pub(crate) fn new(n: usize) -> Option<Self> {
        let pool = |_| ThreadPoolBuilder::new().num_threads(1).build().ok();
        (0..n.max(1)).map(pool).collect::<Option<_>>().map(Self)
    }

    /// `work` on every item, in their order. Which worker takes which item is left to chance.
    pub(crate) fn map<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let share = || {
            let mut done = vec![];
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(place) else {
                    return done;
                };
                done.push((place, work(item)));
            }
        };
        let mut done: Vec<(usize, R)> = thread::scope(|scope| {
            let start = |pool| scope.spawn(move || ThreadPool::install(pool, share));
            let started: Vec<_> = self.0.iter().map(start).collect();
            let finish = |handle: thread::ScopedJoinHandle<'_, _>| match handle.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            started.into_iter().flat_map(finish).collect()
        });
        done.sort_unstable_by_key(|&(place, _)| place);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_and_nested_work_stays_on_its_thread() {
        let items: Vec<usize> = (0..50).collect();
        for n in [0, 1, 3] {
            let workers = Workers::new(n).unwrap();
            let results = workers.map(&items, |&item| (item * item, rayon::current_num_threads()));
            let expected: Vec<_> = items.iter().map(|item| (item * item, 1)).collect();
            assert_eq!(results, expected);
        }
        let none: Vec<usize> = Workers::new(2).unwrap().map(&[], |item| *item);
        assert!(none.is_empty());
    }
}
