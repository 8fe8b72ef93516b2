"""Real HAProxy and nginx before the gateway."""

import pathlib
import shutil
import socket
import subprocess
import tempfile

from waiting import free_port, wait_until


class HAProxyInFront:
    """Debian's HAProxy on a port of IPv6 that IPv4 comes in by, as with `bind :::443 v4v6`, before one server. `server` is what stands behind its address, `backend`
    more lines of the backend."""

    def __init__(self, server_port, server="", backend=(), check_port=None, mode="tcp"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-haproxy-"))
        self.port = free_port()
        self.stats = self.folder / "stats"
        check = f"check port {check_port} inter 100ms rise 1 fall 1" if check_port else ""
        lines = ["global", f"    stats socket {self.stats} level admin",
                 "defaults", f"    mode {mode}", "    timeout connect 5s", "    timeout server 30s",
                 "    timeout client 30s",
                 "frontend in", f"    bind ::ffff:127.0.0.1:{self.port}", "    default_backend out",
                 "backend out", *(f"    {line}" for line in backend),
                 f"    server one 127.0.0.1:{server_port} {server} {check}", ""]
        (self.folder / "haproxy.cfg").write_text("\n".join(lines))
        binary = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
        self.process = subprocess.Popen([binary, "-db", "-f", self.folder / "haproxy.cfg"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._is_up, "HAProxy to listen")

    def _is_up(self):
        assert self.process.poll() is None, "HAProxy ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def status(self):
        """What its health check says of the server: "UP", "DOWN", "no check"; and what the last one saw."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.stats))
            control.sendall(b"show stat\n")
            text = b""
            while piece := control.recv(65536):
                text += piece
        names, *rows = [line.split(",") for line in text.decode().lstrip("# ").splitlines() if line]
        row = next(dict(zip(names, row)) for row in rows if row[:2] == ["out", "one"])
        return row["status"], row["check_status"], row["check_code"]

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)
