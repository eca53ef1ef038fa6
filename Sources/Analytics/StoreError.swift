/// An error of the store's database. The message contains no parameter values and no passwords and may be shown to
/// users.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The kind of the error, on which callers decide. Other files add codes of their own.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The database cannot be reached; the same call may succeed later.
        package static let unavailable = Code(rawValue: "unavailable")
        /// A lock or a connection was not free in time, or the transaction lost against another; the same call may
        /// succeed later.
        package static let busy = Code(rawValue: "busy")
        /// A constraint of the schema (UNIQUE, CHECK, NOT NULL, foreign key) rejected the row.
        package static let constraint = Code(rawValue: "constraint")
        /// The calling task was cancelled; the work was stopped.
        package static let cancelled = Code(rawValue: "cancelled")
        /// The database did not answer within the limit: the work has happened or has not.
        package static let timeout = Code(rawValue: "timeout")
        /// The connection was lost during COMMIT or during an autocommit statement: the work has happened or has not.
        package static let commitUnknown = Code(rawValue: "commit_unknown")
        /// The database was closed.
        package static let closed = Code(rawValue: "closed")
        /// The file is damaged, or the schema or a row is not one that this version can read.
        package static let corrupt = Code(rawValue: "corrupt")
        /// Any other error, such as a faulty statement or an invalid URL.
        package static let other = Code(rawValue: "other")
    }

    /// The kind of the error.
    package let code: Code
    /// One sentence for logs and users.
    package let message: String
    /// PostgreSQL's five-character SQLSTATE (Appendix A of its manual); nil for errors of SQLite and of this module.
    package let sqlState: String?

    package init(_ code: Code, _ message: String, sqlState: String? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
    }

    package var description: String { message }
}
