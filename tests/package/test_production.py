"""The blocks of docs/production.md, run in order on a booted systemd, as a reader would. As root."""

import http.server
import json
import re
import shutil
import threading
import unittest

from booted_debian import BootedDebian
from small_debian import ROOT, package
from test_systemd import free_port

PAGE = ROOT / "docs" / "production.md"
SECTION = re.compile(r"^## (\d)\. .*?(?=^## )", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Invoices(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class ProductionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = BootedDebian()
        cls.addClassCleanup(cls.machine.end)
        cls.machine.run("apt-get", "update", "-q")
        cls.machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y", "openssl", "cron")
        upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Invoices)
        cls.addClassCleanup(upstream.server_close)
        threading.Thread(target=upstream.serve_forever).start()
        cls.addClassCleanup(upstream.shutdown)
        cls.port = free_port()
        # The container shares the host's network, where these ports may be taken, and the name leads nowhere.
        cls.here = {"0.0.0.0:443": f"127.0.0.1:{cls.port}", "127.0.0.1:9000": f"127.0.0.1:{upstream.server_address[1]}",
                    "127.0.0.1:9180": f"127.0.0.1:{free_port()}"}

    def steps(self):
        for section in SECTION.finditer(PAGE.read_text()):
            yield int(section.group(1)), [block for block in BLOCK.findall(section.group())]

    def test_every_block_works_as_it_stands(self):
        srv = self.machine.root / "srv"
        shutil.copy(package(), srv)
        self.machine.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                         "-subj", "/CN=api.example.com", "-addext", "subjectAltName=DNS:api.example.com",
                         "-keyout", "/srv/privkey.pem", "-out", "/srv/fullchain.pem")
        (srv / ".curlrc").write_text(f'connect-to = "api.example.com:443:127.0.0.1:{self.port}"\ncacert = "/srv/fullchain.pem"\n')
        steps = dict(self.steps())
        self.assertEqual(list(steps), [1, 2, 3, 4, 5, 6, 7])
        said = {}
        for number, blocks in steps.items():
            script = "set -e\ncd /srv\nexport HOME=/srv DEBIAN_FRONTEND=noninteractive CREDENTIALS_DIRECTORY=/etc/kwikgate\n"
            script += "\n".join(blocks)
            for written, used in self.here.items():
                script = script.replace(written, used)
            said[number] = self.machine.run("bash", "-c", script)
        self.assertIn("valid", said[3])
        self.assertIn("active (running)", said[4])
        allowed, refused = said[5].splitlines()[-1].split("}", 1)
        self.assertEqual(json.loads(allowed + "}"), {"path": "/v1/invoices"})
        self.assertEqual(json.loads(refused)["reason"], "credential_missing")
        self.assertIn('reason="credential_missing"', said[6])
        self.assertTrue(list((self.machine.root / "var/backups").glob("kwikgate-*")))


if __name__ == "__main__":
    unittest.main()
