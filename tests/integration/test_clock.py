"""A clock that steps, under a running gateway."""

import pathlib
import ssl
import time
import unittest

from callers import Callers
from certificates import Authority
from load_support import ROUTES, LoadTest
from signer import sign
from tls_support import secure_client


class SteppedClockTest(LoadTest):
    """The machine's clock under another one (libfaketime), which a file sets."""

    def set_up_with_clock(self):
        self.gate = self.gateway_with_token(start=False)
        self.gate.config["routes"] = [*ROUTES, {"method": "POST", "path": "/customers", "section": "customers"}]
        self.gate.write_config()
        self.give_clock(0)
        self.gate.start()

    def give_clock(self, seconds):
        """Before the gateway starts."""
        library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        self.clock = self.gate.folder / "clock"
        self.set_clock(seconds)
        self.gate.environment = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                                 "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                                 "DONT_FAKE_MONOTONIC": "1"}

    def set_clock(self, seconds):
        temporary = self.gate.folder / "clock.new"
        temporary.write_text(f"{seconds:+d}s\n")
        temporary.rename(self.clock)


class ClockTest(SteppedClockTest):
    def write(self, captured):
        with self.gate.client() as client:
            response = client.request("POST", "/customers", captured, b"{}")
            return response.status, "none" if response.status == 200 else response.json["reason"]

    def signed(self, ahead=0):
        return sign(self.token, "POST", "/customers", b"{}", created=int(time.time()) + ahead)

    def test_a_clock_that_steps_back_stops_nothing_and_opens_no_replay(self):
        self.set_up_with_clock()
        captured = self.signed()
        self.assertEqual(self.write(captured), (200, "none"))
        with Callers(self.gate, self.call, connections=4, reconnects=False) as callers:
            for step in (-3600, 0, 3600, 0, -60):
                self.set_clock(step)
                callers.wait_for_more(5)
                # By the gateway's clock this client is right: whoever follows it goes on.
                verdict = self.write(self.signed(step))
                self.assertIn(verdict, {(200, "none"), (503, "replay_state_lost")}, step)
                status, reason = self.write(captured)
                self.assertNotEqual(status, 200, (step, reason))
        self.assertEqual(callers.failures, [])
        self.assertEqual({call.status for call in callers.all()}, {200})
        deadlines = self.gate.client()
        self.addCleanup(deadlines.close)
        self.assertEqual(self.get(deadlines).status, 200)  # Connections have their deadlines by another clock.
        self.assertEqual(self.gate.stop(), 0)

    def test_the_gateway_follows_the_clock_at_all(self):
        self.set_up_with_clock()
        self.set_clock(-3600)
        self.assertEqual(self.write(self.signed()), (401, "signature_not_yet_valid"))
        self.set_clock(0)
        self.assertEqual(self.write(self.signed()), (200, "none"))


class ResumptionTest(SteppedClockTest):
    """A session that is taken up again brings the client's certificate along."""

    def test_a_session_ends_with_the_certificate_that_it_began_with(self):
        day, minute = 24 * 3600, 60
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.gate = self.gateway_with_token(start=False)
            authority = Authority(self.gate.folder / "authority")
            server = authority.issue("gateway.test")
            mine = authority.issue("client", days=1)
            self.gate.config["listeners"][0]["tls"] = {"certificates": [str(server)], "client_certificates": "required",
                                                       "client_ca_file": str(authority.certificate)}
            self.gate.write_config()
            self.give_clock(day - 30 * minute)
            self.gate.start()
            context = ssl.create_default_context(cafile=str(authority.certificate))
            context.minimum_version = context.maximum_version = version
            context.load_cert_chain(mine, mine.with_suffix(".key"))
            with secure_client(self.gate, context) as client:
                self.assertEqual(self.get(client).status, 200)
                session = client.socket.session
            with self.subTest(version):
                with secure_client(self.gate, context, session=session) as client:
                    self.assertEqual(self.get(client).status, 200)
                    self.assertTrue(client.socket.session_reused)
                self.set_clock(day + 30 * minute)  # Within the two hours that a ticket is good for.
                with self.assertRaises((ssl.SSLError, ConnectionResetError, BrokenPipeError)):
                    with secure_client(self.gate, context, session=session) as client:
                        answer = self.get(client)
                    raise ConnectionResetError if answer is None else AssertionError(answer.status)
            self.assertEqual(self.gate.stop(), 0)


if __name__ == "__main__":
    unittest.main()
