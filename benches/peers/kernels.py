"""The kernels in CPython, as one would write them. Reads a kernel's name and the number of runs per line,
answers with the seconds of each run, so that the process is started once."""

import sys
import time
from decimal import Decimal


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


def matrix_product(n):
    a = [[i * j % 7 for j in range(n)] for i in range(n)]
    b = [[(i + j) % 5 for j in range(n)] for i in range(n)]
    c = [[sum(a[i][k] * b[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    return sum(sum(row) for row in c)


def binary_search(n):
    numbers = [3 * i for i in range(n)]
    found = 0
    for k in range(n):
        wanted = k * 7919 % (3 * n)
        low, high = 0, n
        while low < high:
            middle = low + (high - low) // 2
            if numbers[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        if low < n and numbers[low] == wanted:
            found += 1
    return found


def collatz(n):
    most = 0
    for start in range(1, n):
        x, count = start, 0
        while x != 1:
            x = x // 2 if x % 2 == 0 else 3 * x + 1
            count += 1
        most = max(most, count)
    return most


def build_and_split(n):
    text = ", ".join([str(i) for i in range(n)])
    return sum(len(part) for part in text.split(", "))


def invoice(n):
    total = Decimal(0)
    cent = Decimal("0.01")
    for i in range(n):
        price = Decimal(i % 500) + Decimal("1.99")
        net = (price * Decimal(i % 7 + 1) * Decimal("0.95")).quantize(cent)
        tax = (net * Decimal("0.19")).quantize(cent)
        total += net + tax
    return int(total * 100)


def score(applicant):
    age, income, country, member = applicant
    points = 0 if age < 18 else 40 if age < 65 else 25
    points += 20 if income >= 4000 else 10 if income >= 2000 else 0
    points += {"domestic": 20, "near": 10, "far": 0}[country]
    return points + (5 if member and income > 1000 else 0)


def rules(n):
    countries = ("domestic", "near", "far")
    return sum(score((i % 90, i * 37 % 6000, countries[i % 3], i % 2 == 0)) for i in range(n))


def random(seed):
    """The generator of the other peers: xorshift64*."""
    state = seed
    mask = (1 << 64) - 1
    while True:
        state ^= state >> 12
        state = (state ^ (state << 25)) & mask
        state ^= state >> 27
        yield ((state * 2685821657736338717) & mask) >> 33


OF_SIZE = (matrix_product, binary_search, collatz, build_and_split, invoice, rules)
NAMES = ("fib", "sieve", "insertion_sort", "sort_records", "word_count", *(kernel.__name__ for kernel in OF_SIZE))


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
        **{kernel.__name__: (kernel, sizes[kernel.__name__]) for kernel in OF_SIZE},
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
    sizes = dict(zip(NAMES, map(int, sys.argv[1:])))
    kernels = inputs(sizes)
    for line in sys.stdin:
        name = line.strip()
        function, argument = kernels[name]
        start = time.perf_counter()
        result = function(argument)
        seconds = time.perf_counter() - start
        print(f"{seconds:.9f} {check(name, result)}", flush=True)


main()
