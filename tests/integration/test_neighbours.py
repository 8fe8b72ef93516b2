"""The gateway among its neighbours: HAProxy and nginx before it, curl, node's fetch and ab as clients."""

import json
import re
import subprocess
import unittest

from proxies import HAProxyInFront
from relay_support import Nginx
from support import NO_LIMIT, GatewayTest, free_port
from waiting import wait_until

ROUTES = [{"method": "GET", "path": "/things", "section": "payments"},
          {"method": "POST", "path": "/things", "section": "payments", "check_json": True}]

FETCH = """
const [origin, authorization] = process.argv.slice(1);
const get = await fetch(origin + "/things?a=1", {headers: {authorization}});
const post = await fetch(origin + "/things", {method: "POST", headers: {authorization, "content-type": "application/json"},
    body: '{"wei":25000000000000000000}'});
const stream = await fetch(origin + "/things", {method: "POST", headers: {authorization}, duplex: "half",
    body: new Blob(['{"lone":"\\\\ud800"}']).stream()});
console.log(JSON.stringify([get.status, post.status, stream.status]));
"""


class NeighbourTest(GatewayTest):
    def start(self, config=None, **listener):
        self.seen_by = self.upstream()
        gateway = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, config=config, start=False)
        gateway.config["listeners"][0].update(listener)
        gateway.write_config()
        self.token = gateway.create_token("payments")
        return gateway.start()

    def curl(self, port, *arguments, host="127.0.0.1"):
        """The status that Debian's curl gets, and the request id."""
        done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %header{x-request-id}", "--max-time", "60",
                               "-H", f"Authorization: {self.token.basic}", *arguments, f"http://{host}:{port}/things"],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def in_front(self, gateway, *arguments, **options):
        proxy = HAProxyInFront(gateway.port, *arguments, **options)
        self.addCleanup(proxy.close)
        return proxy


class HAProxyTest(NeighbourTest):
    def test_a_dual_stack_haproxy_tells_the_client_by_either_version(self):
        gateway = self.start(proxy_protocol=True, trusted_proxies=["127.0.0.1"])
        for version in ("send-proxy", "send-proxy-v2"):
            proxy = self.in_front(gateway, version)
            status, request_id = self.curl(proxy.port, "--interface", "127.0.0.9")
            self.assertEqual(status, "200", version)
            self.assertEqual(gateway.logged(request_id)["client"], "127.0.0.9", version)

    def test_its_health_check_asks_readyz(self):
        admin = free_port()
        gateway = self.start({"admin": {"address": f"127.0.0.1:{admin}"}}, proxy_protocol=True, trusted_proxies=["127.0.0.1"])
        check = ["option httpchk", "http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host localhost",
                 "http-check expect status 200"]
        proxy = self.in_front(gateway, "send-proxy", backend=check, check_port=admin)
        wait_until(lambda: proxy.status() == ("UP", "L7OK", "200"), "the check to see a ready gateway")
        self.assertEqual(self.curl(proxy.port)[0], "200")

    def test_its_forwarded_fields_are_believed(self):
        gateway = self.start(trusted_proxies=["127.0.0.1"])
        proxy = self.in_front(gateway, mode="http", backend=["option forwardfor", "http-request set-header X-Forwarded-Proto HTTPS"])
        status, request_id = self.curl(proxy.port, "--interface", "127.0.0.9")
        self.assertEqual(status, "200")
        self.assertEqual(gateway.logged(request_id)["client"], "127.0.0.9")
        self.assertEqual(self.seen_by.seen[-1].field("x-forwarded-proto"), "https")


class NginxTest(NeighbourTest):
    def nginx(self, gateway, *settings):
        nginx = Nginx("location / { proxy_http_version 1.1; proxy_set_header Connection \"\"; " + " ".join(settings)
                      + f" proxy_pass http://127.0.0.1:{gateway.port}; }}")
        self.addCleanup(nginx.close)
        return nginx

    def test_it_names_the_client_with_its_port_and_the_host(self):
        gateway = self.start(trusted_proxies=["127.0.0.1"], forwarded_host=True, authorities=["api.example.com"])
        nginx = self.nginx(gateway, "proxy_set_header X-Forwarded-For $remote_addr:$remote_port;",
                           "proxy_set_header X-Forwarded-Host $http_host;", "proxy_set_header X-Forwarded-Proto $scheme;")
        for host, status in (("api.example.com", "200"), ("API.example.com:80", "200"), ("api.example.com.", "200"),
                             ("api.example.com:", "200"), ("other.example.com", "400")):
            got, request_id = self.curl(nginx.port, "--interface", "127.0.0.9", "-H", f"Host: {host}")
            self.assertEqual(got, status, host)
            self.assertEqual(gateway.logged(request_id)["client"], "127.0.0.9")
        self.assertTrue(all(seen.field("host") == f"127.0.0.1:{gateway.port}" for seen in self.seen_by.seen))

    def test_it_passes_on_the_host_that_the_client_asked_for(self):
        gateway = self.start(authorities=["api.example.com"])
        nginx = self.nginx(gateway, "proxy_set_header Host $http_host;")
        for host, status in (("api.example.com:80", "200"), ("api.example.com:443", "400")):
            self.assertEqual(self.curl(nginx.port, "-H", f"Host: {host}")[0], status, host)


class ClientTest(NeighbourTest):
    def test_curl_writes_a_name_with_its_dot_and_its_default_port(self):
        gateway = self.start(authorities=["api.example.com:" + "80"])
        for url in ("api.example.com", "api.example.com.", "API.EXAMPLE.COM"):
            connect = ["--connect-to", f"{url}:80:127.0.0.1:{gateway.port}"]
            self.assertEqual(self.curl(80, *connect, host=url)[0], "200", url)

    def test_fetch_of_node_sends_json_of_any_size(self):
        gateway = self.start()
        done = subprocess.run(["node", "--input-type=module", "-e", FETCH, f"http://127.0.0.1:{gateway.port}", self.token.basic],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), [200, 200, 200])
        self.assertEqual(self.seen_by.seen[-2].body, b'{"wei":25000000000000000000}')

    def test_ab_keeps_its_http_1_0_connections(self):
        gateway = self.start(NO_LIMIT)
        for keep in ([], ["-k"]):
            done = subprocess.run(["ab", *keep, "-q", "-n", "200", "-c", "4", "-H", f"Authorization: {self.token.basic}",
                                   f"http://127.0.0.1:{gateway.port}/things"],
                                  capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(re.search(r"Complete requests:\s+(\d+)", done.stdout).group(1), "200")
            self.assertEqual(re.search(r"Failed requests:\s+(\d+)", done.stdout).group(1), "0")
            self.assertNotIn("Non-2xx", done.stdout)


if __name__ == "__main__":
    unittest.main()
