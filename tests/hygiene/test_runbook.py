"""The runbook of docs/operations.md: an entry for every alert and every reason, and none that nothing raises."""

import re
import unittest

import tree

RUNBOOK = tree.text("docs/operations.md")
ENTRY = re.compile(r"^### (Kwikgate\w+)\n\n(.+?)(?=\n#|\Z)", re.MULTILINE | re.DOTALL)


class RunbookTest(unittest.TestCase):
    def test_every_alert_has_its_entry(self):
        alerts = re.findall(r"^\s+- alert: (\w+)$", tree.text("configs/alerts.yml"), re.MULTILINE)
        self.assertGreater(len(alerts), 10)
        self.assertEqual(sorted(name for name, _ in ENTRY.findall(RUNBOOK)), sorted(alerts))

    def test_an_alert_counts_the_first_request_of_a_series(self):
        """increase() of a series that begins is 0, however much it begins with; gauges and counters that are there from the start need nothing."""
        rules = re.split(r"^\s+- alert: ", tree.text("configs/alerts.yml"), flags=re.MULTILINE)[1:]
        found = [(rule.split()[0], window) for rule in rules for window in re.findall(r"increase\(kwikgate_requests_total\{[^}]*\}\[(\w+)\]\)", rule)]
        self.assertGreaterEqual(len(found), 3)
        for name, window in found:
            rule = next(rule for rule in rules if rule.startswith(name))
            self.assertRegex(rule, rf"unless kwikgate_requests_total offset {window}\s", name)

    def test_every_entry_says_what_to_do(self):
        for name, text in ENTRY.findall(RUNBOOK):
            self.assertGreater(len(text.split()), 15, name)

    def test_every_reason_is_found_from_here(self):
        reasons = re.findall(r"^### `(\w+)`$", tree.text("docs/errors.md"), re.MULTILINE)
        self.assertGreater(len(reasons), 40)
        self.assertEqual(sorted(set(re.findall(r"\]\(errors\.md#(\w+)\)", RUNBOOK))), sorted(reasons))

    def test_every_entry_that_is_linked_is_there(self):
        heads = {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-")
                 for head in re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)}
        self.assertEqual(set(re.findall(r"\]\(#([\w-]+)\)", RUNBOOK)) - heads, set())

    def test_log_lines_of_the_table_of_faults_are_in_the_sources(self):
        table = RUNBOOK[RUNBOOK.index("## When something fails"):RUNBOOK.index("## Runbook")]
        sources = "".join(re.sub(r'"\s*\n\s*"', "", tree.text(path)) for path in tree.with_suffix(".cpp"))
        lines = [cells[3] for row in table.splitlines() if len(cells := row.split("|")) == 6]
        found = [quote for cell in lines for quote in re.findall(r"`([^`]+)`", cell)]
        self.assertGreater(len(found), 4)
        for quote in found:
            self.assertIn(quote.split(": Too many")[0], sources)


if __name__ == "__main__":
    unittest.main()
