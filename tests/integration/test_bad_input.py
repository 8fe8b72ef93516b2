"""Every known trick gets its status and reason, and upstream and gateway never count messages differently."""

import json
import unittest

from message_cases import CASES
from relay_support import RelayTest
from support import RecordingUpstream, wait_until

CLOSING = {"bad_request_line", "bad_header", "bad_framing", "bad_host", "target_ambiguous", "duplicate_field", "version_unsupported",
           "transfer_coding_unsupported", "request_timeout", "body_too_large", "expectation_failed"}


class BadInputTest(RelayTest):
    def setUp(self):
        self.recorder = self.upstream(lambda seen: RecordingUpstream.reply(b"from upstream"))
        self.gate = self.relay(self.recorder, config={"timeouts": {"header": "200ms", "body_idle": "200ms"}})

    def describe(self, answer):
        if answer.field("content-type") == "application/json" and answer.status >= 400:
            return f"{answer.status} {json.loads(answer.body)['reason']}"
        # OPTIONS * and the end of Max-Forwards are answered by the gateway itself.
        self.assertEqual(answer.body, b"" if answer.status == 204 else b"from upstream")
        return str(answer.status)

    def check(self, case):
        before = len(self.recorder.seen)
        with self.gate.client() as client:
            client.send(case.data.replace(b"@CREDENTIALS@", self.auth["Authorization"].encode()))
            answers = []
            for _ in case.answers:
                answer = client.read_response()
                self.assertIsNotNone(answer, f"only {answers}")
                answers.append(self.describe(answer))
            self.assertEqual(answers, case.answers)
            if answer.field("connection") == "close":
                self.assertTrue(client.is_closed_by_peer(), client.buffer)
            else:
                self.assertNotIn(answers[-1].split(" ")[-1], CLOSING)
                # What is left on the connection is nothing: the next request is the next message.
                last = client.request("GET", "/relay/last", self.auth)
                self.assertEqual(self.describe(last), "200")
                self.assertEqual(self.recorder.seen[-1].target, "/relay/last")
                before += 1
        self.assertEqual(len(self.recorder.seen) - before, case.messages)

    def test_every_case(self):
        self.assertGreaterEqual(len(CASES), 200)
        names = [case.name for case in CASES]
        self.assertEqual(len(names), len(set(names)))
        for case in CASES:
            with self.subTest(case.name):
                self.check(case)
        for seen in self.recorder.seen:
            self.assert_canonical(seen)
        # The gateway's own count of what it forwarded is the upstream's count of what arrived.
        forwarded = wait_until(self.forwarded_messages, "log lines and upstream to agree")
        self.assertEqual(forwarded, len(self.recorder.seen))

    def assert_canonical(self, seen):
        """No upstream, however lax, can read it in two ways."""
        self.assertRegex(seen.method, r"^[A-Z]+$")
        path, _, query = seen.target.partition("?")
        self.assertRegex(path, r"^/[!-~]*$")
        self.assertNotIn("\\", path)
        self.assertNotRegex(query, r"[\x00-\x20\x7f#]")
        names = [name.lower() for name, _ in seen.fields]
        self.assertEqual(names.count("host"), 1)
        self.assertLessEqual(names.count("content-length") + names.count("transfer-encoding"), 1)
        for name, value in seen.fields:
            self.assertRegex(name, r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
            self.assertNotRegex(value, r"[\x00-\x08\x0a-\x1f\x7f]")
            self.assertNotRegex(name, r"(?i)^(content|transfer)[^a-z0-9-](length|encoding)$")

    def forwarded_messages(self):
        """The number of messages that were forwarded whole, once it is the upstream's number too."""
        whole = sum(entry["reason"] == "none" and "upstream" in entry for entry in self.gate.access_log())
        return whole if whole == len(self.recorder.seen) else None


if __name__ == "__main__":
    unittest.main()
