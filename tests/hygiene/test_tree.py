"""What lies in the repository: nothing but what belongs there, in files that one can read through."""

import re
import unittest

import tree

TOP = {"CMakeLists.txt", "CMakePresets.json", "Makefile", "README.md", "LICENSE", ".clang-format", ".clang-tidy",
       ".editorconfig", ".gitignore", ".ci", "gateway", "auth", "store", "bench", "tests", "configs", "docs"}
LINES = 400

# Paths of the machine something was made on, and package indexes, have no place in what others build.
MACHINE_PATH = re.compile(r"(?<![\w.$}/:-])/(?:home|root|Users|work|opt/build)/[\w.-]+")
# Hosts that a committed file may name: reserved for examples (RFC 2606, RFC 6761) or nearly so, and references.
HOST = re.compile(r"\b(?:https?|ftp)://(?:[^\s/@\"'<>]*@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
KNOWN_HOSTS = re.compile(r"(?:.*\.)?(?:example(?:\.(?:com|org|net))?|test|localhost|invalid|kwik\.co\.za|w3\.org|"
                         r"rfc-editor\.org|ietf\.org|json-schema\.org|svc\.cluster\.local|github\.com|[\d.]+|a\.b|evil|exampl)", re.IGNORECASE)


class TreeTest(unittest.TestCase):
    def wrong(self, pattern, is_wrong=lambda match: True):
        found = []
        for path in tree.files():
            if (content := tree.text(path)) is not None and path.name != "test_tree.py":
                found += [f"{path}: {match.group()}" for match in pattern.finditer(content) if is_wrong(match)]
        return found

    def test_the_top_level_has_what_it_should(self):
        self.assertEqual({path.parts[0] for path in tree.files()} - TOP, set())

    def test_files_are_short_enough_to_read_through(self):
        lengths = {str(path): len(tree.text(path).splitlines())
                   for path in tree.with_suffix(".hpp", ".cpp", ".py", ".sh", ".cmake", ".js", ".css", ".html")}
        self.assertEqual({path for path, lines in lengths.items() if lines > LINES}, set(), "split it by what it does")

    def test_no_file_names_the_machine_it_was_made_on(self):
        self.assertEqual(self.wrong(MACHINE_PATH), [])

    def test_no_file_names_a_host_that_is_not_for_examples(self):
        self.assertEqual(self.wrong(HOST, lambda match: not KNOWN_HOSTS.fullmatch(match.group(1))), [])

    def test_every_header_is_included_once(self):
        self.assertEqual([str(path) for path in tree.with_suffix(".hpp")
                          if not tree.text(path).startswith("#pragma once\n")], [])

    def test_text_ends_with_a_newline_and_has_no_tabs_or_spaces_at_line_ends(self):
        for path in tree.with_suffix(".hpp", ".cpp", ".py", ".md", ".json", ".cmake", ".sh"):
            if "corpus" in path.parts:
                continue
            content = tree.text(path)
            self.assertTrue(content == "" or content.endswith("\n"), path)
            self.assertIsNone(re.search(r"[ \t]+$", content, re.MULTILINE), path)
            self.assertNotIn("\t", content, path)
            self.assertNotIn("\r\n", content, path)


if __name__ == "__main__":
    unittest.main()
