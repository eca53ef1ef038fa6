"""Makes a certificate authority, a certificate for the name `localhost` alone, and another authority nobody uses.

Argument: an existing folder for their files.
"""

import pathlib
import sys
import time

import trustme

from peer import hello

path = pathlib.Path(sys.argv[1])
authority, other = trustme.CA(), trustme.CA()
certificate = authority.issue_cert("localhost")
authority.cert_pem.write_to_path(str(path / "ca.pem"))
other.cert_pem.write_to_path(str(path / "other.pem"))
certificate.private_key_pem.write_to_path(str(path / "key.pem"))
for blob in certificate.cert_chain_pems:
    blob.write_to_path(str(path / "certificate.pem"), append=True)
hello(
    ca=str(path / "ca.pem"),
    other=str(path / "other.pem"),
    certificate=str(path / "certificate.pem"),
    key=str(path / "key.pem"),
)
time.sleep(3600)
