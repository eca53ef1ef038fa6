# make demo    try Omni without Slack and without an API key
# make run     run Omni for a Slack workspace (.env)
# make test    all tests, with a PostgreSQL server that they start
# make check   format and tests; .ci/run also tests the demo, and with the argument release the release build
# make load    50 questions per second, Omni and a Python bot; docs/figures.md describes what is measured
# make chaos   two processes and ten minutes of injected faults, then a check of every question's outcome
# make crashes every interruption of the table, a quarter of an hour; make test runs a part of them
# make random  100,000 random inputs for each reader of JSON and event streams, and random schemas of tools; make test
#              runs some of them
# make bench   latencies and costs per question
# make bench-record  reports over a million rows of the audit log

# The demo and the tests share one debug build, so that neither causes a rebuild for the other.
BUILD = swift build $(SWIFT_FLAGS)
# Tests wait for external processes; with more of them in parallel, two cores miss the tests' deadlines.
TEST = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 swift test $(SWIFT_FLAGS)

.PHONY: demo run test check format lint build setup soak random load chaos crashes bench bench-record release test-program test-release

setup:
	@scripts/setup

# The Swift packages are fetched while the system's are installed. If that fails, the build says why.
demo:
	@echo "1/3 libraries and Swift packages: downloaded the first time"
	@swift package resolve >/dev/null 2>&1 & scripts/setup || exit 1; wait
	@echo "2/3 build: minutes the first time, seconds later"
	$(BUILD) --product omni
	@echo "3/3 demo: a Slack emulator, Omni and an MCP server on this machine"
	@.build/debug/omni demo

run: release
	@.build-release/release/omni run

test:
	@scripts/setup test
	$(TEST)

# Run by hand: 100,000 calls through each of three C libraries; compares memory and descriptors before and after.
soak:
	@scripts/setup test
	OMNI_SOAK=100000 swift test --filter SoakTests

# An executable that runs without an installed Swift runtime.
release: setup
	$(BUILD) --configuration release --scratch-path .build-release --product omni --static-swift-stdlib

# Scenarios that other tests would distort, with the debug build.
test-program:
	@scripts/setup test
	OMNI_TEST_PROGRAM=$(CURDIR)/.build/debug/omni $(TEST) --filter ReleaseScenarios

# The same with the release build, which `make run` starts.
test-release: release
	@scripts/setup test
	OMNI_TEST_PROGRAM=$(CURDIR)/.build-release/release/omni $(TEST) --filter ReleaseScenarios

# Run by hand, on an otherwise idle machine. load and chaos exit with 1 when a question was lost, answered twice or
# without exactly one audit row, or when a progress message or an open stream was left over; load also when
# acknowledgements are late; chaos also when an answer lacks or repeats words, a note was written twice or is missing, a
# process did not stop on SIGTERM, or, with rate limits and without faults, a first message took more than 10 s.
load: release
	@scripts/setup bench
	.venv-bench/bin/python -m bench.load

crashes:
	@scripts/setup test
	OMNI_CRASHES=all $(TEST) --filter CrashScenarios

random:
	@scripts/setup test
	OMNI_RANDOM_INPUTS=100000 OMNI_SCHEMAS=100000 $(TEST) --filter 'RandomJSONTests|RandomEventStreamTests|RandomSchemaTests'

chaos: release
	@scripts/setup bench
	.venv-bench/bin/python -m unittest -q bench.test_judge
	.venv-bench/bin/python -m bench.chaos

bench: release
	@scripts/setup bench
	.venv-bench/bin/python -m bench.figures

bench-record: release
	@scripts/setup bench
	.venv-bench/bin/python -m bench.record

build: setup
	$(BUILD)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

check: lint test
