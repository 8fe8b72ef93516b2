"""The files of the repository: what git has, or, where it was unpacked without git, what lies there."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files():
    """Paths relative to the root."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                                capture_output=True, check=True).stdout.decode().split("\0")
        paths = [pathlib.PurePath(name) for name in listed if name]
    else:
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        paths = [path for path in paths if path.parts[0] != "build" and "__pycache__" not in path.parts]
    return sorted(path for path in paths if (ROOT / path).is_file())


def text(path):
    """The text of a file, or None where it is not text."""
    data = (ROOT / path).read_bytes()
    return None if b"\0" in data else data.decode("utf-8", errors="replace")


def with_suffix(*suffixes):
    return [path for path in files() if path.suffix in suffixes]
