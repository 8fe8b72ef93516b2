"""`kwikgate routes`: what a document has and a route cannot is told, and one version of several can be compared."""

import json
import pathlib
import tempfile
import unittest

from support import run_kwikgate

KWIK = pathlib.Path(__file__).parents[2] / "configs"


class RoutesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def document(self, paths, **more):
        file = self.folder / "api.json"
        file.write_text(json.dumps({"openapi": "3.1.0", "paths": {path: {"get": {}} for path in paths}, **more}))
        return file

    def imported(self, *paths):
        done = run_kwikgate("routes", "from-openapi", self.document(paths))
        self.assertEqual(done.returncode, 0, done.stderr)
        return [route["path"] for route in json.loads(done.stdout)["routes"]], done.stderr

    def config(self, routes, *files):
        for file in files:
            (self.folder / file).write_text((KWIK / file).read_text())
        config = self.folder / "kwikgate.json"
        config.write_text(json.dumps({
            "listeners": [{"address": "127.0.0.1:0"}], "upstreams": {"api": {"servers": ["http://127.0.0.1:9"]}},
            "environments": {"live": "api"}, "routes": [{"method": "GET", "path": path} for path in routes], "routes_files": list(files)}))
        return config

    def compared(self, paths, routes, *flags, code=1):
        done = run_kwikgate("routes", "check", self.document(paths), "--config", self.config(routes), "--json", *flags)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        found = json.loads(done.stdout)
        return found["operations_without_route"], found["routes_without_operation"]

    def test_a_query_and_a_fragment_that_are_left_out_are_told(self):
        paths, said = self.imported("/a?type=x", "/b#part")
        self.assertEqual(paths, ["/a", "/b"])
        for path in ("/a", "/b"):
            self.assertIn(f'"{path}" has a query or a fragment in the document, which no route has: it is left out', said)
        _, said = self.imported("/a?type=x", "/a?type=y")
        self.assertIn("GET is the same route as /a", said)
        self.assertNotIn("fragment", self.imported("/a")[1])

    def test_a_parameter_for_the_rest_of_a_path_becomes_a_star(self):
        for name in ("{proxy+}", "{+path}", "{path*}", "{path...}"):
            paths, said = self.imported("/files/" + name)
            self.assertEqual(paths, ["/files/*"])
            self.assertIn(f'"/files/{name}" is taken as /files/*', said)
        paths, said = self.imported("/files/{proxy+}/meta", "/b")
        self.assertEqual(paths, ["/b"])
        self.assertIn('"/files/{proxy+}/meta"', said)

    def test_no_more_routes_are_printed_than_a_configuration_takes(self):
        self.assertEqual(len(self.imported(*(f"/p{i}" for i in range(10_000)))[0]), 10_000)
        done = run_kwikgate("routes", "from-openapi", self.document(f"/p{i}" for i in range(10_001)))
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr[:200])
        self.assertIn("10001 operations, and a configuration takes 10000 routes", done.stderr)

    def test_one_version_can_be_compared(self):
        routes = ["/1.0/a", "/2.0/a", "/2.0", "/2.01/b"]
        self.assertEqual(self.compared(["/2.0/a", "/2.0"], routes), ([], ["GET /1.0/a", "GET /2.01/b"]))
        for prefix in ("/2.0", "/2.0/"):
            self.assertEqual(self.compared(["/2.0/a", "/2.0", "/3.0/x"], routes, "--prefix", prefix, code=0), ([], []))
        self.assertEqual(self.compared(["/2.0/a", "/2.0/c"], routes, "--prefix", "/2.0"), (["GET /2.0/c"], ["GET /2.0"]))
        self.assertEqual(self.compared(["/2.0/a"], routes, "--prefix", "/2.01", "--prefix", "/1.0"), ([], ["GET /1.0/a", "GET /2.01/b"]))
        for prefix in ("/9", "2.0"):
            done = run_kwikgate("routes", "check", self.document(["/2.0/a"]), "--config", self.config(routes), "--prefix", prefix)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)

    def test_a_configuration_may_name_the_routes_that_are_not_confirmed(self):
        config = self.config([], "kwik.routes.json", "kwik.unconfirmed.routes.json")
        done = run_kwikgate("routes", "check", self.document(["/2.0/payments/submit"]), "--config", config, "--json")
        self.assertIn("POST /2.0/payments/submit", json.loads(done.stdout)["routes_without_operation"])
        self.assertIn("POST /1.0/payments/{payments_id}/complete", json.loads(done.stdout)["routes_without_operation"])


if __name__ == "__main__":
    unittest.main()
