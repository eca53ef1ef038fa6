import Foundation

/// Random numbers that depend on a seed only (SplitMix64, Steele, Lea and Flood 2014), so that a failed test can be
/// repeated. A test says its seed when it fails: the seed is an argument of the test, or a comment of the expectation.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Equal seeds yield equal numbers, in every run and on every machine.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A seed for a test that takes another one in each run: that of `OMNI_TEST_SEED`, else a random one. Prints it.
    package static func seed(for test: String = #function) -> UInt64 {
        let given = ProcessInfo.processInfo.environment["OMNI_TEST_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("\(test): OMNI_TEST_SEED=\(seed)")
        return seed
    }
}
