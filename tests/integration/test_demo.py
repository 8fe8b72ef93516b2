"""What the README's first screen promises: the demo prints four calls, each pasted call is answered so, and Ctrl-C ends it."""

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
from terminal import Terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-demo-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.output = self.folder / "output"
        self.environment = dict(os.environ, KWIKGATE_BIN=BINARY, DEMO_DIR=str(self.folder / "demo"),
                                DEMO_GATEWAY=f"127.0.0.1:{free_port()}", DEMO_SANDBOX=f"127.0.0.1:{free_port()}",
                                DEMO_ADMIN=f"127.0.0.1:{free_port()}")

    def start(self):
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(["bash", str(ROOT / "configs/demo/run.sh")], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.addCleanup(self.stop)
        wait_until(self.is_ready, "the demo to be ready")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def is_ready(self):
        self.assertIsNone(self.process.poll(), self.output.read_text())
        return "Ctrl-C stops all of it" in self.output.read_text()

    def test_the_four_printed_calls_are_answered_as_the_readme_says(self):
        self.start()
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

    def test_the_printed_signed_call_is_let_in_and_sends_no_secret(self):
        self.start()
        call, secret = re.search(r'(?m)^(eval .*KWIKGATE_API_SECRET=(\S+) .*)$', self.output.read_text()).groups()
        done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, timeout=30)
        self.assertIs(json.loads(done.stdout)["status"], True, done)
        shown = subprocess.run(["bash", "-c", call.replace("eval ", "echo ", 1)], capture_output=True, text=True, timeout=30)
        self.assertIn("Signature-Input", shown.stdout)
        self.assertNotIn(secret, shown.stdout)

    def test_the_printed_link_logs_in_to_the_console_once(self):
        self.start()
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

    def test_ctrl_c_on_a_terminal_ends_all_of_it_and_it_can_start_again(self):
        last_line = "Ctrl-C stops all of it."
        for _ in range(2):
            terminal = Terminal()
            self.addCleanup(terminal.close)
            process = terminal.start(["make", "--no-print-directory", "-C", str(ROOT), "run"], env=self.environment)
            self.addCleanup(process.wait, 60)
            wait_until(lambda: last_line in terminal.text or process.poll() is not None, "the demo to be ready")
            terminal.press(b"\x03")
            self.assertEqual(process.wait(60), -signal.SIGINT, terminal.text)  # So that a shell's loop around it ends too.
            with self.assertRaises(ProcessLookupError, msg="a process of it is left"):
                os.killpg(process.pid, 0)
            terminal.close()
            text, after = terminal.text.split(last_line)
            self.assertEqual(after.split(), ["^C"])
            prose = [line for line in text.splitlines() if not re.match(r"curl |eval |tail |http://|/", line)]
            self.assertGreater(len(prose), 10)
            self.assertLessEqual(max(map(len, prose)), 80, prose)
            self.assertNotIn("\x1b", text)


if __name__ == "__main__":
    unittest.main()
