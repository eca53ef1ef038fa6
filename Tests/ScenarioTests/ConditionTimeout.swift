/// Thrown when a condition that a test waits for does not hold in time.
struct ConditionTimeout: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "waited in vain until \(what)" }
}
