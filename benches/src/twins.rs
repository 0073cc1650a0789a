//! The kernels in Rust: the same algorithms, as one would write them, with overflow and bounds checked.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use crate::kernels::{Inputs, Kernel, Row, checksum};
use crate::peers::Peer;

/// What rustc makes of the kernels, with all optimizations.
pub(crate) struct Rust(pub(crate) Inputs);

impl Peer for Rust {
    fn name(&self) -> &'static str {
        "Rust"
    }

    fn run(&mut self, kernel: Kernel) -> Result<(f64, i64), String> {
        let Self(inputs) = self;
        let start = Instant::now();
        Ok(match kernel {
            Kernel::Fib => timed(start, fib(black_box(kernel.size()))),
            Kernel::Sieve => timed(start, sieve(black_box(kernel.size()))),
            Kernel::InsertionSort => {
                let sorted = black_box(insertion_sort(black_box(&inputs.numbers)));
                (start.elapsed().as_secs_f64(), checksum(sorted))
            }
            Kernel::SortRecords => {
                let sorted = black_box(sort_records(black_box(&inputs.rows)));
                (start.elapsed().as_secs_f64(), checksum(sorted.iter().map(|row| row.id)))
            }
            Kernel::WordCount => {
                let counts = black_box(word_count(black_box(&inputs.text)));
                let check = |(word, count): (String, i64)| i64::try_from(word.len()).unwrap_or(0) * count;
                (start.elapsed().as_secs_f64(), counts.into_iter().map(check).sum())
            }
        })
    }
}

fn timed(start: Instant, value: i64) -> (f64, i64) {
    let value = black_box(value);
    (start.elapsed().as_secs_f64(), value)
}

/// The sum, or the end: what a contract against overflow amounts to.
fn plus(a: i64, b: i64) -> i64 {
    a.checked_add(b).expect("it fits")
}

fn fib(n: i64) -> i64 {
    if n < 2 { n } else { plus(fib(plus(n, -1)), fib(plus(n, -2))) }
}

fn sieve(n: i64) -> i64 {
    let mut prime = vec![true; usize::try_from(n).unwrap_or(0)];
    let mut count = 0;
    for i in 2..n {
        let at = usize::try_from(i).unwrap_or(0);
        if !prime[at] {
            continue;
        }
        let mut j = i.checked_mul(i).expect("it fits");
        while j < n {
            prime[usize::try_from(j).unwrap_or(0)] = false;
            j = plus(j, i);
        }
        count = plus(count, 1);
    }
    count
}

fn insertion_sort(numbers: &[i64]) -> Vec<i64> {
    let mut xs = numbers.to_vec();
    for i in 1..xs.len() {
        let key = xs[i];
        let mut j = i;
        while j > 0 && xs[j - 1] > key {
            xs[j] = xs[j - 1];
            j -= 1;
        }
        xs[j] = key;
    }
    xs
}

fn sort_records(rows: &[Row]) -> Vec<Row> {
    let mut sorted = rows.to_vec();
    sorted.sort_by(|a, b| a.group.cmp(&b.group).then(b.amount.cmp(&a.amount)));
    sorted
}

fn word_count(text: &str) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for word in text.split(' ') {
        let count = counts.entry(word.to_owned()).or_insert(0);
        *count = plus(*count, 1);
    }
    counts
}
