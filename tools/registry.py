"""Archives of fixed version and hash from PyPI and npm, kept in a cache.

The indexes and certificates configured for pip and npm are honoured: PIP_INDEX_URL, PIP_CERT,
pip.conf; npm_config_registry, .npmrc.
"""

import configparser
import hashlib
import html
import os
import pathlib
import re
import ssl
import urllib.parse
import urllib.request

TIMEOUT_SECONDS = 60


class Failure(Exception):
    """A cause in one line for the person who builds."""


def pip_setting(name):
    """A setting of pip: its environment variable, else the first pip.conf that has it."""
    value = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if value:
        return value
    home = pathlib.Path.home()
    files = [os.environ.get("PIP_CONFIG_FILE"), os.environ.get("VIRTUAL_ENV", "/nowhere") + "/pip.conf"]
    files += [home / ".config/pip/pip.conf", home / ".pip/pip.conf", "/etc/pip.conf"]
    for file in filter(None, files):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(file)
        except configparser.Error:
            continue
        for section in ("download", "install", "global"):
            value = parser.get(section, name, fallback=None)
            if value:
                return value.strip().strip("'\"")
    return None


def npm_setting(name):
    """A setting of npm: its environment variable, else the first .npmrc that has it."""
    for variable in ("npm_config_" + name, "NPM_CONFIG_" + name.upper()):
        if os.environ.get(variable):
            return os.environ[variable]
    files = [os.environ.get("NPM_CONFIG_USERCONFIG"), pathlib.Path.home() / ".npmrc", "/etc/npmrc"]
    files.append("/usr/local/etc/npmrc")
    for file in filter(None, files):
        try:
            lines = pathlib.Path(file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:
            key, equals, value = line.partition("=")
            if equals and key.strip() == name:
                return os.path.expandvars(value.strip().strip("'\""))
    return None


def read_url(url, certificates):
    context = ssl.create_default_context()
    if certificates and os.path.exists(certificates):
        context.load_verify_locations(certificates)
    request = urllib.request.Request(url, headers={"User-Agent": "steth-build"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as answer:
        return answer.read()


def from_pypi(name):
    """The bytes of archive `name`, found in the index's page of its project."""
    project = re.match(r"(.+?)-\d", name)[1].replace("_", "-")
    index = (pip_setting("index-url") or "https://pypi.org/simple").rstrip("/")
    certificates = pip_setting("cert")
    page = f"{index}/{project}/"
    text = read_url(page, certificates).decode("utf-8", "replace")
    for link in re.findall(r"""href\s*=\s*["']([^"']+)["']""", text):
        target = urllib.parse.urljoin(page, html.unescape(link)).partition("#")[0]
        if urllib.parse.unquote(target).endswith("/" + name):
            return read_url(target, certificates)
    raise Failure(f"{page} does not offer {name}")


def from_npm(name, scope=""):
    """The bytes of archive `name`; `scope` is "@owner/" for the packages of an owner."""
    project = re.match(r"(.+?)-\d", name)[1]
    registry = (npm_setting("registry") or "https://registry.npmjs.org").rstrip("/")
    certificates = npm_setting("cafile") or pip_setting("cert")
    return read_url(f"{registry}/{scope}{project}/-/{name}", certificates)


def download(cache, name, sha256, fetch):
    """The path of archive `name` in the cache; what is there counts when its hash is right."""
    path = cache / name
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
        return path
    try:
        content = fetch(name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Failure(f"cannot download {name}: {reason}; put the file into {cache}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Failure(f"{name} is not what it should be: another hash than {sha256}")
    cache.mkdir(parents=True, exist_ok=True)
    partial = cache / f"{name}.{os.getpid()}"
    partial.write_bytes(content)
    partial.rename(path)
    return path
