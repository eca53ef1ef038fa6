/// What went wrong with the record's database: safe to show, without parameter values or passwords.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The database cannot be reached now; the work may be tried again.
        package static let unavailable = Code(rawValue: "unavailable")
        /// Somebody else holds a lock for too long.
        package static let busy = Code(rawValue: "busy")
        /// A UNIQUE, CHECK or NOT NULL rule of the schema refused the row.
        package static let constraint = Code(rawValue: "constraint")
        package static let cancelled = Code(rawValue: "cancelled")
        package static let timeout = Code(rawValue: "timeout")
        /// The connection was lost while COMMIT was under way: the transaction happened or did not.
        package static let commitUnknown = Code(rawValue: "commit_unknown")
        package static let closed = Code(rawValue: "closed")
        /// The file or the schema is not what this program made.
        package static let corrupt = Code(rawValue: "corrupt")
        package static let other = Code(rawValue: "other")
    }

    package let code: Code
    package let message: String
    /// PostgreSQL's five characters (Appendix A of its manual); nil from SQLite.
    package let sqlState: String?

    package init(_ code: Code, _ message: String, sqlState: String? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
    }

    package var description: String { message }
}
