"""A device that holds passkeys, in a few lines: WebAuthn's answers, made as a phone makes them."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
"""Flags of authenticator data (WebAuthn §6.1): somebody is there, it is them, a key follows."""


def text(raw: bytes) -> str:
    """Bytes as WebAuthn's JSON writes them."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One passkey on a device that knows its owner's finger."""

    origin: str = "http://letters.example.org"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, task: dict[str, Any]) -> str:
        """Make a passkey."""
        key = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: key.x.to_bytes(32), -3: key.y.to_bytes(32)}
        credential = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(cose)
        data = self._data(task["rp"]["id"], self.flags | ATTESTED) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", task["challenge"])
        return self._said(
            clientDataJSON=text(client),
            attestationObject=text(attestation),
            transports=["internal", "telepathy"],
        )

    def get(self, task: dict[str, Any]) -> str:
        """Use it."""
        self.count += 1
        data = self._data(task["rpId"], self.flags)
        client = self._client("webauthn.get", task["challenge"])
        signed = data + hashlib.sha256(client).digest()
        return self._said(
            clientDataJSON=text(client),
            authenticatorData=text(data),
            signature=text(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        )

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        urlsafe_b64decode(challenge + "==")  # a browser would refuse what is no base64url
        told = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(told).encode()

    def _said(self, **response: Any) -> str:
        whole = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps(whole | {"response": response})
