"""A certificate authority of one run: root, intermediate and a leaf for loopback addresses, as servers really send."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

_CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n"
_LEAF = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\n"
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make(folder: Path, addresses: Iterable[str]) -> None:
    """Write `root.pem` for clients, `chain.pem` and `leaf.key` for the server. Needs the program openssl."""
    _openssl(
        folder, "req", "-x509", *_KEY, "-keyout", "root.key", "-out", "root.pem", "-days", "2", "-subj", "/CN=root",
        "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    _signed(folder, "middle", _CA, issuer="root")
    names = ",".join(f"IP:{address}" for address in addresses)
    _signed(folder, "leaf", f"{_LEAF}subjectAltName={names}\n", issuer="middle")
    chain = (folder / "leaf.pem").read_text("ascii") + (folder / "middle.pem").read_text("ascii")
    (folder / "chain.pem").write_text(chain, "ascii")


def _signed(folder: Path, name: str, extensions: str, *, issuer: str) -> None:
    (folder / f"{name}.ext").write_text(extensions + "authorityKeyIdentifier=keyid\n", "ascii")
    _openssl(folder, "req", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    _openssl(
        folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key",
        "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem",
    )  # fmt: skip


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
