"""cvc5 as a program: SMT-LIB 2 from standard input, answers to standard output.

The PyPI package holds the library without its program. Commands are executed when a line begins with `(echo`
or is `(reset)`; after an error the rest of the commands up to there are left out.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "site"))

import cvc5  # noqa: E402: found only now


class Session:
    def __init__(self):
        terms = cvc5.TermManager()
        self.solver = cvc5.Solver(terms)
        self.symbols = cvc5.SymbolManager(terms)
        self.parser = cvc5.InputParser(self.solver, self.symbols)

    def execute(self, text):
        # A parser that has met an error reads no further, so each batch has its own input.
        self.parser.setIncrementalStringInput(cvc5.InputLanguage.SMT_LIB_2_6, "stdin")
        self.parser.appendIncrementalStringInput(text)
        while not (command := self.parser.nextCommand()).isNull():
            answer = command.invoke(self.solver, self.symbols)
            if answer.startswith("unknown ("):
                # The program does not print the reason here.
                answer = "unknown\n"
            sys.stdout.write(answer)
            if answer.startswith("(error"):
                return


def main():
    session = Session()
    batch = []
    for line in sys.stdin:
        if line.strip() == "(reset)":
            batch = []
            session = Session()
        elif line.startswith("(echo"):
            try:
                session.execute("".join(batch))
            except MemoryError:
                print('(error "out of memory")')
            except Exception as error:  # every error of the library is reported, whatever its class
                message = str(error).replace('"', '""')
                print(f'(error "{message}")')
            batch = []
            print(line.split('"')[1], flush=True)
        else:
            batch.append(line)


if __name__ == "__main__":
    main()
