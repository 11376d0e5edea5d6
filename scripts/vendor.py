"""Copies what other people made into the studio's assets: run by a maintainer, never at build. Needs npm.

    python scripts/vendor.py

Each package of vendor.toml is fetched by `npm pack`; its bytes must have npm's integrity as it is written there, and
each file the hash beside it.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ASSETS = Path(__file__).parent.parent / "src" / "suture" / "studio" / "assets"


def digest(data: bytes, algorithm: str) -> str:
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def main() -> int:
    for package in tomllib.loads((ASSETS / "vendor.toml").read_text())["package"]:
        name, version = package["name"], package["version"]
        place = ASSETS / "vendor" / f"{name}-{version}"
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=scratch, check=True, stdout=-1)
            archive = Path(scratch) / done.stdout.decode().strip()
            if digest(archive.read_bytes(), "sha512") != package["integrity"]:
                sys.exit(f"{name} {version} is not what vendor.toml says: its integrity differs")
            with tarfile.open(archive) as opened:
                opened.extractall(scratch, filter="data")
            place.mkdir(parents=True, exist_ok=True)
            for file in package["file"]:
                source = Path(scratch) / "package" / file["source"]
                if digest(source.read_bytes(), "sha256") != file["sha256"]:
                    sys.exit(f"{name} {version}: {file['source']} has another hash than vendor.toml says")
                shutil.copyfile(source, place / file["path"])
            shutil.copyfile(Path(scratch) / "package" / "LICENSE", place / "LICENSE")
        print(f"{name} {version}: {', '.join(file['path'] for file in package['file'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
