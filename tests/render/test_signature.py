"""Signatures: what a key has signed is known again, and nothing else is."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from render.config import SignConfig, VerifyConfig
from render.manifest import MANIFEST, manifest_text, sha256_file
from render.signature import SIGNATURE, sign
from render.verify import verify, verify_deep
from simulator.errors import DataError, FairweatherError
from tests.training.toy import write_toy


@pytest.fixture(scope="module")
def library() -> None:
    pytest.importorskip("model_signing", reason="the extra 'sign' is not installed")


@pytest.fixture(scope="module")
def keys(library, tmp_path_factory) -> Path:
    """A folder with two pairs of keys."""
    serialization: Any = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    ec: Any = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    folder = tmp_path_factory.mktemp("keys")
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    for name in ("ours", "theirs"):
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{name}.pem").write_bytes(private)
        (folder / f"{name}.pub").write_bytes(public)
    return folder


@pytest.fixture
def data(tmp_path) -> Path:
    folder = write_toy(tmp_path / "d", 2)
    forge(folder)
    return folder


def forge(folder: Path) -> None:
    skip = {MANIFEST, SIGNATURE}
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in skip)
    hashes = [(p.relative_to(folder).as_posix(), sha256_file(p)) for p in files]
    (folder / MANIFEST).write_text(manifest_text(hashes))


def check(folder: Path, key: Path) -> tuple[str, ...]:
    report = verify_deep(VerifyConfig(data=str(folder), public_key=str(key)))
    return report.problems or report.said


def test_what_was_signed_is_known_again_and_the_manifest_stays(data, keys) -> None:
    before = verify(data).root_hash
    sign(SignConfig(data=str(data), key=str(keys / "ours.pem")))
    assert check(data, keys / "ours.pub")[0].endswith(f"root hash {before}")
    assert verify(data).problems == ()


def _edit(folder: Path) -> None:
    (folder / "dataset.json").write_text((folder / "dataset.json").read_text() + " ")
    forge(folder)


def _strip(folder: Path) -> None:
    (folder / SIGNATURE).unlink()


def _garbage(folder: Path) -> None:
    (folder / SIGNATURE).write_text('{"mediaType": []}')


def _no_json(folder: Path) -> None:
    (folder / SIGNATURE).write_text("[" * 100_000)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_edit, "is no signature of this manifest by that key"),
        (_strip, "is not signed"),
        (_garbage, "is no signature of this manifest"),
        (_no_json, "is not valid JSON"),
    ],
)
def test_another_dataset_or_another_signature_is_refused(damage, said, data, keys) -> None:
    sign(SignConfig(data=str(data), key=str(keys / "ours.pem")))
    damage(data)
    with pytest.raises(DataError, match=said) as error:
        check(data, keys / "ours.pub")
    assert "\n" not in str(error.value)


def test_a_key_of_somebody_else_and_what_is_no_key_are_refused(data, keys) -> None:
    sign(SignConfig(data=str(data), key=str(keys / "theirs.pem")))
    with pytest.raises(DataError, match="by that key"):
        check(data, keys / "ours.pub")
    with pytest.raises(DataError, match="is no public key"):
        check(data, data / "dataset.json")
    with pytest.raises(DataError, match="is no private key"):
        sign(SignConfig(data=str(data), key=str(keys / "ours.pub")))


def test_a_dataset_that_is_not_as_written_is_not_signed_nor_a_key_within_it(data, keys) -> None:
    shutil.copy(keys / "ours.pem", data / "k.pem")
    with pytest.raises(DataError, match="lies inside the dataset"):
        sign(SignConfig(data=str(data), key=str(data / "k.pem")))
    with pytest.raises(DataError, match=r"extra: k\.pem: it is not signed"):
        sign(SignConfig(data=str(data), key=str(keys / "ours.pem")))
    assert not (data / SIGNATURE).exists()


def test_the_bundle_names_the_root_hash(data, keys) -> None:
    sign(SignConfig(data=str(data), key=str(keys / "ours.pem")))
    envelope = json.loads((data / SIGNATURE).read_text())["dsseEnvelope"]
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["predicate"]["resources"][0]["digest"] == verify(data).root_hash


def test_without_the_library_it_says_what_to_install(data, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "model_signing.signing", None)
    (tmp_path / "k.pem").write_text("x")
    with pytest.raises(FairweatherError, match=r"pip install .*\[sign\]"):
        sign(SignConfig(data=str(data), key=str(tmp_path / "k.pem")))
