"""Self-signed certificates for tests."""

import shutil
import subprocess

import pytest

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")


def certificate(folder, name, days="30", stem=""):
    """A self-signed certificate and its key; ``stem`` of their files' names is the name that it is for."""
    cert, key = folder / f"{stem or name}.pem", folder / f"{stem or name}.key"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", days, "-subj", f"/CN={name}"]
    words += ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(words, capture_output=True, check=True)
    return cert, key
