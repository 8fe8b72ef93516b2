"""docs/strictness.md says what the gateway does today, and what nginx and HAProxy do where they are installed."""

import pathlib
import re
import unittest

import leniency
from message_cases import CASES
from strictness import compare, render

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "strictness.md"


def columns(page):
    """{name of the subject: {(clause, case): its outcome}} as the page has them."""
    table, clause, names = {}, None, []
    for line in page.splitlines():
        if line.startswith("## "):
            clause = line[3:]
        elif line.startswith("| ") and clause is not None and clause.startswith("RFC ") and "---" not in line:
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if cells[0] == "":
                names = cells[1:]
                continue
            for name, outcome in zip(names, cells[1:]):
                table.setdefault(name, {})[clause, cells[0]] = outcome
    return table


def agrees(written, outcome):
    return outcome in written.split(" or ")


class StrictnessTest(unittest.TestCase):
    def test_the_page_is_what_happens(self):
        written = columns(PAGE.read_text())
        self.assertEqual(len(written["kwikgate"]), len(CASES))
        self.maxDiff = None

        def differs_by_chance(name, case, outcome):
            column = written.get(name, {})
            return name != "kwikgate" and not agrees(column.get((case.clause, case.what), outcome), outcome)

        happens = columns(render(compare(differs_by_chance)))
        for name in set(happens) & set(written):
            changed = {key: (written[name].get(key), outcome) for key, outcome in happens[name].items()
                       if not agrees(written[name].get(key, "nothing written"), outcome)}
            self.assertEqual(changed, {}, name)

    def test_the_gateway_lets_nothing_in_that_its_own_table_refuses(self):
        gateway = columns(PAGE.read_text())["kwikgate"]
        for case in CASES:
            with self.subTest(case.name):
                self.assertEqual(gateway[case.clause, case.what], ", ".join(case.answers))


class LeniencyTest(unittest.TestCase):
    def test_the_page_has_the_table(self):
        self.assertIn("\n".join(leniency.lines()), PAGE.read_text())

    def test_each_row_is_what_its_cases_show(self):
        known = {case.what: case for case in CASES}
        for rule in leniency.RULES:
            self.assertEqual(bool(rule.cases), rule.verdict != leniency.CONFIGURABLE, rule.what)
            for name in rule.cases:
                first = known[name].answers[0]
                self.assertEqual(first == "200", rule.verdict == leniency.TAKEN, (rule.what, name, first))


if __name__ == "__main__":
    unittest.main()
