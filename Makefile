# The two commands are `make run` and `make test`. Each installs the Debian packages it lacks.
JOBS ?= 2

.PHONY: run test lint bench build clean

# A gateway on 127.0.0.1:8080 with demo tokens in front of a sandbox, in the foreground.
run:
	@.ci/packages run
	@configs/demo/run.sh

build:
	@.ci/packages build
	cmake --preset release
	cmake --build --preset release -j $(JOBS)

test:
	@.ci/packages test
	cmake --preset release
	cmake --build --preset release -j $(JOBS)
	ctest --test-dir build/release --output-on-failure -j $(JOBS)

lint:
	@.ci/packages lint
	@mkdir -p build
	@JOBS=$(JOBS) .ci/lint

# Builds and runs whatever stands in bench/.
bench:
	@.ci/packages bench
	cmake --preset bench
	cmake --build --preset bench -j $(JOBS)
	@find build/bench/bench -name '*_bench' -type f -executable | sort | \
	  while read -r program; do "$$program" || exit 1; done

clean:
	rm -rf build
