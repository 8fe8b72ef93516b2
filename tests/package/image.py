"""The image of configs/docker/Dockerfile, built by buildah without a daemon, in a storage of the build folder. As root."""

import json
import pathlib
import subprocess
import tempfile

from small_debian import BASE, ENVIRONMENT, ROOT, base_root

DOCKERFILE = ROOT / "configs" / "docker" / "Dockerfile"
DEBIAN = "docker.io/library/debian:bookworm-slim"
CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def buildah(*arguments, seconds=300):
    storage = ["--root", BASE / "containers", "--runroot", BASE / "containers.run", "--storage-driver", "vfs"]
    command = [str(part) for part in ("buildah", *storage, *arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env={**ENVIRONMENT, "HOME": str(BASE)})
    assert done.returncode == 0, f"{command}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout.strip()


def make_base():
    """What the Dockerfile begins with, made by debootstrap: no registry of images is needed."""
    if DEBIAN in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines():
        return
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, base_root(), "/")
    buildah("commit", "--quiet", "--rm", container, DEBIAN)


def npm_settings(folder):
    """The registry of this machine, and whom it trusts, for the npm of the build stage."""
    registry = subprocess.run(["npm", "config", "get", "registry"], capture_output=True, text=True, timeout=60, check=True).stdout
    file = pathlib.Path(folder) / "npmrc"
    file.write_text(f"registry={registry.strip()}\ncafile={CERTIFICATES}\n")
    return ["--volume", f"{file}:/root/.npmrc:ro", "--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"]


def build(name):
    """Builds the whole Dockerfile: some ten minutes on two cores."""
    make_base()
    with tempfile.TemporaryDirectory() as folder:
        buildah("bud", "--isolation", "chroot", "--network", "host", "--pull-never", "--layers", "--quiet",
                "--format", "docker",
                *npm_settings(folder), "--file", DOCKERFILE, "--ignorefile", f"{DOCKERFILE}.dockerignore", "--tag", name, ROOT,
                seconds=3600)
    # The format of Docker has the health check, which that of OCI has not.
    return json.loads(buildah("inspect", "--type", "image", name))["Docker"]["config"]


class Container:
    """The file system of an image, mounted for a test."""

    def __init__(self, name):
        self.id = buildah("from", "--pull-never", name)
        self.root = pathlib.Path(buildah("mount", self.id))

    def close(self):
        buildah("rm", self.id)
