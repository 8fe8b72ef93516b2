"""A start that cannot succeed: one clear line, exit status 1, and nothing listens."""

import os
import shutil
import socket
import subprocess
import unittest

from support import BINARY, GatewayTest, run_kwikgate

ROUTES = [{"method": "GET", "path": "/customers", "section": "customers"}]


class StartTest(GatewayTest):
    def setUp(self):
        self.gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, ROUTES, start=False)
        self.key, self.store = self.gate.folder / "master.key", self.gate.folder / "store"

    def refused(self, *parts, lines=1, prefix=()):
        done = subprocess.run([*prefix, BINARY, "serve", "--config", str(self.gate.config_file)],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), lines, done.stderr)
        for part in parts:
            self.assertIn(str(part), done.stderr)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.gate.port), timeout=5)

    def test_a_bad_configuration(self):
        self.gate.config["colour"] = 1
        self.gate.write_config()
        self.refused(f"{self.gate.config_file}:", "/colour: unknown key", "nothing was started", lines=2)
        self.gate.config_file.unlink()
        self.refused("cannot be read", "nothing was started", lines=2)

    def test_an_occupied_port(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            self.gate.config["listeners"] = [{"address": "127.0.0.1:%d" % other.getsockname()[1]}]
            self.gate.write_config()
            self.refused("cannot listen on 127.0.0.1:", "Address already in use")

    def test_an_address_of_another_machine(self):
        self.gate.config["listeners"] = [{"address": "192.0.2.1:8080"}]  # RFC 5737: nobody's.
        self.gate.write_config()
        self.refused("cannot listen on 192.0.2.1:8080", "no interface of this machine has that address")

    def test_the_port_of_another_gateway(self):
        self.gate.start()
        other = self.gateway({"kwik": ["http://127.0.0.1:9"]}, start=False)  # With a store of its own.
        other.config["listeners"] = self.gate.config["listeners"]
        other.write_config()
        done = run_kwikgate("serve", "--config", other.config_file)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertIn("cannot listen on", done.stderr)

    def test_a_start_that_fails_leaves_the_replay_state_for_the_next(self):
        self.assertEqual(self.gate.start().stop(), 0)
        state = self.store / "replay.state"
        before = state.read_bytes()
        with socket.socket() as other:
            other.bind(("127.0.0.1", self.gate.port))
            other.listen()
            done = run_kwikgate("serve", "--config", self.gate.config_file)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        self.assertEqual(state.read_bytes(), before)
        self.gate.start()
        self.assertNotIn("replay state is lost", self.gate.log_text())

    def test_a_master_key_that_is_missing_open_to_others_broken_or_of_another_store(self):
        key = self.key.read_text()
        self.key.unlink()
        self.refused(self.key, "cannot be read")
        self.key.mkdir()
        self.refused(self.key, "regular file")
        self.key.rmdir()
        self.key.write_text(key)
        for mode in (0o644, 0o640, 0o604, 0o660):
            self.key.chmod(mode)
            self.refused(self.key, "0600")
        self.key.chmod(0o600)
        self.key.write_text(key[:-2] + "\n")
        self.refused(self.key, "64 hexadecimal digits")
        self.key.write_text(key.translate(str.maketrans("0123456789abcdef", "123456789abcdef0")))
        self.refused(self.key, "is not the one of", self.store)

    def test_a_store_that_is_missing_a_file_empty_or_damaged(self):
        kept = self.gate.folder / "kept"
        shutil.move(self.store, kept)
        self.refused(self.store, "kwikgate init")
        self.store.write_text("")
        self.refused(self.store, "kwikgate init")
        self.store.unlink()
        self.store.mkdir()
        self.refused(self.store, "kwikgate init")
        data = (kept / "data.mdb").read_bytes()
        for damaged in (data[:4096], data[:9000], bytes(len(data)), os.urandom(len(data))):
            (self.store / "data.mdb").write_bytes(damaged)
            self.refused(self.store)

    def test_a_store_that_cannot_be_written(self):
        # Root may write what nobody may: without that right it is as any other user.
        prefix = ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
        for path in self.store.iterdir():
            path.chmod(0o444)
        self.store.chmod(0o555)
        self.addCleanup(self.store.chmod, 0o755)
        self.refused(self.store, "cannot be written", prefix=prefix)
        done = subprocess.run([*prefix, BINARY, "token", "create", "--config", self.gate.config_file, "--name", "n",
                               "--section", "orders"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertIn("cannot be written", done.stderr)

    def test_a_log_that_cannot_be_opened(self):
        for key in ("access_log", "log"):
            before = dict(self.gate.config)
            self.gate.config[key] = {"destination": str(self.gate.folder)}
            self.gate.write_config()
            self.refused("log", self.gate.folder, "Is a directory")
            self.gate.config = before


if __name__ == "__main__":
    unittest.main()
