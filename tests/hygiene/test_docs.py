"""What the documentation names is there: files, links, symbols, tests, options, configuration keys, metrics, reasons."""

import fnmatch
import functools
import re
import unittest

import tree

PAGES = [path for path in tree.with_suffix(".md")]
# Where the sources are explained: what stands in code quotes there is meant to be found in them.
TOURS = [path for path in PAGES if path.name in ("architecture.md", "life-of-a-request.md", "threat-model.md", "contributing.md")
         or path.parent.name == "adr" or path.name == "README.md"]
SOURCES = [path for path in tree.files() if path.suffix in (".hpp", ".cpp", ".py", ".txt", ".json", ".cmake", ".sh", ".yml")
           or path.parts[0] == ".ci" or path.name in ("Makefile", ".clang-tidy")]
WORD = re.compile(r"[A-Za-z_]\w*")
# Of other people's programs.
FOREIGN = {"async_read_some", "basic_parser", "secure_memcmp"}


def prose(path):
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", tree.text(path), flags=re.MULTILINE | re.DOTALL)


@functools.cache
def headings(path):
    """The anchors that a page has, as GitHub makes them."""
    return {re.sub(r"[^a-z0-9_ -]", "", head.lower()).replace(" ", "-")
            for head in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)}


@functools.cache
def reasons_of_the_table():
    body = re.search(r"enum class Reason[^{]*\{(.*?)\};", tree.text("auth/decision.hpp"), re.DOTALL).group(1)
    return set(re.findall(r"^\s+([a-z_]+),", body, re.MULTILINE)) - {"none"}


def quoted(pages, pattern):
    """(page, match) for every code quote that the pattern matches whole."""
    return [(page, match) for page in pages for quote in re.findall(r"`([^`\n]+)`", prose(page))
            if (match := re.fullmatch(pattern, quote))]


@functools.cache
def source_texts():
    return {path: tree.text(path) or "" for path in SOURCES if path.suffix != ".json" or path.parts[0] == "configs"}


@functools.cache
def source_words():
    return {word for text in source_texts().values() for word in WORD.findall(text)}


@functools.cache
def test_names():
    """Class.test_name and Suite.Name of everything that runs."""
    names = set()
    for path, text in source_texts().items():
        if path.parts[0] != "tests":
            continue
        names |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", text, re.MULTILINE)}
        owner = None
        for line in text.splitlines():
            if found := re.match(r"class (\w+)", line):
                owner = found.group(1)
            elif found := re.match(r"    def (test_\w+)", line):
                names.add(f"{owner}.{found.group(1)}")
    return names


@functools.cache
def configuration_keys():
    return set(re.findall(r"^\| `([\w.$*\[\]]+)` \|", tree.text("docs/configuration.md"), re.MULTILINE))


def declares(text, owner):
    return re.search(rf"\b(?:class|struct|enum class|namespace)\s+(?:\w+::)*{owner}\b", text) is not None


def has_member(owner, member):
    whole = re.compile(rf"\b{owner}::~?{member}\b")
    word = re.compile(rf"\b{member}\b")
    return any(whole.search(text) or declares(text, owner) and word.search(text) for text in source_texts().values())


class DocsTest(unittest.TestCase):
    def check(self, found, is_right):
        self.assertGreater(len(found), 0)
        self.assertEqual(sorted({f"{page}: {match.group()}" for page, match in found if not is_right(match)}), [])

    def test_links_lead_to_files(self):
        found = [(page, match) for page in PAGES for match in re.finditer(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", prose(page))
                 if not match.group(1).startswith(("http:", "https:"))]
        for page, match in found:
            self.assertTrue((tree.ROOT / page.parent / match.group(1)).exists(), f"{page}: {match.group(1)}")
        self.assertGreater(len(found), 5)

    def test_links_lead_to_headings(self):
        found = [(page, match) for page in PAGES for match in re.finditer(r"\]\(([^)#\s]*)#([\w-]+)\)", prose(page))
                 if not match.group(1).startswith(("http:", "https:"))]
        for page, match in found:
            target = (tree.ROOT / page.parent / match.group(1)).resolve() if match.group(1) else tree.ROOT / page
            self.assertIn(match.group(2), headings(target), f"{page}: {match.group()}")
        self.assertGreater(len(found), 60)

    def test_drawings_show_what_is_in_the_sources_and_on_their_page(self):
        drawing, page = tree.text("docs/life-of-a-request.svg"), tree.text("docs/life-of-a-request.md")
        places = re.findall(r'>(\w+::\w+)</text>\s*<text[^>]*>([\w/]+\.cpp)</text>', drawing)
        self.assertGreater(len(places), 10)
        for symbol, file in places:
            self.assertRegex(tree.text("gateway/" + file), rf"(?m)^\S.*\b{symbol}\(", file)
        # What a phase draws stands in its section, and the other way; a part of a word has an ellipsis.
        reasons = reasons_of_the_table()
        sections = dict(re.findall(r"^## (\d+)\. .*?\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL))
        phases = re.split(r'<text class="mid"[^>]*>(\d+)\. ', drawing)[1:]
        for number, text in zip(phases[::2], phases[1::2]):
            words = " ".join(re.findall(r'<text class="no"[^>]*>([^<]*)<', text)).split()
            drawn = [re.compile(word.replace("…", "\\w+")) for word in words if "_" in word or word in reasons]
            rows = re.findall(r"^\| (`.*?) \|", sections[number], re.MULTILINE)
            named = reasons & set(WORD.findall("\n".join(rows) or sections[number]))
            if "more" not in words:
                self.assertEqual({word for word in named if not any(one.fullmatch(word) for one in drawn)}, set(), number)
            said = reasons & set(WORD.findall(sections[number]))
            self.assertEqual([one.pattern for one in drawn if not any(map(one.fullmatch, said))], [], number)

    def test_paths_exist(self):
        ignored = {line.strip("/") + "/" for line in tree.text(".gitignore").splitlines()}
        tops = "|".join(re.escape(top) for top in ("gateway", "auth", "store", "tests", "bench", "configs", "docs", ".ci"))
        self.check(quoted(PAGES, rf"((?:{tops})/[\w./*-]*)"),
                   lambda match: match.group(1) in ignored
                   or any(tree.ROOT.glob(match.group(1).rstrip("/"))) or any(tree.ROOT.glob(match.group(1) + "*.md")))

    def test_folder_pages_name_what_is_in_the_folder(self):
        named = 0
        for page in PAGES:
            if page.name != "README.md" or str(page.parent) not in ("store", "auth", "gateway", "tests", "configs"):
                continue
            patterns = [name for row in re.findall(r"^\| ([^|]*`[^|]*) \|", prose(page), re.MULTILINE)
                        for name in re.findall(r"`([\w./*-]+)`", row)]
            named += len(patterns)
            for pattern in patterns:
                self.assertTrue(any((tree.ROOT / page.parent).glob(pattern.rstrip("/"))) or "/" in pattern, f"{page}: {pattern}")
            if str(page.parent) in ("store", "auth"):
                lacking = {path.name for path in tree.with_suffix(".hpp", ".cpp") if path.parent == page.parent
                           and not any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns)}
                self.assertEqual(lacking, set(), page)
        self.assertGreater(named, 40)

    def test_symbols_exist(self):
        self.check(quoted(TOURS, r"(\w+)(?:::(\w+))+(?:\(\))?"),
                   lambda match: has_member(*match.group().removesuffix("()").split("::")[-2:]))
        self.check(quoted(TOURS, r"([A-Z][a-z]+[A-Za-z]*|[a-z]+_[a-z_]+|k[A-Z]\w+)(?:\(\))?"),
                   lambda match: match.group(1) in source_words() | FOREIGN)

    def test_named_tests_exist(self):
        self.check(quoted(PAGES, r"([A-Z]\w+\.(?:test_\w+|[A-Z]\w+))"), lambda match: match.group(1) in test_names())

    def test_configuration_keys_exist(self):
        tops = "|".join(sorted({re.split(r"[.\[]", key)[0] for key in configuration_keys() if key != "$schema"}))
        self.check(quoted(PAGES, rf"((?:{tops})(?:\[\])?\.[\w.*\[\]]+)"),
                   lambda match: match.group(1) in configuration_keys() or re.search(r"\.(?:hpp|cpp|json|py|md|state)$", match.group(1)))

    def test_metrics_exist(self):
        metrics = set(re.findall(r'\{"(\w+)",', tree.text("gateway/telemetry/metric_catalogue.cpp")))
        targets = {word for path, text in source_texts().items() if path.name == "CMakeLists.txt" for word in WORD.findall(text)}
        self.check(quoted(PAGES, r"(kwikgate_\w+)"), lambda match: match.group(1) in metrics | targets
                   or re.sub(r"_(?:bucket|sum|count)$", "", match.group(1)) in metrics)

    def test_options_exist(self):
        sources = "\n".join(text for path, text in source_texts().items() if path.suffix != ".md")
        found = [(page, match) for page in PAGES for quote in re.findall(r"`([^`\n]+)`", prose(page))
                 if quote.startswith(("kwikgate", "--")) for match in re.finditer(r"--[a-z][a-z-]+", quote)]
        self.check(found, lambda match: match.group() in sources)

    def test_what_the_upstream_gets_is_what_is_written(self):
        section = re.search(r"^### What the upstream gets\n(.*?)^\| Never forwarded", tree.text("docs/configuration.md"), re.MULTILINE | re.DOTALL).group(1)
        named = {name for row in re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
        sources = tree.text("gateway/http/forwarding.cpp") + tree.text("gateway/http/identity_signature.cpp")
        written = set(re.findall(r'"(Host|Via|Content-Length|Transfer-Encoding|X-(?:Kwik|Forwarded|Request)-[\w-]+|traceparent)(?:: [^"]*)?"', sources))
        self.assertGreater(len(written), 10)
        self.assertEqual(named, written)

    def test_commands_exist(self):
        known = {word for path, text in source_texts().items() if path.parts[:2] == ("gateway", "cli")
                 for word in re.findall(r'"([a-z][a-z-]*)"', text)}
        found = quoted(PAGES, r"kwikgate ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?(?: .*)?")
        self.check(found, lambda match: all(word in known for word in match.groups() if word))

    def test_every_reason_has_a_place_in_the_life_of_a_request(self):
        named = {word for quote in re.findall(r"`([^`\n]+)`", prose(tree.ROOT.joinpath("docs/life-of-a-request.md").relative_to(tree.ROOT)))
                 for word in WORD.findall(quote)}
        reasons = reasons_of_the_table()
        self.assertGreater(len(reasons), 40)
        self.assertEqual(reasons - named, set())


if __name__ == "__main__":
    unittest.main()
