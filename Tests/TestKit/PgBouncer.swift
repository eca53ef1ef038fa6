import Foundation

/// PgBouncer in front of one database of a PostgreSQL server, on a Unix socket in a temporary folder. It ends with the
/// test process at the latest. Needs Debian's `pgbouncer` package.
package final class PgBouncer: Sendable {
    /// How long a client keeps a server session, in PgBouncer's terms.
    package enum Mode: String, Sendable { case session, transaction, statement }

    /// The same database through the pooler.
    package let url: String
    private let watchdog: Watchdog

    private init(url: String, watchdog: Watchdog) {
        self.url = url
        self.watchdog = watchdog
    }

    deinit { watchdog.letGo() }

    /// Starts it; returns when it accepts connections.
    ///
    /// - Parameters:
    ///   - database: the URL of the database, as ``PrivatePostgres/database()`` returns it.
    ///   - sessions: the most sessions with the server; fewer than the clients have.
    package static func start(database: String, mode: Mode, sessions: Int = 2) async throws -> PgBouncer {
        guard let parts = URLComponents(string: database) else {
            throw PrivatePostgresError(what: "the database's address is not a URL")
        }
        func option(_ name: String) -> String? { parts.queryItems?.first { $0.name == name }?.value }
        let name = parts.path.drop { $0 == "/" }
        let user = parts.user ?? "omni"
        var target = "host=\(option("host") ?? parts.host ?? "127.0.0.1")"
        target += " port=\(option("port") ?? parts.port.map { "\($0)" } ?? "5432") user=\(user)"
        if let password = parts.password { target += " password=\(password)" }
        let folder = try Programs.makeFolder()
        let settings = """
            [databases]
            \(name) = \(target)
            [pgbouncer]
            listen_addr =
            unix_socket_dir = \(folder.path)
            listen_port = 6432
            auth_type = any
            pool_mode = \(mode.rawValue)
            default_pool_size = \(sessions)
            logfile = \(folder.path)/log

            """
        let file = folder.appendingPathComponent("pgbouncer.ini")
        try Data(settings.utf8).write(to: file)
        let script = """
            trap '' HUP INT TERM
            "$0" "$1/pgbouncer.ini" > /dev/null 2>&1 &
            cat > /dev/null
            kill -KILL $!
            rm -rf "$1"
            """
        let watchdog = try Watchdog(script, [Programs.find("pgbouncer"), folder.path])
        let socket = folder.path.replacingOccurrences(of: "/", with: "%2F")
        let url = "postgresql://\(user)@/\(name)?host=\(socket)&port=6432"
        do {
            try await eventually("PgBouncer accepts connections") {
                FileManager.default.fileExists(atPath: "\(folder.path)/.s.PGSQL.6432")
            }
        } catch {
            watchdog.letGo()
            throw error
        }
        return PgBouncer(url: url, watchdog: watchdog)
    }
}
