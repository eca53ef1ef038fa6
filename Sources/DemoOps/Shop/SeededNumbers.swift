/// Random numbers for generated data, by SplitMix64 (Steele, Lea and Flood 2014): the same seed yields the same numbers
/// on every machine.
package struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func whole(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    package mutating func fraction(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self) }

    package mutating func one<Element>(of elements: [Element], else fallback: Element) -> Element {
        elements.randomElement(using: &self) ?? fallback
    }
}
