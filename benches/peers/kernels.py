"""The kernels in CPython, as one would write them. Reads a kernel's name and the number of runs per line,
answers with the seconds of each run, so that the process is started once."""

import sys
import time


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def sieve(n):
    prime = [True] * n
    count = 0
    for i in range(2, n):
        if not prime[i]:
            continue
        j = i * i
        while j < n:
            prime[j] = False
            j += i
        count += 1
    return count


def insertion_sort(numbers):
    xs = list(numbers)
    for i in range(1, len(xs)):
        key = xs[i]
        j = i
        while j > 0 and xs[j - 1] > key:
            xs[j] = xs[j - 1]
            j -= 1
        xs[j] = key
    return xs


def sort_records(rows):
    return sorted(rows, key=lambda row: (row["group"], -row["amount"]))


def word_count(text):
    counts = {}
    for word in text.split(" "):
        counts[word] = counts.get(word, 0) + 1
    return counts


def random(seed):
    """The generator of the other peers: xorshift64*."""
    state = seed
    mask = (1 << 64) - 1
    while True:
        state ^= state >> 12
        state = (state ^ (state << 25)) & mask
        state ^= state >> 27
        yield ((state * 2685821657736338717) & mask) >> 33


def inputs(sizes):
    numbers = random(1)
    insertion = [next(numbers) % 1_000_000 for _ in range(sizes["insertion_sort"])]
    rows = [
        {"group": f"group{next(numbers) % 100}", "amount": next(numbers) % 10_000, "id": i}
        for i in range(sizes["sort_records"])
    ]
    text = " ".join(f"word{next(numbers) % 5_000}" for _ in range(sizes["word_count"]))
    return {
        "fib": (fib, sizes["fib"]),
        "sieve": (sieve, sizes["sieve"]),
        "insertion_sort": (insertion_sort, insertion),
        "sort_records": (sort_records, rows),
        "word_count": (word_count, text),
    }


def check(name, result):
    """A number that must agree between the peers."""
    if name == "insertion_sort":
        return sum(i * x for i, x in enumerate(result)) % 1_000_000_007
    if name == "sort_records":
        return sum(i * row["id"] for i, row in enumerate(result)) % 1_000_000_007
    if name == "word_count":
        return sum(len(word) * count for word, count in result.items())
    return result


def main():
    sizes = dict(zip(("fib", "sieve", "insertion_sort", "sort_records", "word_count"), map(int, sys.argv[1:])))
    kernels = inputs(sizes)
    for line in sys.stdin:
        name = line.strip()
        function, argument = kernels[name]
        start = time.perf_counter()
        result = function(argument)
        seconds = time.perf_counter() - start
        print(f"{seconds:.9f} {check(name, result)}", flush=True)


main()
