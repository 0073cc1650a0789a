"""Bitwuzla as a program: SMT-LIB 2 from standard input, answers to standard output.

The PyPI package holds the library without its program. Commands are executed when a line begins with `(echo`
or is `(reset)`; after an error everything up to the next `(reset)` is refused. Adds what the library lacks:
`(get-info ...)`; `(set-option :rlimit N)`, a limit on the steps of a check that does not depend on time; and
`(push 1)` and `(pop 1)` on lines of their own, which the library's parser counts wrongly between two inputs.
"""

import ctypes
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "site"))

import bitwuzla  # noqa: E402: found only now

LIMIT = re.compile(r"\(set-option :rlimit (\d+)\)\n")
C_LIBRARY = ctypes.CDLL(None)


class Session:
    def __init__(self):
        self.limit = None
        # What was executed in each open scope.
        self.scopes = [""]
        self.begin()

    def begin(self):
        self.steps = 0
        self.is_broken = False
        self.parser = bitwuzla.Parser(bitwuzla.TermManager(), bitwuzla.Options())
        self.parser.configure_terminator(self.is_spent)

    def is_spent(self):
        """Asked by the library at fixed points of its search."""
        self.steps += 1
        return self.limit is not None and self.steps > self.limit

    def execute(self, text):
        if text.startswith("(get-info"):
            for item in re.findall(r"\(get-info :([a-z-]+)\)", text):
                print(self.info(item))
        elif text.strip() == "(push 1)":
            self.scopes.append("")
        elif text.strip() == "(pop 1)" and len(self.scopes) > 1:
            self.scopes.pop()
            self.begin()
            self.parse("".join(self.scopes))
        elif self.is_broken:
            print('(error "an earlier command was refused")')
        else:
            for limit in LIMIT.findall(text):
                self.limit = int(limit)
            text = LIMIT.sub("", text)
            self.parse(text)
            if not text.startswith("(get-"):
                self.scopes[-1] += text.removesuffix("(check-sat)\n")

    def parse(self, text):
        self.steps = 0
        try:
            self.parser.parse(text, parse_only=False, parse_file=False)
        except MemoryError:
            print('(error "out of memory")')
        except Exception as error:  # every error of the library is reported, whatever its class
            self.is_broken = True
            message = str(error).replace('"', '""')
            print(f'(error "{message}")')

    def info(self, item):
        if item == "name":
            return '(:name "bitwuzla")'
        if item == "version":
            return f'(:version "{bitwuzla.version()}")'
        if item == "reason-unknown":
            is_spent = self.limit is not None and self.steps > self.limit
            return f"(:reason-unknown {'resourceout' if is_spent else 'timeout'})"
        return '(error "unknown item")'


def main():
    session = Session()
    batch = []
    for line in sys.stdin:
        if line.strip() == "(reset)":
            batch = []
            session = Session()
        elif line.startswith("(echo"):
            session.execute("".join(batch))
            batch = []
            # The library prints through C++, past the buffers of Python.
            C_LIBRARY.fflush(None)
            print(line.split('"')[1], flush=True)
        else:
            batch.append(line)


if __name__ == "__main__":
    main()
