"""The health listener: probes and scrapes from anywhere, and nothing else; probes of HTTP/1.0 and of real load balancers."""

import socket
import unittest

from support import GatewayTest, free_port


def ask(port, text, until_close=True):
    """Sends it, and reads to the end of the connection or of the first answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(text.encode())
        got = b""
        while piece := client.recv(65536):
            got += piece
            if not until_close and b"\r\n\r\n" in got:
                break
    return got.decode()


def status_of(answer):
    return int(answer.split(" ", 2)[1])


class HealthListenerTest(GatewayTest):
    def setUp(self):
        self.port = free_port()

    def start(self, **settings):
        self.admin_port = free_port()
        return self.gateway({"api": ["http://127.0.0.1:9"]}, config={
            "admin": {"address": f"127.0.0.1:{self.admin_port}"},
            "health": {"address": f"127.0.0.1:{self.port}", **settings}})

    def get(self, path, method="GET", host="anything.example.com"):
        return ask(self.port, f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")

    def test_probes_are_answered_whatever_name_they_use(self):
        self.start()
        for path in ("/healthz", "/readyz", "/readyz?verbose"):
            self.assertEqual(status_of(self.get(path)), 200, path)
        self.assertEqual(status_of(self.get("/readyz", "HEAD")), 200)

    def test_nothing_else_is_there(self):
        self.start()
        for path in ("/", "/metrics", "/api/v1/tokens", "/api/v1/status", "/api/v1/session", "/healthz/", "//healthz"):
            self.assertEqual(status_of(self.get(path)), 404, path)
        self.assertEqual(status_of(self.get("/healthz", "POST")), 405)

    def test_metrics_are_there_where_the_configuration_says_so(self):
        self.start(metrics=True)
        answer = self.get("/metrics")
        self.assertEqual(status_of(answer), 200)
        self.assertIn("kwikgate_build_info", answer)

    def test_a_check_of_http_1_0_without_a_host_is_answered(self):
        self.start()
        for port in (self.port, self.admin_port):
            self.assertEqual(status_of(ask(port, "GET /readyz HTTP/1.0\r\n\r\n")), 200)
            self.assertEqual(status_of(ask(port, "GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n")), 400)
        self.assertEqual(status_of(ask(self.admin_port, "GET /api/v1/status HTTP/1.0\r\n\r\n")), 421)

    def test_a_client_of_http_1_0_is_told_that_the_connection_stays(self):
        self.start()
        answer = ask(self.port, "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", until_close=False)
        self.assertIn("connection: keep-alive", answer.lower())


if __name__ == "__main__":
    unittest.main()
