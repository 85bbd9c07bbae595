#!/usr/bin/env python3
"""Regenerates every layout table of src/layout/tables/ from the headers of each known version.

To add a CPython version, add one line to SOURCES and run this. Headers come from distributions'
-dev packages (downloaded into --cache) and, for builds that no distribution ships, from the
interpreters of pyenv (`pyenv install X`). Versions with equal layouts share a table.
"""

import argparse
import lzma
import os
import pathlib
import subprocess
import sys
import urllib.request
from typing import NamedTuple

import generate

TABLES = generate.FIELDS_DEF.parent / "tables"
DEBIAN = "http://deb.debian.org/debian"
UBUNTU = "http://archive.ubuntu.com/ubuntu"


class Package(NamedTuple):
    vendor: str
    archive: str
    suite: str
    component: str
    name: str


class Pyenv(NamedTuple):
    version: str


SOURCES = [
    Package("ubuntu", UBUNTU, "focal", "main", "libpython3.8-dev"),
    Pyenv("3.8.18"),
    Package("debian", DEBIAN, "bullseye", "main", "libpython3.9-dev"),
    Pyenv("3.9.18"),
    Package("ubuntu", UBUNTU, "jammy", "main", "libpython3.10-dev"),
    Pyenv("3.10.13"),
    Package("debian", DEBIAN, "bookworm", "main", "libpython3.11-dev"),
    Pyenv("3.11.7"),
    Pyenv("3.12.1"),
    Package("ubuntu", UBUNTU, "noble", "main", "libpython3.12-dev"),
    Pyenv("3.13.0"),
    Package("debian", DEBIAN, "trixie", "main", "libpython3.13-dev"),
    Package("ubuntu", UBUNTU, "questing", "main", "libpython3.13-dev"),
    Package("debian", DEBIAN, "sid", "main", "libpython3.13-dev"),
    Package("ubuntu", UBUNTU, "questing", "universe", "libpython3.14-dev"),
    Package("ubuntu", UBUNTU, "resolute", "main", "libpython3.14-dev"),
    Package("debian", DEBIAN, "sid", "main", "libpython3.14-dev"),
    Package("debian", DEBIAN, "sid", "main", "libpython3.15-dev"),
]


def download(url, path):
    if not path.exists():
        print(f"downloading {url}", file=sys.stderr)
        path.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(url, timeout=300) as answer:
            path.write_bytes(answer.read())
    return path


def package_record(package, cache):
    """The package's paragraph in its suite's index, as a dict."""
    place = f"dists/{package.suite}/{package.component}/binary-amd64/Packages.xz"
    index = download(f"{package.archive}/{place}",
                     cache / f"{package.vendor}-{package.suite}-{package.component}.xz")
    start = f"Package: {package.name}\n"
    for paragraph in lzma.decompress(index.read_bytes()).decode().split("\n\n"):
        if paragraph.lstrip("\n").startswith(start):
            return dict(line.split(": ", 1) for line in paragraph.splitlines()
                        if ": " in line and not line.startswith(" "))
    sys.exit(f"{package.suite} has no {package.name}")


def package_headers(package, cache):
    """(include directories, provenance)"""
    record = package_record(package, cache)
    name = pathlib.PurePosixPath(record["Filename"]).name
    deb = download(f"{package.archive}/{record['Filename']}", cache / name)
    folder = cache / name.removesuffix(".deb")
    if not folder.exists():
        folder.mkdir()
        content = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True,
                                 capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", folder, "--wildcards", "./usr/include/*"], check=True,
                       input=content)
    include = folder / "usr" / "include"
    python = include / package.name.removeprefix("lib").removesuffix("-dev")
    provenance = f"{package.vendor} {package.suite}: {package.name} {record['Version']}"
    return [python, include], provenance


def pyenv_headers(source):
    root = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    minor = source.version.rpartition(".")[0]
    include = root / "versions" / source.version / "include" / f"python{minor}"
    if not include.exists():
        sys.exit(f"no headers of {source.version}: run pyenv install {source.version}")
    return [include], f"upstream: CPython {source.version} as built by pyenv"


def measure(source, cache):
    if isinstance(source, Pyenv):
        includes, provenance = pyenv_headers(source)
        vendor = "upstream"
    else:
        includes, provenance = package_headers(source, cache)
        vendor = source.vendor
    return {"table": generate.tables_of(includes), "vendor": vendor, "provenance": provenance}


def layout_key(measured):
    """Equal for measurements that share a table. The whole sizes of the two largest structs vary
    with a build's configuration, behind every field that is read."""
    table = {key: value for key, value in measured["table"].items() if key != "version"}
    table["at"] = {key: value for key, value in table["at"].items()
                   if key not in ("size_of_runtime", "size_of_interpreter")}
    return (measured["table"]["version"] >> 16, repr(table))


def version_text(version):
    return f"{version >> 24}.{version >> 16 & 255}.{version >> 8 & 255}"


def write_group(group):
    versions = sorted(measured["table"]["version"] for measured in group)
    vendors = {measured["vendor"] for measured in group}
    first, last = version_text(versions[0]), version_text(versions[-1])
    vendor = "" if "upstream" in vendors else f" ({', '.join(sorted(vendors))})"
    label = (first if first == last else f"{first} to {last}") + vendor
    name = f"cpython-{first}.inc"
    text = generate.render(group[0]["table"], label, versions[0], versions[-1],
                           [measured["provenance"] for measured in group])
    (TABLES / name).write_text(text)
    print(f"{name}: {label}")
    return name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=pathlib.Path, required=True,
                        help="where downloaded packages are kept")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    groups = {}
    for source in SOURCES:
        measured = measure(source, arguments.cache)
        groups.setdefault(layout_key(measured), []).append(measured)
    for stale in TABLES.glob("*.inc"):
        stale.unlink()
    names = [write_group(group) for group in groups.values()]
    lines = ["/* Generated by tools/layout/regenerate.py; do not edit. */"]
    lines.append(f"#define LAYOUT_TABLES_FIELDS {len(generate.offset_names())}")
    lines += [f'#include "layout/tables/{name}"' for name in names]
    (TABLES / "all.inc").write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
