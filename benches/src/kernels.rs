//! The kernels, their sizes and their inputs, the same for all peers.

/// One kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    Fib,
    Sieve,
    InsertionSort,
    SortRecords,
    WordCount,
    MatrixProduct,
    BinarySearch,
    Collatz,
    BuildAndSplit,
    Invoice,
    Rules,
}

impl Kernel {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Fib,
        Self::Sieve,
        Self::InsertionSort,
        Self::SortRecords,
        Self::WordCount,
        Self::MatrixProduct,
        Self::BinarySearch,
        Self::Collatz,
        Self::BuildAndSplit,
        Self::Invoice,
        Self::Rules,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fib => "fib",
            Self::Sieve => "sieve",
            Self::InsertionSort => "insertion_sort",
            Self::SortRecords => "sort_records",
            Self::WordCount => "word_count",
            Self::MatrixProduct => "matrix_product",
            Self::BinarySearch => "binary_search",
            Self::Collatz => "collatz",
            Self::BuildAndSplit => "build_and_split",
            Self::Invoice => "invoice",
            Self::Rules => "rules",
        }
    }

    pub(crate) fn size(self) -> i64 {
        match self {
            Self::Fib => 24,
            Self::Sieve => 200_000,
            Self::InsertionSort => 1_000,
            Self::SortRecords => 10_000,
            Self::WordCount => 50_000,
            Self::MatrixProduct => 60,
            Self::BinarySearch | Self::Collatz | Self::Invoice => 10_000,
            Self::BuildAndSplit | Self::Rules => 20_000,
        }
    }
}

/// A row of the sorted table.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) group: String,
    pub(crate) amount: i64,
    pub(crate) id: i64,
}

/// The inputs that are not mere sizes.
pub(crate) struct Inputs {
    pub(crate) numbers: Vec<i64>,
    pub(crate) rows: Vec<Row>,
    pub(crate) text: String,
}

impl Inputs {
    pub(crate) fn new() -> Self {
        let mut random = Random(1);
        let numbers = (0..Kernel::InsertionSort.size()).map(|_| random.below(1_000_000)).collect();
        let rows = (0..Kernel::SortRecords.size())
            .map(|id| Row { group: format!("group{}", random.below(100)), amount: random.below(10_000), id })
            .collect();
        let words: Vec<String> =
            (0..Kernel::WordCount.size()).map(|_| format!("word{}", random.below(5_000))).collect();
        Self { numbers, rows, text: words.join(" ") }
    }
}

/// xorshift64*, as in `peers/kernels.py`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(2_685_821_657_736_338_717) >> 33;
        i64::try_from(number % bound).unwrap_or(0)
    }
}

/// Position times value, so that order counts; modulo a prime.
pub(crate) fn checksum(values: impl IntoIterator<Item = i64>) -> i64 {
    let sum = values.into_iter().zip(0_i128..).map(|(value, index)| index * i128::from(value)).sum::<i128>();
    i64::try_from(sum % 1_000_000_007).unwrap_or(0)
}
