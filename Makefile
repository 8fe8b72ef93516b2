# The two commands are `make run` and `make test`. Each installs the Debian packages it lacks.
JOBS ?= 2

.PHONY: run test lint hostile bench micro tsan build package package-test clean

# A gateway on 127.0.0.1:8080 with demo tokens in front of a sandbox, in the foreground.
run:
	@.ci/packages run
	@configs/demo/run.sh

build:
	@.ci/packages console
	cmake --preset release -DKWIKGATE_CONSOLE=ON
	cmake --build --preset release -j $(JOBS)

test:
	@.ci/packages test
	cmake --preset release -DKWIKGATE_CONSOLE=ON
	cmake --build --preset release -j $(JOBS)
	ctest --test-dir build/release --output-on-failure -j $(JOBS) $(CTEST_FLAGS)

# The unit and integration tests under the thread sanitizer, which .ci/run has no time for.
tsan:
	@.ci/packages test lint
	cmake --preset tsan
	cmake --build --preset tsan -j $(JOBS)
	ctest --test-dir build/tsan --output-on-failure -j $(JOBS) -L 'unit|integration'

# Upstreams that say more than they were asked for: 10,000 exchanges of each kind, where `make test` runs 300. Half an hour.
hostile: build
	cd tests/integration && for backend in epoll io_uring; do \
	    KWIKGATE_BIN=$(CURDIR)/build/release/kwikgate KWIKGATE_TEST_IO_BACKEND=$$backend KWIKGATE_HOSTILE_EXCHANGES=10000 \
	    PYTHONDONTWRITEBYTECODE=1 python3 -m unittest -v test_hostile_upstream || exit 1; done

lint:
	@.ci/packages lint
	@mkdir -p build
	@JOBS=$(JOBS) .ci/lint

# The gateway beside its peers, interleaved; writes bench/report/. QUICK=1: under three minutes.
# ARGS is handed on, see `bench/run.py --help`.
bench:
	@.ci/packages bench
	cmake --preset bench
	cmake --build --preset bench -j $(JOBS) --target kwikgate kwikgate-load kwikgate-upstream kwikgate-populate
	bench/run.py $(if $(QUICK),--quick) $(ARGS)

# The parts of the request path one by one, with allocations. ARGS: options of Google Benchmark, and --large.
micro:
	@.ci/packages bench
	cmake --preset bench
	cmake --build --preset bench -j $(JOBS) --target kwikgate_micro_bench
	build/bench/bench/kwikgate_micro_bench $(ARGS)

# A Debian package: build/release/kwikgate_VERSION_ARCHITECTURE.deb.
package:
	@.ci/packages console package
	cmake --preset release -DKWIKGATE_CONSOLE=ON
	cmake --build --preset release -j $(JOBS) --target kwikgate package_documents
	cd build/release && cpack

# Installs that package into a small Debian made for it (as root; some minutes the first time), runs, upgrades and
# removes it, also on a booted systemd, and runs every block of docs/production.md there.
package-test: package
	@.ci/packages package-test
	cd tests/package && PYTHONDONTWRITEBYTECODE=1 python3 -m unittest -v test_package test_container test_systemd test_production

clean:
	rm -rf build
