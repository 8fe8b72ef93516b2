"""What the README's first screen promises: the demo prints four calls, and each pasted call is answered so."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from support import BINARY, free_port, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-demo-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.output = self.folder / "output"
        self.gateway = f"127.0.0.1:{free_port()}"
        environment = dict(os.environ, KWIKGATE_BIN=BINARY, DEMO_DIR=str(self.folder / "demo"),
                           DEMO_GATEWAY=self.gateway, DEMO_SANDBOX=f"127.0.0.1:{free_port()}",
                           DEMO_ADMIN=f"127.0.0.1:{free_port()}")
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(["bash", str(ROOT / "configs/demo/run.sh")], env=environment,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.addCleanup(self.stop)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def is_ready(self):
        self.assertIsNone(self.process.poll(), self.output.read_text())
        return "Ctrl-C stops all of it" in self.output.read_text()

    def test_the_four_printed_calls_are_answered_as_the_readme_says(self):
        wait_until(self.is_ready, "the demo to be ready")
        calls = re.findall(r"(?m)^curl .*$", self.output.read_text())
        answers = []
        for call in calls:
            done = subprocess.run(["bash", "-c", call + " -s -w '\\n%{http_code}'"], capture_output=True,
                                  text=True, timeout=30)
            body, status = done.stdout.rsplit("\n", 1)
            answers.append((int(status), json.loads(body).get("reason")))
        self.assertEqual(answers, [(200, None), (403, "section_not_granted"),
                                   (403, "write_not_granted"), (403, "token_disabled")])
        readme = (ROOT / "README.md").read_text()
        for _, reason in answers[1:]:
            self.assertIn(f"403 `{reason}`", readme)
        self.assertEqual(self.stop(), 0)

    def test_the_printed_link_logs_in_to_the_console_once(self):
        wait_until(self.is_ready, "the demo to be ready")
        base, ticket = re.search(r"(?m)^(http://\S+/)#login=(\S+)$", self.output.read_text()).groups()

        def log_in():
            request = urllib.request.Request(base + "api/v1/session", json.dumps({"ticket": ticket}).encode(),
                                             {"Content-Type": "application/json", "Origin": base.rstrip("/")})
            try:
                return urllib.request.urlopen(request, timeout=30).status
            except urllib.error.HTTPError as refused:
                return refused.code
        self.assertEqual([log_in(), log_in()], [200, 401])
        self.assertNotIn(ticket, (self.folder / "demo/access.log").read_text() + (self.folder / "demo/gateway.log").read_text())


if __name__ == "__main__":
    unittest.main()
