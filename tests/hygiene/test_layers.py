"""Dependencies run one way, and each library is seen only where it is used: by the include lines of every source."""

import re
import unittest

import tree

SOURCES = [path for path in tree.with_suffix(".hpp", ".cpp") if path.parts[0] in ("store", "auth", "gateway")]

# Which layers a layer may use.
LAYERS = {"store": {"store"}, "auth": {"store", "auth"}, "gateway": {"store", "auth", "gateway"}}

# Where a library's headers may be included: folders, or files without their suffix.
LIBRARIES = {
    "lmdb.h": ["store"],
    "openssl/": ["auth", "gateway/net", "gateway/proxy", "gateway/admin", "gateway/sandbox"],
    "boost/asio": ["gateway/net", "gateway/proxy", "gateway/admin", "gateway/sandbox", "gateway/running_app"],
    "boost/beast": ["gateway/admin", "gateway/sandbox"],
    "simdjson.h": ["gateway/config", "gateway/json", "gateway/http/json_check", "gateway/cli", "gateway/admin", "gateway/sandbox"],
    "spdlog/": ["gateway/telemetry/log"],
    "prometheus/": ["gateway/telemetry", "gateway/admin"],
    "CLI/": ["gateway/cli"],
    "sys/socket.h": ["gateway/net", "gateway/proxy", "gateway/admin", "gateway/sandbox"],
    "sys/epoll.h": ["gateway/net"],
    "netdb.h": ["gateway/net", "gateway/proxy"],
    "netinet/": ["gateway/net", "gateway/proxy"],
}

# What is sans-I/O, and which other parts of the gateway it may include.
SANS_IO = {
    "gateway/config": ["gateway/config", "gateway/http"],
    "gateway/http": ["gateway/config", "gateway/http"],
    "gateway/pasted": ["gateway/config/config", "gateway/json/capture_entry", "gateway/pasted", "gateway/pipeline/saved_text",
                       "gateway/telemetry/redaction"],
    "gateway/pipeline": ["gateway/config", "gateway/http", "gateway/pipeline", "gateway/proxy/upstream",
                         "gateway/net/listener_settings", "gateway/telemetry"],
}


def included(path):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', tree.text(path), re.MULTILINE)


def is_within(name, places):
    """Whether a path lies in one of the folders, or is one of the files."""
    stem = re.sub(r"\.[hc]pp$", "", str(name))
    return any(stem == place or stem.startswith(place + "/") for place in places)


class LayersTest(unittest.TestCase):
    def check(self, is_allowed):
        wrong = [f"{path} includes {header}" for path in SOURCES for header in included(path)
                 if not is_allowed(path, header)]
        self.assertEqual(wrong, [])

    def test_there_is_something_to_check(self):
        for layer in LAYERS:
            self.assertGreater(len([path for path in SOURCES if path.parts[0] == layer]), 20, layer)
        self.assertGreater(sum(len(included(path)) for path in SOURCES), 1000)

    def test_layers_use_only_those_below_them(self):
        layers = {*LAYERS, "tests", "bench"}
        self.check(lambda path, header: header.split("/")[0] not in layers
                   or header.split("/")[0] in LAYERS[path.parts[0]])

    def test_libraries_are_seen_only_where_they_are_used(self):
        self.check(lambda path, header: all(is_within(path, places) for library, places in LIBRARIES.items()
                                            if header.startswith(library)))

    def test_sans_io_parts_include_no_sockets(self):
        self.check(lambda path, header: not header.startswith("gateway/")
                   or all(is_within(header, allowed) for part, allowed in SANS_IO.items() if is_within(path, [part])))

    def test_own_headers_are_named_from_the_root(self):
        self.check(lambda path, header: not header.startswith(".") and (
            not header.endswith(".hpp") or header.startswith(("boost/", "CLI/", "lmdb", "prometheus/"))
            or (tree.ROOT / header).is_file() or header.startswith("gtest")))


if __name__ == "__main__":
    unittest.main()
