# make demo    try Omni without Slack and without a key
# make run     run it for a real workspace (.env)
# make test    every test, against a real PostgreSQL that it starts itself
# make check   format and tests: what CI runs

# The demo and the tests share one debug build, so that neither makes the other build again.
BUILD = swift build
# Tests talk to real peers and wait for them: more at a time than this only makes two cores late for deadlines.
TEST = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 swift test

.PHONY: demo run test check format lint build setup soak

setup:
	@scripts/setup

demo: setup
	$(BUILD) --product omni
	@.build/debug/omni demo

run: setup
	$(BUILD) --configuration release --scratch-path .build-release --product omni
	@.build-release/release/omni run

test:
	@scripts/setup test
	$(TEST)

# By hand: 100,000 calls through each of the three C floors, with memory and descriptors before and after.
soak:
	@scripts/setup test
	OMNI_SOAK=100000 swift test --filter SoakTests

build: setup
	$(BUILD)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

check: lint test
