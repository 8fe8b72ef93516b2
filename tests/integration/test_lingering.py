"""How a connection ends after its last answer: it reads on so that the answer arrives, and neither for ever nor whatever comes."""

import contextlib
import time
import unittest

from support import GatewayTest

MIB = 1024 * 1024


class LingeringTest(GatewayTest):
    def setUp(self):
        self.gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, workers=1)

    def refused_while_sending(self):
        """A client whose body was refused by its length, and who sends it all the same."""
        client = self.gate.client()
        self.addCleanup(client.close)
        client.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n")
        self.assertEqual(client.read_response().status, 404)
        return client

    def test_a_client_that_drips_for_ever_is_closed(self):
        client = self.refused_while_sending()
        client.socket.settimeout(0)
        closed = False
        for _ in range(1200):  # Ten times as long as it may take.
            with contextlib.suppress(BlockingIOError):
                try:
                    client.socket.send(b"a")
                except ConnectionError:
                    closed = True
                    break
            time.sleep(0.1)
        self.assertTrue(closed)

    def test_a_client_that_sends_without_end_is_closed(self):
        client = self.refused_while_sending()
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 1024 * MIB:
                client.send(bytes(MIB))
                sent += MIB
        self.assertLess(sent, 256 * MIB)

    def test_the_answer_arrives_though_the_body_was_not_read(self):
        for _ in range(20):
            client = self.gate.client()
            self.addCleanup(client.close)
            client.send(b"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + bytes(2 * MIB))
            self.assertEqual(client.read_response().status, 404)


if __name__ == "__main__":
    unittest.main()
