"""The official JSON schema of SARIF 2.1.0, from the npm package that carries it."""

import functools
import json
import pathlib
import sys
import tarfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(PROJECT / "tools"))

from registry import download, from_npm  # noqa: E402

PACKAGE = "jest-sarif-1.0.0-beta.0.tgz"
PACKAGE_SHA256 = "748e2c3d1a842e7bb258416685c7ea3a0da40005b72267b2052c2856d48ad102"
OWNER = "@microsoft/"
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"


@functools.lru_cache(maxsize=None)
def sarif_schema():
    cache = PROJECT / ".cache" / "sarif"
    path = download(cache, PACKAGE, PACKAGE_SHA256, functools.partial(from_npm, scope=OWNER))
    with tarfile.open(path) as archive:
        return json.load(archive.extractfile(MEMBER))
