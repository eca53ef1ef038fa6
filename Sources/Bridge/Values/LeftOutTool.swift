/// A tool of a server that no model is told of, and why.
package struct LeftOutTool: Sendable, Hashable {
    /// The bare name; "(without a name)" for a tool without one.
    package let name: String
    /// A clause, e.g. `its inputSchema describes no object`.
    package let reason: String
    /// Whether the model's provider refused it; it can still be called directly then.
    package let isRefused: Bool

    package init(name: String, reason: String, isRefused: Bool = false) {
        self.name = name.isEmpty ? "(without a name)" : name
        self.reason = reason
        self.isRefused = isRefused
    }
}
