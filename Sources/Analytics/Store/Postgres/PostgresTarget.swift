import Bridge
import CPostgres

/// The server and database: a connection string in libpq's syntax, parsed once so that errors are found early.
struct PostgresTarget: Sendable {
    /// The connection string for libpq.
    let conninfo: Secret
    /// Host, port and database for messages, without user and password.
    let place: String

    init(url: Secret) throws(StoreError) {
        let text = Self.libpqSpelling(url.revealed)
        // libpq's message may contain the URL with its password, so it is not requested.
        guard let options = PQconninfoParse(text, nil) else {
            throw StoreError(
                .other,
                """
                the PostgreSQL URL cannot be read; write postgresql://user:password@host:5432/database, \
                with libpq's parameters after a question mark
                """)
        }
        defer { PQconninfoFree(options) }
        var given: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        conninfo = Secret(text)
        let host = given["host"] ?? given["hostaddr"] ?? "the default socket"
        let port = given["port"].map { ":" + $0 } ?? ""
        place = "\(host)\(port)/\(given["dbname"] ?? "")"
    }

    /// Converts SQLAlchemy's form: removes the driver from the scheme (`postgresql+asyncpg`) and replaces asyncpg's
    /// `ssl=` with `sslmode=`.
    static func libpqSpelling(_ url: String) -> String {
        guard let end = url.range(of: "://") else { return url }
        let scheme = url[..<end.lowerBound]
        guard let plus = scheme.firstIndex(of: "+") else { return url }
        let rest = url[end.upperBound...]
        guard let question = rest.firstIndex(of: "?") else { return "\(scheme[..<plus])://\(rest)" }
        let items = rest[rest.index(after: question)...].split(separator: "&").map { item in
            item.hasPrefix("ssl=") ? "sslmode=" + item.dropFirst(4) : String(item)
        }
        return "\(scheme[..<plus])://\(rest[..<question])?\(items.joined(separator: "&"))"
    }

    /// Keywords and values for `PQconnectStartParams`. Later ones take precedence: those before `dbname` (the whole
    /// connection string) are defaults, those after it are fixed. https://www.postgresql.org/docs/15/libpq-connect.html
    var parameters: [(keyword: String, value: String)] {
        [
            ("fallback_application_name", "omni"),
            // A server that does not respond any more is detected within about 25 seconds, also by PQcancel.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"),
            ("dbname", conninfo.revealed),
            ("client_encoding", "UTF8"),
        ]
    }
}
