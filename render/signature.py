"""Signing a dataset's manifest with a key, and checking that signature.

The manifest names every file with its hash, so a signature of it signs them all. The work is done
by the model-signing library of the OpenSSF, an extra: keys are elliptic-curve keys in PEM files,
nothing asks a network, and its result is a Sigstore bundle that its own command reads too.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from render.coco_reader import read_json
from render.config import SignConfig
from render.image_reader import read_file
from render.manifest import MANIFEST, sha256_file
from render.progress import show
from render.verify import verify
from simulator.errors import DataError, FairweatherError

SIGNATURE = "signature.sigstore.json"
"""Name of the signature, beside the manifest."""

MAX_KEY_BYTES = 1 << 16
MAX_SIGNATURE_BYTES = 1 << 22


def sign(config: SignConfig) -> Path:
    """Check a dataset and sign its manifest.

    Raises:
        DataError: a file is not as the manifest says, or the key cannot be used.
        FairweatherError: the library is not installed.
    """
    folder, key = Path(config.data), Path(config.key)
    if key.resolve().is_relative_to(folder.resolve()):
        raise DataError("lies inside the dataset", place=str(key), mend="Keep the key elsewhere")
    if problems := verify(folder).problems:
        raise DataError(f"{problems[0]}: it is not signed", place=str(folder), mend="Run verify")
    signer = _library("signing").Config()
    read_file(key, MAX_KEY_BYTES)
    try:
        signer.use_elliptic_key_signer(private_key=key).sign(folder / MANIFEST, folder / SIGNATURE)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"is no private key that can sign ({_said(error)})", place=str(key)
        ) from None
    show(f"signed: {folder / SIGNATURE}")
    return folder / SIGNATURE


def check_signature(folder: Path, public_key: Path) -> str:
    """The root hash that a key has signed.

    Raises:
        DataError: no signature, one of another key, or of another manifest.
    """
    checker = _library("verifying").Config()
    read_file(public_key, MAX_KEY_BYTES)
    place = folder / SIGNATURE
    if not place.is_file():
        raise DataError("is not signed", place=str(folder), mend="Ask who made it")
    read_json(place, MAX_SIGNATURE_BYTES)
    try:
        checker = checker.use_elliptic_key_verifier(public_key=public_key)
    except (ValueError, TypeError) as error:
        raise DataError(f"is no public key ({_said(error)})", place=str(public_key)) from None
    try:
        checker.verify(folder / MANIFEST, place)
    except Exception as error:  # whatever the library says of a file that nobody vouches for
        raise DataError(
            f"is no signature of this manifest by that key ({_said(error)})", place=str(place)
        ) from None
    return sha256_file(folder / MANIFEST)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _library(module: str) -> Any:
    try:
        return importlib.import_module(f"model_signing.{module}")
    except ModuleNotFoundError:
        raise FairweatherError(
            "model-signing is not installed", mend="pip install -c constraints.txt -e '.[sign]'"
        ) from None
