#!/usr/bin/env python3
"""Write the input files beside this script, for `anrf run FILE --each DATA`.

The generator is seeded: every run writes the same bytes.

    orders.csv           3,000 rows for money/price_order.vsp
    subscriptions.csv    2,000 rows for money/prorate_charge.vsp
    transfers.jsonl      3,000 rows for money/transfer.vsp
    invoices.jsonl       1,000 rows for money/price_invoice.vsp

Bad rows, on purpose; rows count from 1, the header is not a row. A bad row is
reported by its number and the rest goes on.

    orders.csv         400  `quantity` is not a number (`three`)
                       900  `unit_price` has a comma for a point (`"12,50"`)
                      1500  `country` is no symbol of the enum (`UK`)
                      2100  one column is missing
                      2700  one column too many
    subscriptions.csv  777  `days_used` is `10.5`, not an integer
                      1234  an empty `price`
    transfers.jsonl    250  not JSON: the line is cut short
                      1250  `amount` is missing
                      2250  `from.balance` is a text that is no number
    invoices.jsonl     500  an unknown field `discount` in a line

Rows that are well formed and end otherwise than in success, on purpose too:
orders of more than 500 pieces (`too_many`) at 100, 200 and every hundredth row
that is not listed above; transfers over the balance (`insufficient_funds`),
about one in ten; invoices without lines (`empty_invoice`), one in fifty; and
transfers whose two accounts are the same (fault `precondition_violation`) at
1000 and 2000.
"""

import csv
import json
import random
from pathlib import Path

HERE = Path(__file__).resolve().parent


def money(random_source, low, high):
    """An amount in cents between `low` and `high`, written with two places."""
    cents = random_source.randint(low, high)
    return f"{cents // 100}.{cents % 100:02d}"


def write_csv(name, header, rows):
    with open(HERE / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_lines(name, lines):
    (HERE / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def orders(random_source):
    rows = []
    for number in range(1, 3001):
        quantity = random_source.choice([1, 1, 1, 2, 3, 5, 10, 25])
        if number % 100 == 0:
            quantity = random_source.randint(501, 900)
        row = [
            f"O-{number:05d}",
            quantity,
            money(random_source, 99, 19_999),
            random_source.choice(["0", "0", "0", "5", "10", "12.5"]),
            random_source.choice(["DE", "FR", "US"]),
        ]
        if number == 400:
            row[1] = "three"
        elif number == 900:
            row[1], row[2] = 1, "12,50"
        elif number == 1500:
            row[1], row[4] = 1, "UK"
        elif number == 2100:
            row.pop()
        elif number == 2700:
            row.append("gift")
        rows.append(row)
    write_csv("orders.csv", ["order_id", "quantity", "unit_price", "discount_percent", "country"], rows)


def subscriptions(random_source):
    rows = []
    for number in range(1, 2001):
        days = random_source.choice([28, 30, 31])
        row = [
            random_source.choice(["9.99", "14.50", "29.99", "99.00"]),
            random_source.randint(0, days),
            days,
        ]
        if number == 777:
            row[1] = "10.5"
        elif number == 1234:
            row[0] = ""
        rows.append(row)
    write_csv("subscriptions.csv", ["price", "days_used", "days_in_month"], rows)


def transfers(random_source):
    lines = []
    for number in range(1, 3001):
        payer, payee = random_source.sample(range(1000, 2000), 2)
        amount = random_source.randint(1, 50_000)
        # one in ten asks for more than there is
        balance = amount + random_source.randint(0, 100_000)
        if random_source.randrange(10) == 0:
            balance = random_source.randint(0, amount - 1)
        if number in (1000, 2000):
            payee = payer
        row = {
            "from": {"id": f"acc-{payer}", "balance": f"{balance // 100}.{balance % 100:02d}"},
            "to": {"id": f"acc-{payee}", "balance": money(random_source, 0, 100_000)},
            "amount": f"{amount // 100}.{amount % 100:02d}",
        }
        if number == 1250:
            del row["amount"]
        elif number == 2250:
            row["from"]["balance"] = "plenty"
        line = compact(row)
        if number == 250:
            line = line[: len(line) // 2]
        lines.append(line)
    write_lines("transfers.jsonl", lines)


def invoices(random_source):
    goods = [("keyboard", "0.20"), ("book", "0.05"), ("lamp", "0.20"), ("bread", "0.05"), ("stamp", "0")]
    lines = []
    for number in range(1, 1001):
        rows = []
        for _ in range(0 if number % 50 == 0 and number != 500 else random_source.randint(1, 4)):
            description, tax_rate = random_source.choice(goods)
            rows.append({
                "description": description,
                "quantity": random_source.randint(1, 12),
                "unit_price": money(random_source, 50, 9_999),
                "tax_rate": tax_rate,
            })
        if number == 500:
            rows[0]["discount"] = "10"
        lines.append(compact({"lines": rows}))
    write_lines("invoices.jsonl", lines)


def main():
    for position, make in enumerate([orders, subscriptions, transfers, invoices]):
        make(random.Random(20260108 + position))


if __name__ == "__main__":
    main()
