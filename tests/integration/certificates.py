"""Certificates for tests, made by the openssl command: an authority and what it signs."""

import pathlib
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def self_signed(folder, name, alternative_names=None):
    """Writes NAME-self.pem and NAME-self.key, signed by nobody else; returns the path of the first."""
    certificate, key = folder / f"{name}-self.pem", folder / f"{name}-self.key"
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
             "-out", certificate, "-days", "30", "-subj", f"/CN={name}",
             "-addext", f"subjectAltName={alternative_names or f'DNS:{name}'}")
    key.chmod(0o600)
    return certificate


class Authority:
    """An authority with its files in a folder of its own."""

    def __init__(self, folder, name="Test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", self.key, "-out", self.certificate, "-days", "30", "-subj", f"/CN={name}")

    def issue(self, name, subject=None, alternative_names=None, days=30, together=False):
        """Writes NAME.pem and NAME.key, or both into NAME.pem; returns the path of NAME.pem."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        names = alternative_names or f"DNS:{name}"
        extensions.write_text(f"subjectAltName={names}\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                 "-out", request, "-subj", subject or f"/CN={name}")
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                 "-CAcreateserial", "-out", certificate, "-days", days, "-extfile", extensions)
        key.chmod(0o600)
        if together:
            certificate.write_text(certificate.read_text() + key.read_text())
            certificate.chmod(0o600)
            key.unlink()
        return certificate
