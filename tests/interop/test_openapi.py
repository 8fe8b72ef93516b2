"""Routes made from the OpenAPI documents of other projects, and compared with them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BINARY = os.environ["KWIKGATE_BIN"]
DOCUMENTS = pathlib.Path(__file__).parent / "node_modules" / ".documents"
OWN = pathlib.Path(__file__).resolve().parents[2] / "gateway" / "admin" / "openapi.json"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}


def kwikgate(*arguments, stdin=None):
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60)


def operations(document):
    """(METHOD, shape of the path), by a second reading of the document."""
    found = set()
    for path, item in document["paths"].items():
        shape = re.sub(r"\{[^}]*\}", "{}", re.sub(r"[?#].*", "", path))
        found |= {(method.upper(), shape) for method in item if method in METHODS}
    return found


class OpenApiTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def imported(self, document, *flags):
        done = kwikgate("routes", "from-openapi", document, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["routes"], done.stderr

    def imported_text(self, document, *flags):
        file = self.folder / "text.json"
        file.write_text(json.dumps(document))
        routes, said = self.imported(file, *flags)
        return [(route["method"], route["path"]) for route in routes], said

    def config_with(self, routes):
        sections = sorted({route["section"] for route in routes})
        seed = {"customers", "payments", "transactions", "recipients", "payouts", "orders"}
        file = self.folder / "kwikgate.json"
        file.write_text(json.dumps({
            "listeners": [{"address": "127.0.0.1:0"}], "upstreams": {"api": {"servers": ["http://127.0.0.1:9"]}},
            "environments": {"live": "api"}, "sections": [name for name in sections if name and name not in seed],
            "routes": routes}))
        return file

    def compared(self, document, routes, *flags):
        done = kwikgate("routes", "check", document, "--config", self.config_with(routes), "--json", *flags)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual(found["ok"], done.returncode == 0)
        return found

    def documents(self):
        yield "okta.json", DOCUMENTS / "okta.json", 300  # Swagger 2.0
        yield "dialogporten.json", DOCUMENTS / "dialogporten.json", 40  # OpenAPI 3.0, with a byte order mark
        yield "our own", OWN, 20  # OpenAPI 3.1

    def test_every_operation_of_a_real_document_becomes_one_route(self):
        for name, file, least in self.documents():
            with self.subTest(name):
                routes, _ = self.imported(file, "--base-path", "")
                expected = operations(json.loads(file.read_text(encoding="utf-8-sig")))
                self.assertGreater(len(expected), least)
                made = [(route["method"], re.sub(r"\{[^}]*\}", "{}", route["path"])) for route in routes]
                self.assertEqual(len(made), len(set(made)))
                self.assertEqual(set(made), expected)
                for route in routes:
                    self.assertEqual(route["access"], "read" if route["method"] in ("GET", "HEAD", "OPTIONS") else "write")
                    self.assertIs(route["inferred"], True)
                    self.assertRegex(route["section"], r"^[a-z0-9][a-z0-9-]{0,63}$")

    def test_what_was_made_is_a_configuration_that_agrees_with_its_document(self):
        for name, file, _ in self.documents():
            with self.subTest(name):
                routes, _ = self.imported(file)
                found = self.compared(file, routes)
                self.assertEqual((found["operations_without_route"], found["routes_without_operation"]), ([], []))

    def test_what_differs_is_named(self):
        routes, _ = self.imported(DOCUMENTS / "okta.json")
        removed = routes.pop(next(i for i, route in enumerate(routes) if route["path"] == "/api/v1/apps/{appId}"
                                  and route["method"] == "PUT"))
        routes.append({**removed, "method": "POST", "path": "/api/v1/gone/{id}"})
        found = self.compared(DOCUMENTS / "okta.json", routes)
        self.assertEqual(found["operations_without_route"], ["PUT /api/v1/apps/{appId}"])
        self.assertEqual(found["routes_without_operation"], ["POST /api/v1/gone/{id}"])

    def test_a_wildcard_covers_what_lies_below_it(self):
        routes = [{"method": method, "path": "/*", "section": "all"}
                  for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
        found = self.compared(DOCUMENTS / "dialogporten.json", routes)
        self.assertEqual(found["operations_without_route"], [])

    def test_look_ups_that_are_posted_are_pointed_out(self):
        _, said = self.imported(DOCUMENTS / "okta.json")
        self.assertIn("POST /api/v1/users/{userId}/factors/{factorId}/verify looks like a look-up (verify)", said)
        routes, _ = self.imported(DOCUMENTS / "okta.json")
        found = self.compared(DOCUMENTS / "okta.json", routes)
        self.assertIn("POST /api/v1/users/{userId}/factors/{factorId}/verify (verify)", found["possible_lookups"])
        for route in routes:
            if route["path"].endswith("/verify"):
                route["access"] = "read"
        found = self.compared(DOCUMENTS / "okta.json", routes)
        self.assertEqual([line for line in found["possible_lookups"] if "/verify" in line], [])

    def test_the_base_path_is_the_servers_or_the_one_that_is_said(self):
        document = {"openapi": "3.1.0", "servers": [{"url": "https://{host}/{version}/", "variables": {
            "host": {"default": "api.example.com"}, "version": {"default": "v2"}}}],
            "paths": {"/pets/{pet-id}": {"get": {"tags": ["Pet Shop"]}}, "/files/{name}.json": {"post": {}},
                      "/pets/{id}": {"get": {}}, "/a//b": {"get": {}}, "/t": {"trace": {}}, "/r": {"$ref": "x.json"}, "/s": {"$ref": "#/paths/nowhere"}}}
        file = self.folder / "api.json"
        file.write_text(json.dumps(document))
        routes, said = self.imported(file)
        self.assertEqual([(route["method"], route["path"], route["section"]) for route in routes],
                         [("GET", "/v2/pets/{pet_id}", "pet-shop"), ("POST", "/v2/files/{name}", "files")])
        for note in ('"/pets/{pet-id}" is taken as /v2/pets/{pet_id}', '"/files/{name}.json" is taken as',
                     '"/pets/{id}" GET is the same route as /v2/pets/{pet_id}', '"/a//b" holds an empty segment',
                     '"/t" TRACE is no method of a route', '"/r" is a $ref to x.json, which is not in this document',
                     '"/s" is a $ref to #/paths/nowhere, which', "2 routes below /v2."):
            self.assertIn(note, said)
        routes, _ = self.imported(file, "--base-path", "/3.0")
        self.assertEqual(routes[0]["path"], "/3.0/pets/{pet_id}")

    def test_a_path_or_an_operation_may_have_servers_of_its_own(self):
        documents = {"/v1": {"servers": [{"url": "//api.example.com/v1/"}]}, "/v2": {"servers": [{"url": "v2"}]},
                     "/v3": {"servers": [{"url": "./v3?x=1"}, {"url": "https://other.example/v3"}]}, "": {"servers": [{"url": "."}]}}
        for base, document in documents.items():
            routes, said = self.imported_text({"openapi": "3.0.0", **document, "paths": {
                "/a": {"get": {}, "post": {"servers": [{"url": "https://upload.example.com/up"}]}},
                "/b": {"servers": [{"url": "/other"}], "get": {}}}})
            self.assertEqual(routes, [("GET", base + "/a"), ("POST", "/up/a"), ("GET", "/other/b")])
            self.assertIn('"/a" POST is taken as /up/a\n"/b" is taken as /other/b\n3 routes', said)
            self.assertNotIn("--base-path", said)
        document["servers"] = [{"url": "/one"}, {"url": "/two"}]
        _, said = self.imported_text({"swagger": 2.0, **document, "paths": {"/a": {"get": {}}}})
        self.assertIn('servers have the base paths "/one" and "/two": the first is taken, --base-path says another', said)
        routes, said = self.imported_text({"swagger": "2.0", "basePath": "v1", "paths": {"/b": {"servers": [{"url": "/other"}], "get": {}}}},
                                          "--base-path", "/said")
        self.assertEqual(routes, [("GET", "/said/b")])

    def test_a_reference_is_followed_within_the_document(self):
        item = {"get": {}, "put": {}}
        document = {"openapi": "3.1.0", "components": {"pathItems": {"Pet": item, "Again": {"$ref": "#/components/pathItems/Pet"},
                                                                    "Round": {"$ref": "#/components/pathItems/Round"}}},
                    "paths": {"/a/{id}": {"$ref": "#/components/pathItems/Again", "delete": {}}, "/x/{id}": {"post": {}},
                              "/b/{id}": {"$ref": "#/paths/~1x~1%7Bid%7D"}, "/round": {"$ref": "#/components/pathItems/Round"}}}
        routes, said = self.imported_text(document)
        self.assertEqual(routes, [("GET", "/a/{id}"), ("PUT", "/a/{id}"), ("DELETE", "/a/{id}"), ("POST", "/x/{id}"), ("POST", "/b/{id}")])
        self.assertEqual(said.splitlines()[0], '"/round" is a $ref to #/components/pathItems/Round, which is not in this document')

    def test_what_is_no_document_is_refused_with_what_to_do(self):
        for text, message in (("", "is no JSON object"), ("[]", "is no JSON object"), ("{}", "is no OpenAPI document"),
                              ('{"openapi":"3.1.0","webhooks":{}}', "has no paths"), ('{"openapi":"4.0.0","paths":{}}', "is no OpenAPI document"),
                              ('{"openapi":"3.0.0","paths":{}}', "has no operations"),
                              ('{"openapi":"3.0.0","paths":' + '{"a":' * 2000 + "1" + "}" * 2001, "is no JSON object")):
            done = kwikgate("routes", "from-openapi", "-", stdin=text)
            self.assertEqual((done.returncode, done.stdout), (1, ""), text)
            self.assertIn(message, done.stderr)
        done = kwikgate("routes", "from-openapi", DOCUMENTS / "blockfrost.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("yq . FILE", done.stderr)


if __name__ == "__main__":
    unittest.main()
