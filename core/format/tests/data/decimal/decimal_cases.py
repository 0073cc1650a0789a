#!/usr/bin/env python3
"""Generates `cases.txt`, what Python's `decimal` says about the operations of `anrf_format::decimal`.

Usage: python3 decimal_cases.py > cases.txt

Each line is one case: the operation, its operands, `=` and the result. The seed is fixed, so the file
comes out the same every time. Bare integers stand for floats by their bits.
"""

import random
import struct
from decimal import (
    MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN,
    ROUND_HALF_UP, ROUND_UP, Context, Decimal, Inexact, setcontext,
)

# Any operation but the rounding under test would raise if it were not exact.
setcontext(Context(prec=20_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact]))
ROUNDED = Context(prec=20_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])

MODES = {
    "HALF_EVEN": ROUND_HALF_EVEN, "HALF_UP": ROUND_HALF_UP, "HALF_DOWN": ROUND_HALF_DOWN, "UP": ROUND_UP,
    "DOWN": ROUND_DOWN, "CEILING": ROUND_CEILING, "FLOOR": ROUND_FLOOR,
}

choose = random.Random(20260108)


def canonical(value):
    return "0" if value == 0 else format(value.normalize(), "f")


def operand():
    """A decimal as text, from money over the edges of the machine words to hundreds of digits."""
    kind = choose.randrange(12)
    if kind < 4:
        coefficient, scale = choose.randrange(10 ** choose.randrange(1, 8)), choose.choice([0, 0, 1, 2, 2, 2, 4])
    elif kind == 4:
        coefficient, scale = choose.randrange(1000) * 10 ** choose.randrange(0, 20), choose.randrange(0, 20)
    elif kind == 5:
        edge = choose.choice([2**31, 2**53, 2**63, 2**64, 2**126, 2**127, 2**128, 10**18, 10**19, 10**38])
        coefficient, scale = edge + choose.randrange(-2, 3), choose.choice([0, 0, 1, 2, 18, 38])
    elif kind == 6:
        coefficient, scale = choose.randrange(10 ** choose.randrange(15, 22)), choose.randrange(0, 25)
    elif kind == 7:
        coefficient, scale = choose.randrange(10 ** choose.randrange(30, 45)), choose.randrange(0, 50)
    elif kind == 8:
        coefficient, scale = choose.randrange(10 ** choose.randrange(40, 150)), choose.randrange(0, 160)
    elif kind == 9:
        coefficient, scale = choose.randrange(10 ** choose.randrange(1, 12)), choose.randrange(30, 90)
    elif kind == 10:
        coefficient, scale = 10 ** choose.randrange(0, 60) + choose.choice([-1, 0, 1]), choose.randrange(0, 60)
    else:
        coefficient, scale = choose.choice([0, 1, 2, 5, 10, 25, 50, 100, 125, 500]), choose.choice([0, 1, 2, 3])
    digits = str(coefficient).rjust(scale + 1, "0")
    text = digits[: len(digits) - scale] + ("." + digits[len(digits) - scale :] if scale else "")
    return ("-" if coefficient and choose.random() < 0.4 else "") + text


def divisor():
    while True:
        text = operand() if choose.random() < 0.5 else choose.choice(
            ["2", "3", "4", "5", "6", "7", "8", "9", "11", "12", "16", "20", "0.2", "0.04", "-2", "-3", "-8", "365"])
        if Decimal(text) != 0:
            return text


def near_tie(places):
    """A value at or beside a half of `10^-places`."""
    units = choose.randrange(-(10 ** choose.randrange(1, 40)), 10 ** choose.randrange(1, 40))
    nudge = choose.choice([Decimal(0), Decimal(0), Decimal(0), Decimal("0.1"), Decimal("-0.1"), Decimal("1e-40")])
    return format((units + Decimal("0.5") + nudge).scaleb(-places), "f")


def rounded(value, places, mode):
    return value.quantize(Decimal(1).scaleb(-places), rounding=MODES[mode], context=ROUNDED)


def quotient(a, b, places, mode):
    """`a / b`, rounded once: the exact quotient is stood for by one that has the same neighbours."""
    scaled = abs(a).scaleb(places)
    whole, rest = divmod(scaled, abs(b))
    if rest == 0:
        part = "0"
    else:
        part = {-1: "0.25", 0: "0.5", 1: "0.75"}[int((2 * rest).compare(abs(b)))]
    exact = whole + Decimal(part)
    if (a < 0) != (b < 0):
        exact = -exact
    return rounded(exact, 0, mode).scaleb(-places)


def bits(value):
    return str(struct.unpack("<Q", struct.pack("<d", value))[0])


def floats():
    kind = choose.randrange(5)
    if kind == 0:
        return choose.choice([0.1, 0.5, 1.0, 1e22, 1e23, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308])
    if kind == 1:
        return round(choose.uniform(-1e6, 1e6), 2)
    if kind == 2:
        return choose.uniform(-1, 1) * 10.0 ** choose.randrange(-40, 40)
    while True:
        (value,) = struct.unpack("<d", struct.pack("<Q", choose.getrandbits(64)))
        if value == value and abs(value) != float("inf") and (kind == 3 or abs(value) > 1e-30):
            return value


def to_float_operand():
    """A decimal at, or beside, the middle of two floats; or at the ends of their range; or any."""
    kind = choose.randrange(6)
    if kind < 3:
        low, high = 2**53 + 2 * choose.randrange(2**52), choose.randrange(-120, 120)
        middle = Decimal(2 * low + 1 + choose.choice([-1, 0, 0, 1])) * (
            Decimal(2) ** high if high >= 0 else (Decimal(5) ** -high).scaleb(high))
        nudge = choose.choice([0, 0, 1, -1]) * Decimal(10) ** -130
        return format(middle + nudge, "f")
    if kind == 3:
        return format(Decimal(choose.randrange(1, 10**17)).scaleb(choose.randrange(-345, -300)), "f")
    if kind == 4:
        return format(Decimal(choose.randrange(10**16, 10**18)).scaleb(choose.randrange(286, 296)), "f")
    return operand()


def generate():
    for _ in range(500):
        a, b = operand(), operand()
        yield f"add {a} {b}", canonical(Decimal(a) + Decimal(b))
        a, b = operand(), operand()
        yield f"sub {a} {b}", canonical(Decimal(a) - Decimal(b))
        a, b = operand(), operand()
        yield f"mul {a} {b}", canonical(Decimal(a) * Decimal(b))
        a, b = operand(), divisor()
        yield f"rem {a} {b}", canonical(Decimal(a) % Decimal(b))
    for _ in range(300):
        a = operand()
        b = choose.choice([operand(), a, a + ("0" if "." in a else ".00"), canonical(-Decimal(a))])
        yield f"cmp {a} {b}", str(int(Decimal(a).compare(Decimal(b))))
    for mode in MODES:
        for _ in range(200):
            a, b, places = operand(), divisor(), choose.choice([0, 0, 1, 2, 2, 4, 6, 20, 50])
            if choose.random() < 0.3:
                # A quotient that is a tie, or beside one.
                a = format(Decimal(near_tie(places)) * Decimal(b), "f")
            yield f"div {a} {b} {places} {mode}", canonical(quotient(Decimal(a), Decimal(b), places, mode))
        for _ in range(170):
            places = choose.choice([0, 0, 1, 2, 2, 4, 10, 37, 38, 39, 60, -1, -2, -3, -10, -38, -39, -60])
            a = operand() if choose.random() < 0.6 else near_tie(places)
            yield f"round {a} {places} {mode}", canonical(rounded(Decimal(a), places, mode))
        for _ in range(60):
            places = choose.choice([0, 1, 2, 2, 2, 4, 10, 40])
            a = operand() if choose.random() < 0.5 else near_tie(places)
            text = format(rounded(Decimal(a), places, mode), "f")
            yield f"format {a} {places} {mode}", text.removeprefix("-") if Decimal(text) == 0 else text
    for _ in range(100):
        a = operand()
        yield f"floor {a}", canonical(rounded(Decimal(a), 0, "FLOOR"))
        yield f"ceil {a}", canonical(rounded(Decimal(a), 0, "CEILING"))
        yield f"trunc {a}", canonical(rounded(Decimal(a), 0, "DOWN"))
        yield f"neg {a}", canonical(-Decimal(a))
        yield f"abs {a}", canonical(abs(Decimal(a)))
        a = choose.choice([operand(), str(choose.choice([2**63, -(2**63)]) + choose.randrange(-2, 3)) + ".0"])
        whole = Decimal(a) == int(Decimal(a)) and -(2**63) <= Decimal(a) < 2**63
        yield f"to_i64 {a}", str(int(Decimal(a))) if whole else "none"
        a, exponent = operand(), choose.randrange(0, 6)
        yield f"pow {a} {exponent}", canonical(Decimal(a) ** exponent if exponent else Decimal(1))
    for _ in range(200):
        a = operand()
        digits = canonical(Decimal(a)).removeprefix("-")
        scale = len(digits.partition(".")[2])
        coefficient = digits.replace(".", "").lstrip("0")
        yield f"canonical {a}", f"{canonical(Decimal(a))} {max(1, len(coefficient))} {scale}"
    for _ in range(400):
        a = to_float_operand()
        yield f"to_f64 {a}", bits(float(a))
    for _ in range(150):
        x = floats()
        yield f"from_f64 {bits(x)}", canonical(Decimal(x))


for case, result in generate():
    print(f"{case} = {result}")
