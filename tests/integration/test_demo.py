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


if __name__ == "__main__":
    unittest.main()
