# Thin front door; the build itself is Meson's (meson.build).
#
#   make                 build/steth, installing missing build dependencies first
#   make demo            start two small sick programs and examine them
#   make check           everything: unit tests, sanitizers, fuzzing, style, live tests
#   make analyze         clang's static analyzer, minutes
#   make bench           benchmarks, ratios printed
#   make install PREFIX=/usr/local

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
PYTEST_ARGUMENTS ?=
BENCH_ARGUMENTS ?=
# The live tests mostly wait for their programs.
TEST_WORKERS ?= 4

# Not the python3 of PATH: that may be a shim for an interpreter without pytest.
PYTHON := /usr/bin/python3
NINJA := ninja $(if $(JOBS),-j$(JOBS))
WARNINGS := -Dwerror=true -Dwarning_level=2
FORMATTED = $(shell git ls-files -co --exclude-standard '*.c' '*.h')

# The binary that the live tests examine with.
STETH ?= $(CURDIR)/build-check/steth
export STETH

export ASAN_OPTIONS ?= detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS ?= halt_on_error=1:print_stacktrace=1

.PHONY: all demo check analyze bench install clean dependencies check-dependencies interpreters
.PHONY: check-unit check-sanitized check-live-sanitized check-fuzz check-format check-tidy check-live

all: build/build.ninja
	$(NINJA) -C build

build/build.ninja: | dependencies
	meson setup build --buildtype=release -Ddebug=true --prefix=$(PREFIX)

dependencies:
	@tools/install-dependencies.sh build

demo: all
	build/steth demo zombies
	@echo
	build/steth demo deadlock

# One recipe, so that the parts run in this order and pytest's summary comes last.
check: check-dependencies
	@$(MAKE) --no-print-directory check-unit
	@$(MAKE) --no-print-directory check-format
	@$(MAKE) --no-print-directory check-tidy
	@$(MAKE) --no-print-directory check-sanitized
	@$(MAKE) --no-print-directory check-fuzz
	@$(MAKE) --no-print-directory check-live-sanitized
	@$(MAKE) --no-print-directory check-live

check-dependencies:
	@tools/install-dependencies.sh check

check-unit: build-check/build.ninja
	$(NINJA) -C build-check
	meson test -C build-check --no-rebuild --print-errorlogs

build-check/build.ninja:
	meson setup build-check --buildtype=debugoptimized -Dtests=true $(WARNINGS)

check-sanitized: build-sanitized/build.ninja
	$(NINJA) -C build-sanitized
	meson test -C build-sanitized --no-rebuild --print-errorlogs --timeout-multiplier 4

# What a fault in the reading of a target would show in: all programs, on three interpreters.
check-live-sanitized: check-sanitized interpreters
	STETH=$(CURDIR)/build-sanitized/steth $(PYTHON) -m pytest -n $(TEST_WORKERS) --some-interpreters \
	  tests/cases tests/live/test_exactness.py tests/live/test_bad_input.py $(PYTEST_ARGUMENTS)

build-sanitized/build.ninja:
	meson setup build-sanitized --buildtype=debug -Dtests=true $(WARNINGS) \
	  -Db_sanitize=address,undefined -Dc_args=-fno-omit-frame-pointer

# Each target for a while, as many at once as there are processors.
check-fuzz: build-fuzz/build.ninja interpreters
	$(NINJA) -C build-fuzz
	$(PYTHON) tests/fuzz/make_seeds.py build-fuzz
	find build-fuzz/tests/fuzz -maxdepth 1 -type f -executable -name 'fuzz_*' | sort | \
	  xargs -P "$$(nproc)" -I TARGET tests/fuzz/run.sh TARGET $(FUZZ_SECONDS)

build-fuzz/build.ninja:
	CC=clang meson setup build-fuzz --buildtype=debugoptimized -Dfuzz=true -Db_lundef=false \
	  -Db_sanitize=address,undefined

# Other releases of clang-format break lines in other places; 14 (Debian 12) is the reference.
check-format:
	@case "$$(clang-format --version)" in \
	*"version 14."*) clang-format --dry-run -Werror $(FORMATTED) && echo "clang-format: ok" ;; \
	*) echo "clang-format: not checked (needs release 14)" ;; \
	esac

# The static analyzer takes minutes: it has a rule of its own.
check-tidy: TIDY_CHECKS = -clang-analyzer-*
check-tidy analyze: build-check/build.ninja
	$(NINJA) -C build-check
	@mkdir -p .cache
	@$(PYTHON) $$(command -v run-clang-tidy) -quiet -checks='$(TIDY_CHECKS)' -p build-check '/src/' \
	  >.cache/tidy.log 2>&1 || { grep -vE 'warnings generated|^clang-tidy' .cache/tidy.log; exit 1; }
	@echo "clang-tidy: ok"

# The matrix goes on with the interpreters that are there; the tests' summary names the others.
interpreters:
	-$(PYTHON) tests/interpreters.py fetch

check-live: build-check/build.ninja interpreters
	$(NINJA) -C build-check
	$(PYTHON) -m pytest -n $(TEST_WORKERS) $(PYTEST_ARGUMENTS)

bench: build-bench/build.ninja
	$(NINJA) -C build-bench
	$(PYTHON) bench/run.py $(BENCH_ARGUMENTS)

build-bench/build.ninja: | dependencies
	meson setup build-bench --buildtype=release -Dbench=true

install: all
	meson configure build --prefix=$(PREFIX)
	$(NINJA) -C build
	DESTDIR="$(DESTDIR)" meson install -C build --no-rebuild

clean:
	rm -rf build build-check build-sanitized build-fuzz build-bench
