"""Certificates towards clients, from outside: names, reload, files that cannot be used, and those that clients show."""

import ssl
import subprocess
import unittest

from certificates import self_signed
from support import BINARY, run_kwikgate
from terminal import Terminal
from tls_support import TlsTest, secure_client


class CertificateTest(TlsTest):
    def subject_of(self, gateway, name):
        with secure_client(gateway, self.context(), name) as client:
            return dict(pair[0] for pair in client.socket.getpeercert()["subject"])["commonName"]

    def test_the_certificate_is_chosen_by_name(self):
        gateway = self.tls_gateway(self.upstream())
        self.assertEqual(self.subject_of(gateway, "gateway.test"), "gateway.test")
        self.assertEqual(self.subject_of(gateway, "other.test"), "other")
        self.assertEqual(self.subject_of(gateway, "OTHER.test"), "other")
        self.assertEqual(self.subject_of(gateway, "one.wild.test"), "other")
        context = self.context(check_hostname=False)
        with secure_client(gateway, context, "unknown.test") as client:
            subject = dict(pair[0] for pair in client.socket.getpeercert()["subject"])
            self.assertEqual(subject["commonName"], "gateway.test")

    def test_a_reload_changes_the_certificate_and_keeps_connections(self):
        upstream = self.upstream()
        gateway = self.tls_gateway(upstream)
        token = gateway.create_token("customers")
        with secure_client(gateway, self.context()) as client:
            self.assertEqual(client.request("GET", "/nowhere").status, 404)
            renewed = self.authority.issue("renewed", alternative_names="DNS:gateway.test")
            gateway.config["listeners"][0]["tls"]["certificates"] = [str(renewed)]
            gateway.write_config()
            self.assertTrue(gateway.reload())
            self.assertEqual(self.subject_of(gateway, "gateway.test"), "renewed")
            answer = client.request("GET", "/2.0/customers/list", {"Authorization": token.basic})
            self.assertEqual(answer.status, 200)
            # Renewed in its place, as by certbot.
            again = self.authority.issue("again", alternative_names="DNS:gateway.test")
            renewed.with_suffix(".key").write_bytes(again.with_suffix(".key").read_bytes())
            renewed.write_bytes(again.read_bytes())
            self.assertEqual(self.subject_of(gateway, "gateway.test"), "renewed")
            self.assertTrue(gateway.reload())
            self.assertEqual(self.subject_of(gateway, "gateway.test"), "again")
            self.assertEqual(client.request("GET", "/nowhere").status, 404)

    def test_a_certificate_that_has_expired_is_told_in_the_log(self):
        expired = self.authority.issue("late", days=-1)
        gateway = self.tls_gateway(self.upstream(), {"certificates": [str(expired)]})
        self.assertIn("late.pem has expired", gateway.log_text())
        with self.assertRaises(ssl.SSLCertVerificationError):
            secure_client(gateway, self.context(), "late")

    def test_files_that_cannot_be_used_are_refused_in_one_line(self):
        open_key = self.authority.issue("open")
        open_key.with_suffix(".key").chmod(0o644)
        wrong_key = self.authority.issue("wrong")
        wrong_key.with_suffix(".key").write_text(self.certificate.with_suffix(".key").read_text())
        garbage = self.folder / "garbage.pem"
        garbage.write_text("nothing")
        for certificate, message in ((open_key, "can be read by every user"),
                                     (wrong_key, "does not belong to certificate"),
                                     (garbage, "garbage.pem: nothing of that kind is in it (PEM)"),
                                     (self.folder / "none.pem", "none.pem: No such file or directory")):
            gateway = self.gateway({"kwik": ["http://127.0.0.1:9"]}, start=False)
            gateway.config["listeners"][0]["tls"] = {"certificates": [str(certificate)]}
            gateway.write_config()
            for command in ("serve", "check"):
                done = run_kwikgate(command, "--config", gateway.config_file)
                self.assertEqual(done.returncode, 1, command)
                self.assertIn(message, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def encrypted(self, name, command):
        """A certificate whose key takes a pass phrase, as an openssl command writes it."""
        certificate = self.authority.issue(name)
        key = certificate.with_suffix(".key")
        locked = key.with_suffix(".locked")
        subprocess.run(["openssl", *command, "-in", key, "-out", locked, "-passout", "pass:secret"],
                       check=True, capture_output=True, timeout=60)
        key.write_bytes(locked.read_bytes())
        return certificate

    def test_an_encrypted_key_is_told_and_nobody_is_asked_for_its_pass_phrase(self):
        for name, command in (("pkcs8", ["pkcs8", "-topk8"]), ("legacy", ["ec", "-aes256"])):
            certificate = self.encrypted(name, command)
            for place in ("listener", "admin", "upstream"):
                gateway = self.gateway({"kwik": {"servers": ["https://127.0.0.1:9"]}}, start=False)
                if place == "listener":
                    gateway.config["listeners"][0]["tls"] = {"certificates": [str(certificate)]}
                elif place == "admin":
                    gateway.config["admin"] = {"address": "127.0.0.1:0", "certificate_file": str(certificate)}
                else:
                    gateway.config["upstreams"]["kwik"]["tls"] = {"certificate_file": str(certificate)}
                gateway.write_config()
                for arguments in (("serve", "--config"), ("check", "--config")):
                    # With a terminal, where OpenSSL would ask.
                    terminal = Terminal()
                    process = terminal.start([BINARY, *arguments, str(gateway.config_file)])
                    try:
                        status = process.wait(timeout=60)
                    finally:
                        process.kill()
                        terminal.close()
                    with self.subTest(name=name, place=place, command=arguments[0]):
                        self.assertEqual(status, 1, terminal.text)
                        self.assertIn(f"{name}.key: it is encrypted", terminal.text)
                        self.assertNotIn("pass phrase:", terminal.text)

    def test_a_reload_with_an_encrypted_key_is_refused_at_once(self):
        gateway = self.tls_gateway(self.upstream())
        locked = self.encrypted("locked", ["pkcs8", "-topk8"])
        gateway.config["listeners"][0]["tls"]["certificates"] = [str(locked)]
        gateway.write_config()
        self.assertFalse(gateway.reload())
        self.assertIn("it is encrypted", gateway.log_text())
        self.assertEqual(self.subject_of(gateway, "gateway.test"), "gateway.test")

    def test_a_reload_with_a_bad_certificate_changes_nothing(self):
        gateway = self.tls_gateway(self.upstream())
        gateway.config["listeners"][0]["tls"]["certificates"] = [str(self.folder / "none.pem")]
        gateway.write_config()
        self.assertFalse(gateway.reload())
        self.assertEqual(self.subject_of(gateway, "gateway.test"), "gateway.test")


class ClientCertificateTest(TlsTest):
    def gateway_that_asks(self, upstream, how):
        return self.tls_gateway(upstream, {"client_certificates": how,
                                           "client_ca_file": str(self.authority.certificate)})

    def client_context(self, certificate):
        context = self.context()
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return context

    def exchange(self, gateway, context, token):
        # Under TLS 1.3 a refused certificate shows only when the client reads.
        with secure_client(gateway, context) as client:
            return client.request("GET", "/2.0/customers/list", {
                "Authorization": token.basic, "X-Kwik-Client-Certificate": "CN=forged"})

    def test_the_subject_goes_upstream_and_cannot_be_forged(self):
        upstream = self.upstream()
        gateway = self.gateway_that_asks(upstream, "optional")
        token = gateway.create_token("customers")
        mine = self.authority.issue("client", subject="/O=Shop Ltd/CN=till 7")
        self.assertEqual(self.exchange(gateway, self.client_context(mine), token).status, 200)
        self.assertEqual(self.exchange(gateway, self.context(), token).status, 200)
        self.assertEqual([seen.field("x-kwik-client-certificate") for seen in upstream.seen],
                         ["CN=till 7,O=Shop Ltd", None])

    def test_a_missing_strange_or_expired_certificate_is_refused(self):
        upstream = self.upstream()
        wrong = [self.client_context(self.stranger.issue("client")), self.client_context(self_signed(self.folder, "client")),
                 self.client_context(self.authority.issue("expired", days=-1))]
        for how, contexts in (("required", [self.context(), *wrong]), ("optional", wrong)):
            gateway = self.gateway_that_asks(upstream, how)
            token = gateway.create_token("customers")
            for context in contexts:
                with self.subTest(how), self.assertRaises((ssl.SSLError, ConnectionResetError, BrokenPipeError)):
                    answer = self.exchange(gateway, context, token)
                    raise ConnectionResetError if answer is None else AssertionError(answer.status)
        self.assertEqual(upstream.seen, [])


if __name__ == "__main__":
    unittest.main()
