/// A tool of a server that no model is told of, and why.
package struct LeftOutTool: Sendable, Hashable {
    /// The bare name, cut to 80 characters; "(without a name)" for a tool without one.
    package let name: String
    /// A clause, e.g. `its inputSchema describes no object`.
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name.isEmpty ? "(without a name)" : String(name.prefix(80))
        self.reason = reason
    }
}
