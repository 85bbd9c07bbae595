"""Which interpreters a test runs on."""

import pytest

import interpreters as known


def _chosen(config):
    names = config.getoption("--interpreters")
    everything = known.interpreters()
    if not names:
        return everything
    unknown = set(names.split(",")) - {one.name for one in everything}
    if unknown:
        raise pytest.UsageError(f"no such interpreter: {', '.join(sorted(unknown))}")
    return [one for one in everything if one.name in names.split(",")]


def matrix(metafunc):
    """The interpreters that a test runs on."""
    kinds = metafunc.definition.get_closest_marker("kinds")
    wanted = kinds.args if kinds else ("release",)
    there = [one for one in _chosen(metafunc.config) if one.kind in wanted]
    few = metafunc.config.getoption("some_interpreters")
    if few or metafunc.definition.get_closest_marker("some"):
        return some_of(there)
    if metafunc.definition.get_closest_marker("minors"):
        return list({one.version_info[:2]: one for one in there}.values())
    return there


def some_of(interpreters):
    """The oldest, the machine's own and the newest."""
    own = [one for one in interpreters if one.vendor == "machine"]
    return list(dict.fromkeys([*interpreters[:1], *own[:1], *interpreters[-1:]]))
