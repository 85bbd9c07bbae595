#!/bin/sh
# Installs what is missing to build steth ("build") or to check it ("check"), with apt-get, as root
# or with sudo. Does nothing, and asks for nothing, when everything is there.
#
#   tools/install-dependencies.sh build|check
set -eu

missing=

# need COMMAND PACKAGE
need()
{
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

# need_library PKG-CONFIG-NAME PACKAGE
need_library()
{
    pkg-config --exists "$1" 2>/dev/null || missing="$missing $2"
}

need_for_build()
{
    need gcc gcc
    [ -e /usr/include/stdio.h ] || missing="$missing libc6-dev"
    need meson meson
    need ninja ninja-build
    need pkg-config pkgconf
    [ -x /usr/bin/python3 ] || missing="$missing python3"
    need_library libelf libelf-dev
    need_library libdw libdw-dev
    need_library jansson libjansson-dev
    need_library libzstd libzstd-dev
    # What libdw's archive needs: with it steth is one file that starts faster.
    [ -e /usr/include/bzlib.h ] || missing="$missing libbz2-dev"
    need_library liblzma liblzma-dev
    need_library zlib zlib1g-dev
    # For the parser's source (tools/fetch-parser.py).
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
}

need_for_check()
{
    need_for_build
    need clang clang
    need clang-format clang-format
    need clang-tidy clang-tidy
    need gdb gdb # gcore
    need llvm-symbolizer llvm # the places in a sanitizer's report
    need_library cmocka libcmocka-dev
    /usr/bin/python3 -c 'import pytest' 2>/dev/null || missing="$missing python3-pytest"
    /usr/bin/python3 -c 'import xdist' 2>/dev/null || missing="$missing python3-pytest-xdist"
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || missing="$missing python3-jsonschema"
    /usr/bin/python3 -c 'import networkx' 2>/dev/null || missing="$missing python3-networkx"
}

# The sanitizers' runtime of clang is a package of its own from clang 14 on.
need_for_fuzzing()
{
    runtime=$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a")
    [ -e "$runtime" ] && return
    [ -e "$(clang -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a" ] && return
    release=$(clang -dumpversion | cut -d. -f1)
    if apt-cache show "libclang-rt-$release-dev" >/dev/null 2>&1; then
        missing="$missing libclang-rt-$release-dev"
    else
        missing="$missing libclang-common-$release-dev"
    fi
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_missing()
{
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "steth: please install:$missing (Debian's names; no apt-get here)" >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        echo "steth: as root, please run: apt-get install$missing" >&2
        exit 1
    fi
    echo "steth: installing$missing"
    # shellcheck disable=SC2086 # a list of words
    set -- $missing
    missing=
    install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends"
    # Lists that are old or not there are the usual cause of a failure.
    # shellcheck disable=SC2086
    as_root $install "$@" || { as_root apt-get update -q && as_root $install "$@"; }
}

case "${1-}" in
build)
    need_for_build
    install_missing
    ;;
check)
    need_for_check
    install_missing
    need_for_fuzzing
    install_missing
    ;;
*)
    echo "usage: tools/install-dependencies.sh build|check" >&2
    exit 2
    ;;
esac
