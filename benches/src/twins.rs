//! The kernels in Rust: the same algorithms, as one would write them, with overflow and bounds checked.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

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
            Kernel::MatrixProduct => timed(start, matrix_product(black_box(kernel.size()))),
            Kernel::BinarySearch => timed(start, binary_search(black_box(kernel.size()))),
            Kernel::Collatz => timed(start, collatz(black_box(kernel.size()))),
            Kernel::BuildAndSplit => timed(start, build_and_split(black_box(kernel.size()))),
            Kernel::Invoice => timed(start, invoice(black_box(kernel.size()))),
            Kernel::Rules => timed(start, rules(black_box(kernel.size()))),
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

/// The product, or the end.
fn times(a: i64, b: i64) -> i64 {
    a.checked_mul(b).expect("it fits")
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

fn matrix_product(n: i64) -> i64 {
    let a: Vec<Vec<i64>> = (0..n).map(|i| (0..n).map(|j| times(i, j) % 7).collect()).collect();
    let b: Vec<Vec<i64>> = (0..n).map(|i| (0..n).map(|j| plus(i, j) % 5).collect()).collect();
    let size = a.len();
    let cell = |i: usize, j: usize| (0..size).fold(0, |sum, k| plus(sum, times(a[i][k], b[k][j])));
    let c: Vec<Vec<i64>> = (0..size).map(|i| (0..size).map(|j| cell(i, j)).collect()).collect();
    c.iter().flatten().fold(0, |sum, x| plus(sum, *x))
}

fn binary_search(n: i64) -> i64 {
    let numbers: Vec<i64> = (0..n).map(|i| times(3, i)).collect();
    let mut found = 0;
    for k in 0..n {
        let wanted = times(k, 7919) % times(3, n);
        let (mut low, mut high) = (0, numbers.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if numbers[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        if low < numbers.len() && numbers[low] == wanted {
            found = plus(found, 1);
        }
    }
    found
}

fn collatz(n: i64) -> i64 {
    let mut most = 0;
    for start in 1..n {
        let (mut x, mut count) = (start, 0);
        while x != 1 {
            x = if x % 2 == 0 { x / 2 } else { plus(times(3, x), 1) };
            count = plus(count, 1);
        }
        most = most.max(count);
    }
    most
}

fn build_and_split(n: i64) -> i64 {
    let text = (0..n).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    text.split(", ").fold(0, |sum, part| plus(sum, i64::try_from(part.chars().count()).unwrap_or(0)))
}

fn invoice(n: i64) -> i64 {
    let mut total = Decimal::ZERO;
    for i in 0..n {
        let price = Decimal::from(i % 500) + Decimal::new(199, 2);
        let net = (price * Decimal::from(i % 7 + 1) * Decimal::new(95, 2)).round_dp(2);
        let tax = (net * Decimal::new(19, 2)).round_dp(2);
        total += net + tax;
    }
    (total * Decimal::ONE_HUNDRED).to_i64().unwrap_or(0)
}

#[derive(Clone, Copy)]
enum Country {
    Domestic,
    Near,
    Far,
}

struct Applicant {
    age: i64,
    income: i64,
    country: Country,
    member: bool,
}

fn score(applicant: &Applicant) -> i64 {
    let age = if applicant.age < 18 {
        0
    } else if applicant.age < 65 {
        40
    } else {
        25
    };
    let income = if applicant.income >= 4000 {
        20
    } else if applicant.income >= 2000 {
        10
    } else {
        0
    };
    let country = match applicant.country {
        Country::Domestic => 20,
        Country::Near => 10,
        Country::Far => 0,
    };
    let member = if applicant.member && applicant.income > 1000 { 5 } else { 0 };
    plus(plus(plus(age, income), country), member)
}

fn rules(n: i64) -> i64 {
    let mut points = 0;
    for i in 0..n {
        let applicant = Applicant {
            age: i % 90,
            income: times(i, 37) % 6000,
            country: match i % 3 {
                0 => Country::Domestic,
                1 => Country::Near,
                _ => Country::Far,
            },
            member: i % 2 == 0,
        };
        points = plus(points, score(&applicant));
    }
    points
}
