/// What was waited for and did not come.
struct ConditionTimeout: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "waited in vain until \(what)" }
}
