# The two commands are `make run` and `make test`. Each installs the Debian packages it lacks.
JOBS ?= 2

.PHONY: run test lint bench micro build clean

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

clean:
	rm -rf build
