import Bridge

/// The members of an object. A member that is not listed is refused.
struct BlockShape: Sendable {
    let required: [String: BlockRule]
    let optional: [String: BlockRule]

    init(_ required: [String: BlockRule], optional: [String: BlockRule] = [:]) {
        self.required = required
        self.optional = optional
    }
}
