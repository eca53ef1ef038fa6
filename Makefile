# make demo    try Omni without Slack and without a key
# make run     run it for a real workspace (.env)
# make test    every test, against a real PostgreSQL that it starts itself
# make check   format and tests: what CI runs
# make load    50 questions a second, beside a Python bot; docs/figures.md says what is measured
# make chaos   two processes, ten minutes in which everything goes wrong, and an account of every question
# make crashes every interruption of the table, about half an hour; make test plays a part of them
# make bench   what people wait for, and what a question costs

# The demo and the tests share one debug build, so that neither makes the other build again.
BUILD = swift build
# Tests talk to real peers and wait for them: more at a time than this only makes two cores late for deadlines.
TEST = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 swift test

.PHONY: demo run test check format lint build setup soak load chaos crashes bench release test-release

setup:
	@scripts/setup

demo: setup
	$(BUILD) --product omni
	@.build/debug/omni demo

run: release
	@.build-release/release/omni run

test:
	@scripts/setup test
	$(TEST)

# By hand: 100,000 calls through each of the three C libraries with loops of their own, with memory and descriptors before and after.
soak:
	@scripts/setup test
	OMNI_SOAK=100000 swift test --filter SoakTests

# One file that needs no Swift on the machine it runs on.
release: setup
	$(BUILD) --configuration release --scratch-path .build-release --product omni --static-swift-stdlib

# Scenarios with the program that `make run` starts, instead of the debug build.
test-release: release
	@scripts/setup test
	OMNI_TEST_PROGRAM=$(CURDIR)/.build-release/release/omni $(TEST) --filter ReleaseScenarios

# By hand, on a machine that does nothing else. load and chaos end with 1 when a question was lost, doubled, silent or
# unrecorded, or acknowledged too late; chaos also when a tool wrote twice or a process did not stop as it was asked to.
load: release
	@scripts/setup bench
	.venv-bench/bin/python -m bench.load

crashes:
	@scripts/setup test
	OMNI_CRASHES=all $(TEST) --filter CrashScenarios

chaos: release
	@scripts/setup bench
	.venv-bench/bin/python -m unittest -q bench.test_judge
	.venv-bench/bin/python -m bench.chaos

bench: release
	@scripts/setup bench
	.venv-bench/bin/python -m bench.figures

build: setup
	$(BUILD)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

check: lint test
