"""What the blocks and the text of the pages name beside commands of kwikgate: make targets, presets, scripts, variables, calls, installed files."""

import json
import re
import unittest

import tree

PAGES = tree.with_suffix(".md")
SHELL = re.compile(r"^```(?:sh)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^    (?![ -]).*", re.MULTILINE)


def blocks(path):
    text = tree.text(path)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join(SHELL.findall(text) + INDENTED.findall(rest))


def found(pattern, of_text=tree.text):
    return [(str(path), match) for path in PAGES for match in re.findall(pattern, of_text(path), re.MULTILINE)]


def commands(path):
    """Blocks and code quotes."""
    return blocks(path) + "\n" + "\n".join(re.findall(r"`([^`\n]+)`", tree.text(path)))


class DocBlocksTest(unittest.TestCase):
    def check(self, names, known, least):
        self.assertGreaterEqual(len(names), least)
        self.assertEqual([(page, name) for page, name in names if name not in known], [])

    def test_make_targets(self):
        self.check(found(r"^\s*make ([a-z][a-z-]*)", commands), re.findall(r"^([a-z-]+):", tree.text("Makefile"), re.MULTILINE), 15)

    def test_presets_and_targets_of_cmake(self):
        presets = json.loads(tree.text("CMakePresets.json"))
        self.check(found(r"--preset ([\w-]+)", commands), [one["name"] for one in presets["configurePresets"]], 3)
        lists = "\n".join(tree.text(path) for path in tree.files() if path.name == "CMakeLists.txt" or path.suffix == ".cmake")
        options = set(re.findall(r"(?:option|set)\((KWIKGATE_\w+)", lists))
        self.check(found(r"-D(KWIKGATE_\w+)=", commands), options, 2)
        targets = [(page, name) for page, names in found(r"--target ((?:[\w./]+ ?)+)", commands) for name in names.split()]
        self.check(targets, re.findall(r"\b\w+\b", lists) + [path.stem for path in tree.files() if path.name.endswith("_fuzz.cpp")], 2)

    def test_files_that_blocks_name(self):
        tops = "gateway|auth|store|tests|bench|configs|docs|\\.ci"
        self.check(found(rf"(?<![\w/.-])((?:{tops})/[\w./-]+)", blocks),
                   [str(path) for path in tree.files()] + ["bench/report"] + sorted({str(path.parent) for path in tree.files()}), 4)

    def test_variables_of_the_environment(self):
        sources = "\n".join(tree.text(path) or "" for path in tree.files() if path.suffix in (".cpp", ".hpp", ".py", ".txt", ".sh", ".cmake"))
        names = found(r"\b(KWIKGATE_[A-Z_]+)\b")
        self.check(names, {name for _, name in names if re.search(rf"\b{name}\b", sources)}, 5)

    def test_calls_of_the_admin_api(self):
        paths = [re.escape(path) for path in json.loads(tree.text("gateway/admin/openapi.json"))["paths"]]
        served = re.compile("|".join(re.sub(r"\\\{\w+\\\}", r"[^/]+", path) for path in paths) + "|/api/v1/openapi.json")
        calls = found(r"`(?:GET|POST|PATCH|DELETE) (/(?!2\.0)[^\s`?]*)")
        calls += [(page, "/api/v1" + path) for page, path in found(r'"\$base(/[^"?]+)')]
        self.check(calls, {path for _, path in calls if served.fullmatch(path)}, 10)

    def test_installed_files(self):
        packaged = "\n".join(tree.text(path) for path in tree.files() if str(path.parent) in ("configs/package", "configs/systemd", "configs/docker"))
        names = found(r"(/(?:etc|var/lib|var/log|usr/share)/kwikgate(?:/[\w.-]+\w)?)", lambda path: tree.text(path) if path.name == "operations.md" else "")
        installed = {"/usr/share/kwikgate", "/etc/kwikgate"} | set(re.findall(r"/(?:etc|var/lib|var/log|usr/share)/kwikgate(?:/[\w.-]+\w)?", packaged))
        self.check([(page, name.removesuffix(".broken")) for page, name in names], installed, 8)

    def test_units(self):
        units = [path.name for path in tree.files() if str(path.parent) == "configs/systemd"]
        self.check(found(r"(?<![\w/.])(kwikgate\.(?:service|socket))\b"), units, 5)

    def test_alerts_and_metrics_in_blocks(self):
        metrics = set(re.findall(r'\{"(\w+)",', tree.text("gateway/telemetry/metric_catalogue.cpp")))
        self.assertGreater(len(metrics), 40)
        names = [(page, re.sub(r"_(?:bucket|sum|count)$", "", name)) for page, name in found(r"\b(kwikgate_\w+_(?:total|seconds|bytes|entries))\b")]
        self.check(names, metrics, 20)

    def test_no_folder_page_is_longer_than_a_screen_or_two(self):
        for path in PAGES:
            if path.name == "README.md" and path.parts[0] in ("store", "auth", "gateway", "tests", "configs"):
                self.assertLessEqual(tree.text(path).count("\n"), 45, path)


if __name__ == "__main__":
    unittest.main()
