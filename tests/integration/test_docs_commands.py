"""Every kwikgate command that a page or a script shows is one that the binary takes, and every example configuration fits the schema."""

import json
import pathlib
import re
import shlex
import subprocess
import unittest

from commands import command, complaints, every_command
from json_schema import problems_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(path for folder in ("docs", "configs", "tests", "bench", "store", "auth", "gateway")
                                      for path in (ROOT / folder).rglob("*.md") if "node_modules" not in path.parts)])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shell_lines(text):
    """Lines of blocks, fenced or indented, with what they continue on."""
    blocks = [body for kind, body in FENCE.findall(text) if kind in ("", "sh")]
    indented = re.findall(r"^    (?![ -]).*(?:\n     .*)*", FENCE.sub("", text), re.MULTILINE)
    for block in blocks + indented:
        yield from re.sub(r"\\\n", " ", block).splitlines()


def kwikgate_calls(line):
    """The arguments of each kwikgate command in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return
    call, begins = None, True
    for word in [*words, ";"]:
        if re.fullmatch(r"[|&;<>()]+", word):
            if call is not None:
                yield call
            call, begins = None, True
        elif call is not None:
            call.append(word)
        elif begins and re.fullmatch(r"(?:[^=]*/)?kwikgate", word):
            call = []
        else:
            begins = begins and "=" in word


class DocsCommandsTest(unittest.TestCase):
    def test_help_is_understood(self):
        self.assertGreater(len(list(every_command())), 35)
        self.assertEqual(complaints(["token", "create", "--name", "a", "--section", "b", "--store", "c"]), [])
        for wrong in ("tokn", "token", "token create --store a", "token create --name a --section b", "token list --store a b",
                      "token list --store a --colour", "serve --config", "sign GET"):
            self.assertNotEqual(complaints(wrong.split()), [], wrong)

    def test_commands_in_blocks_are_taken(self):
        found = [(path.name, call) for path in PAGES for line in shell_lines(path.read_text())
                 if line.strip() and not line.strip().startswith("#") for call in kwikgate_calls(line)]
        self.assertGreater(len(found), 20)
        self.assertEqual([(name, " ".join(call), wrong) for name, call in found if (wrong := complaints(call))], [])

    def test_commands_in_the_text_are_there(self):
        found = [(path.name, call) for path in PAGES for quote in re.findall(r"`(kwikgate [^`]+)`", FENCE.sub("", path.read_text()))
                 for call in kwikgate_calls(quote)]
        self.assertGreater(len(found), 40)
        self.assertEqual([(name, " ".join(call), wrong) for name, call in found if (wrong := complaints(call, is_whole=False))], [])

    def test_commands_that_messages_advise_are_there(self):
        sources = "".join(re.sub(r'"\s*\n\s*"', "", path.read_text()) for path in ROOT.glob("gateway/**/*.cpp"))
        found = re.findall(r"'kwikgate ([a-z][^'\"\n]*)['\"]", sources)
        self.assertGreater(len(found), 5)
        self.assertEqual([(text, wrong) for text in found if (wrong := complaints(text.split(), is_whole=False))], [])

    def test_commands_of_packaging_are_taken(self):
        text = "\n".join((ROOT / path).read_text() for path in ("configs/docker/Dockerfile", "configs/package/postinst",
                                                                 "configs/systemd/kwikgate.service"))
        calls = [call.split('"')[0] for call in re.findall(r"(?:^|[ /])kwikgate ((?:serve|store|check|token|admin) .*)", text, re.MULTILINE)]
        self.assertGreater(len(calls), 2)
        self.assertEqual([(call, wrong) for call in calls if (wrong := complaints(shlex.split(call), is_whole=False))], [])

    def test_the_manual_pages_have_every_command(self):
        listed = command().commands
        for name in re.findall(r"kwikgate-([a-z-]+)\(1\)", (ROOT / "configs/systemd/kwikgate.service").read_text()):
            self.assertIn(name, listed)

    def test_example_configurations_fit_the_schema(self):
        schema = json.loads((ROOT / "configs/schema.json").read_text())
        seen = 0
        for path in PAGES:
            for kind, body in FENCE.findall(path.read_text()):
                if kind != "json" or path.name in ("errors.md", "admin-api.md"):
                    continue
                is_fragment = not body.lstrip().startswith("{")
                if "…" in body or "..." in body:
                    continue
                value = json.loads("{" + body + "}" if is_fragment else body)
                if not is_fragment and "listeners" not in value:
                    continue
                part = {name: rest for name, rest in schema.items() if name not in ("required", "anyOf") or not is_fragment}
                seen += 1
                with self.subTest(path.name):
                    self.assertEqual(problems_of(value, part, schema), [])
        self.assertGreater(seen, 2)

    def test_scripts_in_blocks_parse(self):
        for path in PAGES:
            for kind, body in FENCE.findall(path.read_text()):
                if kind == "sh":
                    done = subprocess.run(["sh", "-n"], input=body, text=True, capture_output=True, check=False)
                    self.assertEqual((done.returncode, done.stderr), (0, ""), path.name)


if __name__ == "__main__":
    unittest.main()
