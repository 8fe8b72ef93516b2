"""A minimal Debian to try installations in, made once and copied for each test. As root."""

import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASE = ROOT / "build" / "package-test"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=900,
                          env=ENVIRONMENT, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def base_root(name="root", include=()):
    """The file system that copies are made of: debootstrap runs once for each name."""
    assert os.geteuid() == 0, "a chroot takes root"
    root, done = BASE / name, BASE / f"{name}.done"
    if not done.exists():
        shutil.rmtree(root, ignore_errors=True)
        BASE.mkdir(parents=True, exist_ok=True)
        packages = [f"--include={','.join(include)}"] if include else []
        run("debootstrap", "--variant=minbase", *packages, "bookworm", root)
        done.touch()
    return root


def copy_of(base):
    root = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-package-", dir=BASE.parent))
    root.chmod(0o755)
    run("cp", "-a", f"{base}/.", root)
    shutil.copy("/etc/resolv.conf", root / "etc")
    return root


def package():
    found = sorted((ROOT / "build" / "release").glob("kwikgate_*.deb"))
    assert found, "make package comes first"
    return found[-1]


def copy_of_debian():
    root = copy_of(base_root())
    # No init runs in there: nothing may be started by installing.
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    return root
