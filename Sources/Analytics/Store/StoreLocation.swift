package import Bridge
import Foundation

/// Where the record is kept: what `DATABASE_URL` says, or the data folder.
package enum StoreLocation: Sendable, Hashable, CustomStringConvertible {
    /// A connection URI as libpq reads it; it may hold a password.
    case postgres(Secret)
    /// The path of a file.
    case sqlite(String)

    /// Reads `postgresql://…`, `postgres://…`, `postgresql+asyncpg://…` (as the original system writes it),
    /// `sqlite:///relative/path` and `sqlite:////absolute/path`; nil or empty is `omni.db` in the data folder.
    ///
    /// Throws ``StoreError``, whose message never holds the URL: a password may be in it.
    package init(databaseURL: String?, dataFolder: String) throws {
        guard let url = databaseURL?.trimmingCharacters(in: .whitespacesAndNewlines), !url.isEmpty else {
            self = .sqlite("\(dataFolder)/omni.db")
            return
        }
        guard let mark = url.range(of: "://") else {
            throw Self.problem("it is no URL")
        }
        let rest = String(url[mark.upperBound...])
        // SQLAlchemy names the driver after a plus sign: it is ours to choose.
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
        guard path != ":memory:" else { throw problem("a record in memory would be lost at the end") }
        return path
    }
}
