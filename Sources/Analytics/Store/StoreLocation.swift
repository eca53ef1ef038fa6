package import Bridge
import Foundation

/// Where the store is: `DATABASE_URL`, or a file in the data folder.
package enum StoreLocation: Sendable, Hashable, CustomStringConvertible {
    /// A connection URI for libpq; it may contain a password.
    case postgres(Secret)
    /// The path of an SQLite file.
    case sqlite(String)

    /// Parses `postgresql://…`, `postgres://…`, `postgresql+asyncpg://…` (as the original system writes it),
    /// `sqlite:///relative/path` and `sqlite:////absolute/path`; nil or empty: `omni.db` in the data folder.
    ///
    /// Throws ``StoreError``, whose message never contains the URL, because it may contain a password.
    package init(databaseURL: String?, dataFolder: String) throws {
        guard let url = databaseURL?.trimmingCharacters(in: .whitespacesAndNewlines), !url.isEmpty else {
            self = .sqlite("\(dataFolder)/omni.db")
            return
        }
        guard let mark = url.range(of: "://") else {
            throw Self.problem("it is no URL")
        }
        let rest = String(url[mark.upperBound...])
        // SQLAlchemy writes a driver name after a plus sign (`postgresql+asyncpg`); Omni ignores it.
        let scheme = url[..<mark.lowerBound].lowercased().split(separator: "+", omittingEmptySubsequences: false)
        switch scheme.first {
        case "postgresql", "postgres":
            guard !rest.isEmpty, rest != "/" else { throw Self.problem("it names no host and no database") }
            self = .postgres(Secret(url))
        case "sqlite":
            self = .sqlite(try Self.path(rest))
        default:
            throw Self.problem("its scheme is unknown")
        }
    }

    /// Without user and password: `PostgreSQL db.example:5432/omni`, `SQLite data/omni.db`.
    package var description: String {
        switch self {
        case .sqlite(let path): return "SQLite \(path)"
        case .postgres(let url):
            let rest = url.revealed.range(of: "://").map { url.revealed[$0.upperBound...] } ?? ""
            let server = rest.prefix { $0 != "?" }.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
            return server.isEmpty ? "PostgreSQL" : "PostgreSQL \(server)"
        }
    }

    private static func problem(_ what: String) -> StoreError {
        StoreError(
            .other,
            "DATABASE_URL cannot be used: \(what). Write postgresql://user:password@host:5432/database or "
                + "sqlite:///path/to/omni.db (four slashes for an absolute path)")
    }

    private static func path(_ rest: String) throws -> String {
        let coded = rest.prefix { $0 != "?" }
        guard coded.hasPrefix("/"), coded.count > 1, let path = String(coded.dropFirst()).removingPercentEncoding else {
            throw problem("an SQLite URL needs a path after three slashes")
        }
        guard path != ":memory:" else { throw problem("a store in memory would be lost at the end") }
        return path
    }
}
