/// What the rows of the roll-up tables are divided by.
package enum RollupDimension: String, Sendable, Hashable, CaseIterable {
    /// All questions of a day; no name.
    case total
    /// The name is the e-mail in lower case, the detail the role.
    case user
    case role
    /// The name is the channel's id; empty for none.
    case channel
    /// The name is the model; empty for none.
    case model
    /// The name is the `request_type`.
    case kind
    /// The name is the server.
    case server
    /// The name is the server, the detail the tool.
    case tool
}

/// The key of a row of the roll-up tables, without its slot. Ordered and compared byte by byte, as the databases do.
package struct RollupKey: Sendable, Hashable, Comparable {
    /// A ``RollupDimension``; in `error_rollups` `question` or `tool`.
    package let dimension: String
    /// The local day: `2026-11-28`.
    package let day: String
    package let name: String
    package let detail: String
    /// The message of `error_rollups`; empty in the others.
    package let message: String

    init(_ dimension: String, _ day: String, _ name: String = "", _ detail: String = "", message: String = "") {
        self.dimension = dimension
        self.day = day
        self.name = Self.fitting(name)
        self.detail = Self.fitting(detail)
        self.message = Self.fitting(message)
    }

    /// The text as it is stored, at most 200 characters of at most four bytes: three such texts fit into a row of
    /// PostgreSQL's B-tree index, which is limited to a third of a page (2,704 bytes).
    private static func fitting(_ text: String) -> String {
        guard text.utf8.count > 200 else { return text.storable }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(200))).storable
    }

    private var parts: [String] { [dimension, day, name, detail, message] }

    package static func == (left: RollupKey, right: RollupKey) -> Bool {
        zip(left.parts, right.parts).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    package static func < (left: RollupKey, right: RollupKey) -> Bool {
        for (one, other) in zip(left.parts, right.parts) where !one.utf8.elementsEqual(other.utf8) {
            return one.utf8.lexicographicallyPrecedes(other.utf8)
        }
        return false
    }
}
