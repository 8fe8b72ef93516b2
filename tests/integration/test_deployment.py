"""What an installation has beside the binary: units, man pages, completion, the container's file."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from admin_client import AdminClient
from support import BINARY, GatewayTest, free_port, run_kwikgate

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ROOT / "configs" / "systemd"
PACKAGE = ROOT / "configs" / "package"
DOCKERFILE = ROOT / "configs" / "docker" / "Dockerfile"


def settings(unit):
    """(key, value) of a unit file, in order."""
    lines = (line for line in (UNITS / unit).read_text().splitlines() if "=" in line and line[0] not in "#;")
    return [tuple(line.split("=", 1)) for line in lines]


class TemporaryTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def output(self, *command, **options):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr


class UnitsTest(TemporaryTest):
    def test_systemd_finds_no_fault(self):
        for name in ("kwikgate.service", "kwikgate.socket"):
            # The binary is where it is installed only on a machine that has the package.
            (self.folder / name).write_text((UNITS / name).read_text().replace("/usr/bin/kwikgate", BINARY))
        said = self.output("systemd-analyze", "verify", "--man=no", self.folder / "kwikgate.service",
                           self.folder / "kwikgate.socket")
        self.assertEqual([line for line in said.splitlines() if "kwikgate" in line], [])

    def test_the_service_is_hardened(self):
        # 1.3 when this was written; 0 is sealed off, 10 wide open.
        self.output("systemd-analyze", "security", "--offline=true", "--threshold=15", UNITS / "kwikgate.service")

    def test_what_hardening_cannot_measure_is_there(self):
        service = dict(settings("kwikgate.service"))
        self.assertEqual(service["LimitCORE"], "0")
        self.assertEqual(service["Type"], "notify")
        self.assertEqual(service["User"], "kwikgate")
        self.assertGreater(int(service["WatchdogSec"]), 1)
        self.assertTrue(service["LoadCredential"].startswith("master.key:"))

    def test_units_and_configuration_belong_together(self):
        config = json.loads((PACKAGE / "kwikgate.json").read_text())
        service, sockets = dict(settings("kwikgate.service")), dict(settings("kwikgate.socket"))
        listener = config["listeners"][0]
        self.assertEqual((sockets["FileDescriptorName"], sockets["ListenStream"]),
                         (listener["name"], listener["address"]))
        self.assertEqual(service["ExecStart"], "/usr/bin/kwikgate serve --config /etc/kwikgate/kwikgate.json")
        self.assertEqual(config["store"]["master_key_file"], "$CREDENTIALS_DIRECTORY/master.key")
        self.assertEqual(config["store"]["path"], f"/var/lib/{service['StateDirectory']}/store")
        self.assertTrue(config["access_log"]["destination"].startswith(f"/var/log/{service['LogsDirectory']}/"))
        self.assertIn(config["access_log"]["destination"], (PACKAGE / "logrotate").read_text())

    def test_the_installed_configuration_makes_a_store_and_is_valid_then(self):
        for name, source in (("kwikgate.json", PACKAGE), ("kwik.routes.json", ROOT / "configs")):
            shutil.copy(source / name, self.folder)
        config = self.folder / "kwikgate.json"
        text = config.read_text()
        for installed in ("/var/lib/kwikgate", "/var/log/kwikgate"):
            text = text.replace(installed, str(self.folder))
        config.write_text(text)
        environment = {"CREDENTIALS_DIRECTORY": str(self.folder)}
        made = run_kwikgate("store", "create", "--config", config, "--json", env=environment)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertTrue(json.loads(made.stdout)["new_master_key"])
        self.assertEqual((self.folder / "master.key").stat().st_mode & 0o777, 0o600)
        self.assertEqual(run_kwikgate("check", "--config", config, env=environment).returncode, 0)
        again = run_kwikgate("store", "create", "--config", config, env=environment)
        self.assertEqual((again.returncode, "already" in again.stderr), (1, True))
        shutil.rmtree(self.folder / "store")
        kept = run_kwikgate("store", "create", "--config", config, "--json", env=environment)
        self.assertFalse(json.loads(kept.stdout)["new_master_key"])


class SystemCallsTest(GatewayTest):
    """What the unit's filter lets through, against what the gateway calls."""

    def members(self, *names):
        """The system calls of these sets."""
        said = subprocess.run(["systemd-analyze", "syscall-filter", *names], capture_output=True, text=True, check=True)
        words = {line.strip() for line in said.stdout.splitlines() if line.startswith("    ")} - {""}
        words = {word for word in words if not word.startswith("#")}
        below = {word for word in words if word.startswith("@")}
        return (words - below) | (self.members(*below) if below else set())

    def test_the_gateway_calls_nothing_that_the_unit_forbids(self):
        allowed, denied = (value for key, value in settings("kwikgate.service") if key == "SystemCallFilter")
        may = self.members(*allowed.split()) - self.members(*denied.lstrip("~").split())
        self.assertGreater(len(may), 200)
        behind = self.upstream()
        gateway = self.gateway({"kwik": [f"http://localhost:{behind.port}"]},
                               [{"method": "GET", "path": "/a", "section": "payments"}],
                               {"upstreams": {"kwik": {"servers": [f"http://localhost:{behind.port}"],
                                                       "resolve_interval": "1s", "health": {"path": "/a"}}}}, start=False)
        token = gateway.create_token("payments")
        trace = gateway.folder / "calls"
        gateway.launcher = ["strace", "-D", "-f", "-qq", "-o", str(trace)]
        gateway.start()
        with gateway.client() as client:
            for credentials in (token.basic, "Basic bm9ib2R5Om5vYm9keQ=="):
                client.request("GET", "/a", {"Authorization": credentials})
        admin = AdminClient.of(gateway)
        self.assertEqual(admin.post("/api/v1/tokens", {"name": "Made", "sections": ["payments"],
                                                       "permissions": "read-only"}).status, 201)
        self.assertGreater(admin.metrics().sum("process_open_fds"), 3)
        self.assertTrue(gateway.reload())
        gateway.stop()
        called = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE))
        self.assertIn("accept4", called)
        self.assertEqual(called - may - {"execve"}, set())
        families = set(re.findall(r"socket\((AF_\w+)", trace.read_text()))
        self.assertEqual(families - set(dict(settings("kwikgate.service"))["RestrictAddressFamilies"].split()), set())
        self.assertNotRegex(trace.read_text(), r"m(map|protect)\(.*PROT_WRITE\|PROT_EXEC")  # MemoryDenyWriteExecute
        # ProcSubset=pid hides the rest of /proc; ProtectSystem=strict all of it from writing but what the unit names.
        opened = re.findall(r'open(?:at)?\([^"]*"([^"]+)", ([\w|]+)', trace.read_text())
        self.assertEqual({path for path, _ in opened if re.match(r"/proc/(?!self/|sys/|\d)", path)}, set())
        written = {path for path, flags in opened if re.search("O_WRONLY|O_RDWR|O_CREAT", flags)}
        self.assertEqual({path for path in written if not path.startswith((str(gateway.folder), "/dev/null", "/proc/self/fd/"))}, set())


class PackageFilesTest(TemporaryTest):
    def test_maintainer_scripts_are_shell(self):
        for name in ("postinst", "prerm", "postrm"):
            self.output("sh", "-n", PACKAGE / name)

    def test_every_installed_file_below_etc_is_a_conffile(self):
        installs = (PACKAGE / "CMakeLists.txt").read_text()
        below = {"/etc/kwikgate/kwikgate.json", "/etc/kwikgate/kwik.routes.json",
                 "/etc/kwikgate/kwik.unconfirmed.routes.json", "/etc/logrotate.d/kwikgate"}
        self.assertEqual(set((PACKAGE / "conffiles").read_text().split()), below)
        self.assertEqual(len(re.findall(r"DESTINATION /etc/", installs)), 2)


class DocumentsTest(TemporaryTest):
    def setUp(self):
        super().setUp()
        self.output(BINARY, "document", "--dir", self.folder)

    def commands(self, *path):
        """The commands that the help of a command names."""
        lines = self.output(BINARY, *path, "--help").splitlines()
        heads = [number for number, line in enumerate(lines) if line == "Commands:"]
        names = []
        for line in lines[heads[0] + 1:] if heads else []:
            if line and not line.startswith(" "):
                break
            if match := re.match(r"  ([a-z][\w-]*)", line):
                names.append(match[1])
        return names

    def options(self, *path):
        return set(re.findall(r"--[a-z][\w-]*", "\n".join(
            re.split(r"\s{2,}", line.strip())[0] for line in self.output(BINARY, *path, "--help").splitlines() if line.startswith("  -"))))

    def walk(self, *path):
        yield path
        for name in self.commands(*path):
            yield from self.walk(*path, name)

    def test_every_command_has_its_page_and_every_option_its_entry(self):
        self.assertGreater(len(self.commands()), 8)
        for path in self.walk():
            page = self.folder / (f"kwikgate-{path[0]}.1" if path else "kwikgate.1")
            text = page.read_text().replace("\\-", "-")
            for option in self.options(*path):
                self.assertIn(f"\\fB{option}\\fR", text, path)
            if len(path) > 1:
                self.assertIn(".SS kwikgate " + " ".join(path), text)

    def test_pages_are_sound(self):
        for page in self.folder.glob("*.1"):
            said = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True,
                                  timeout=60, check=True)
            self.assertEqual(said.stderr, "", page.name)

    def completions(self, *words):
        line = " ".join(shlex.quote(word) for word in words)
        script = (f"source {self.folder}/kwikgate.bash; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _kwikgate; "
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        return set(self.output("bash", "-c", script).split())

    def test_bash_completes_commands_and_options(self):
        self.assertTrue(set(self.commands()) <= self.completions("kwikgate", ""))
        self.assertNotIn("document", self.completions("kwikgate", ""))
        self.assertEqual(self.completions("kwikgate", "ser"), {"serve"})
        for path in self.walk():
            self.assertTrue(self.options(*path) <= self.completions("kwikgate", *path, "--"), path)
        self.assertIn("create", self.completions("kwikgate", "token", "cr"))
        self.assertEqual(self.completions("kwikgate", "serve", "--config", "file", "--work"), {"--workers"})


class DockerfileTest(GatewayTest):
    def instructions(self):
        text = re.sub(r"\\\n", " ", "\n".join(line for line in DOCKERFILE.read_text().splitlines()
                                              if not line.startswith("#")))
        return [line.split(None, 1) for line in text.splitlines() if line.strip()]

    def test_what_is_copied_is_there_and_not_left_out(self):
        allowed = [line[1:] for line in (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text().split() if line[0] == "!"]
        copied = [part for name, rest in self.instructions() if name == "COPY" and not rest.startswith("--from")
                  for part in rest.split()[:-1]]
        self.assertGreater(len(copied), 5)
        for path in copied:
            self.assertTrue((ROOT / path).exists(), path)
            self.assertTrue(any(path == rule or path.startswith(rule + "/") for rule in allowed), path)

    def test_what_is_copied_is_enough_for_its_build(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-test-"))
        self.addCleanup(shutil.rmtree, folder)
        for name, rest in self.instructions():
            if name != "COPY" or rest.startswith("--from"):
                continue
            *sources, target = rest.split()
            for source in sources:
                place = folder / (f"{target}{source}" if target.endswith("/") else target)
                place.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                copy(ROOT / source, place)
        build = next(rest for name, rest in self.instructions() if name == "RUN" and "cmake" in rest)
        configure = shlex.split(build.split("&&")[0])
        done = subprocess.run(configure, cwd=folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        # Every file that the build would read is there: a dry run fails where one is not.
        done = subprocess.run(["ninja", "-n", "-C", folder / "build/release", "kwikgate"], capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_runs_as_nobody_special_and_tells_its_health(self):
        names = [name for name, _ in self.instructions()]
        stages = names[len(names) - names[::-1].index("FROM"):]
        self.assertEqual(names.count("FROM"), 2)
        self.assertIn("HEALTHCHECK", stages)
        user = next(rest for name, rest in self.instructions() if name == "USER")
        self.assertRegex(user, r"^[1-9]\d+:[1-9]\d+$")

    def test_its_shell_commands_are_shell(self):
        for name, rest in self.instructions():
            if name == "RUN":
                subprocess.run(["sh", "-nc", rest], check=True, timeout=60)

    def test_its_libraries_are_those_that_the_binary_needs(self):
        needed = re.findall(r"\(NEEDED\).*\[(lib[\w+.-]+?)\.so", subprocess.run(
            ["readelf", "-d", BINARY], capture_output=True, text=True, check=True).stdout)
        installed = next(rest for name, rest in self.instructions() if name == "RUN" and "liblmdb0" in rest)
        of_the_base = {"libstdc++", "libm", "libgcc_s", "libc", "ld-linux-x86-64", "libfmt", "libcrypto", "libpthread"}
        for library in set(needed) - of_the_base:
            self.assertIn(re.sub(r"[\d.]+$", "", library), installed, library)

    def test_the_health_check_tells_a_gateway_that_is_ready_from_one_that_is_not(self):
        rest = next(rest for name, rest in self.instructions() if name == "HEALTHCHECK")
        command = json.loads(rest[rest.index("["):])
        port = free_port()
        command[-1] = command[-1].replace("9180", str(port))
        self.assertNotEqual(subprocess.run(command, stderr=subprocess.DEVNULL, timeout=30).returncode, 0)
        gateway = self.gateway({"kwik": [self.upstream().url]}, [{"method": "GET", "path": "/a"}],
                               {"admin": {"address": f"127.0.0.1:{port}"}})
        self.assertEqual(subprocess.run(command, timeout=30).returncode, 0)
        gateway.stop()
        self.assertNotEqual(subprocess.run(command, stderr=subprocess.DEVNULL, timeout=30).returncode, 0)


if __name__ == "__main__":
    unittest.main()
