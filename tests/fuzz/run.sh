#!/bin/sh
# run.sh TARGET SECONDS: one fuzz target for a while, from what it learnt before (.cache/fuzz).
set -eu
corpus=.cache/fuzz/$(basename "$1")
mkdir -p "$corpus"
echo "$1: $2 s"
exec "$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_funcs=0 \
    -print_final_stats=1 -artifact_prefix="$corpus-" "$corpus"
