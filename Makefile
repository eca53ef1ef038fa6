# make demo    try Omni without Slack and without a key
# make run     run it for a real workspace (.env)
# make test    every test, against a real PostgreSQL that it starts itself
# make check   format and tests: what CI runs
# make load    50 questions a second, beside a Python bot; docs/figures.md says what is measured
# make chaos   ten minutes in which everything goes wrong, and an account of every question
# make bench   what a question costs
# make order   after large changes: anew which functions lie together in the released program

# The demo and the tests share one debug build, so that neither makes the other build again.
BUILD = swift build
# Tests talk to real peers and wait for them: more at a time than this only makes two cores late for deadlines.
TEST = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 swift test

.PHONY: demo run test check format lint build setup soak load chaos bench release order

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

# By hand: 100,000 calls through each of the three C floors, with memory and descriptors before and after.
soak:
	@scripts/setup test
	OMNI_SOAK=100000 swift test --filter SoakTests

# What is used lies together (scripts/order.txt.gz, made by `make order`), and the addresses that the loader fills in at
# the start are packed into a hundredth of their bytes (DT_RELR, which needs glibc 2.36): a fifth of the memory less.
release: setup
	@mkdir -p .build-release && gzip --decompress --stdout scripts/order.txt.gz > .build-release/order.txt
	$(BUILD) --configuration release --scratch-path .build-release --product omni --static-swift-stdlib \
		-Xcc -ffunction-sections -Xswiftc -use-ld=lld -Xswiftc -Xfrontend -Xswiftc -function-sections \
		-Xlinker --symbol-ordering-file=$(CURDIR)/.build-release/order.txt -Xlinker --no-warn-symbol-ordering \
		-Xlinker -z -Xlinker pack-relative-relocs -Xlinker --version-script=$(CURDIR)/scripts/exports.map

order: release
	@scripts/setup bench
	.venv-bench/bin/python -m bench.order

# By hand, on a machine that does nothing else. Each ends with 1 when a target is missed.
load: release
	@scripts/setup bench
	.venv-bench/bin/python -m bench.load

chaos: release
	@scripts/setup bench
	.venv-bench/bin/python -m unittest -q bench.test_verdict
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
