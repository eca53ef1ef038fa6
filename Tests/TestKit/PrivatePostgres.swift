import Foundation

/// A PostgreSQL server for the tests: a temporary cluster on a Unix socket in a temporary folder.
///
/// The first test that needs it starts it; all tests of the process share it, each with a database of its own. When
/// the process exits or crashes, the cluster stops and its folder is removed. Needs Debian's `postgresql` package; a
/// failed start is an error, never a skip.
package enum PrivatePostgres {
    /// The URL of a new, empty database. With `OMNI_TEST_POSTGRES_URL` in the environment it is created on that
    /// server (whose user needs the right to do so), and is not removed.
    package static func database() async throws -> String {
        if let url = ProcessInfo.processInfo.environment["OMNI_TEST_POSTGRES_URL"], !url.isEmpty {
            return try await newDatabase(on: url)
        }
        return try await SharedCluster.instance.cluster().database()
    }

    private static func newDatabase(on url: String) async throws -> String {
        guard var parts = URLComponents(string: url) else {
            throw PrivatePostgresError(what: "OMNI_TEST_POSTGRES_URL is not a URL")
        }
        let psql = try Programs.find("psql")
        let name = newDatabaseName()
        try await Programs.run([psql, "-q", "-X", "-d", url, "-c", "CREATE DATABASE \(name)"], asOwner: false)
        parts.path = "/" + name
        return parts.string ?? url
    }

    fileprivate static func newDatabaseName() -> String {
        "omni_test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
    }

    /// The shutdown mode of a server, in `pg_ctl`'s terms.
    package enum StopMode: String, Sendable {
        /// Ends sessions, rolls transactions back and writes all data.
        case fast
        /// Exits without a shutdown checkpoint; the next start recovers.
        case immediate
    }

    /// A cluster of a test's own, which it may stop and start.
    package final class Cluster: Sendable {
        /// All files of the cluster: data, socket, log, certificates.
        private let folder: URL
        private let port: Int
        private let tls: Bool
        private let watchdog: Watchdog

        /// The maintenance database `postgres`, over the Unix socket.
        package let url: String
        /// The path of the root certificate for the server; nil without TLS.
        package let rootCertificate: String?
        /// The maintenance database over TCP and TLS, without `ssl…` parameters; nil without TLS.
        package let tlsURL: String?

        private init(folder: URL, port: Int, tls: Bool, watchdog: Watchdog) {
            self.folder = folder
            self.port = port
            self.tls = tls
            self.watchdog = watchdog
            let socket = folder.path.replacingOccurrences(of: "/", with: "%2F")
            url = "postgresql://omni@/postgres?host=\(socket)&port=\(port)"
            rootCertificate = tls ? folder.appendingPathComponent("server.crt").path : nil
            tlsURL = tls ? "postgresql://omni@127.0.0.1:\(port)/postgres" : nil
        }

        deinit { watchdog.letGo() }

        /// Creates a new cluster and starts it.
        ///
        /// - Parameter tls: whether it also listens on 127.0.0.1, with a self-signed certificate.
        package static func make(tls: Bool = false) async throws -> Cluster {
            let folder = try Programs.makeFolder()
            let watchdog = try Watchdog(folder: folder, pgCtl: Programs.find("pg_ctl"))
            do {
                try await Programs.run([
                    Programs.find("initdb"), "-D", path("data", in: folder), "-A", "trust", "-U", "omni", "-E", "UTF8",
                    "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                ])
                if tls { try await makeCertificate(in: folder, name: "server") }
                let port = try await startOnFreePort(folder, tls: tls)
                return Cluster(folder: folder, port: port, tls: tls, watchdog: watchdog)
            } catch {
                watchdog.letGo()
                throw error
            }
        }

        /// Starts the server and returns its port. With TLS that is a TCP port chosen here, which another process may
        /// take first: PostgreSQL cannot choose a free port itself.
        private static func startOnFreePort(_ folder: URL, tls: Bool) async throws -> Int {
            guard tls else {
                try await start(in: folder, port: 5432, tls: false)
                return 5432
            }
            for _ in 1..<5 {
                let port = try StablePort.choose()
                do {
                    try await start(in: folder, port: port, tls: true)
                    return port
                } catch {
                    // A server that only took too long to start would block the next attempt.
                    try? await stop(in: folder, .immediate)
                }
            }
            let last = try StablePort.choose()
            try await start(in: folder, port: last, tls: true)
            return last
        }

        /// Starts the stopped server; returns when it accepts connections.
        package func start() async throws {
            try await Self.start(in: folder, port: port, tls: tls)
        }

        private static func start(in folder: URL, port: Int, tls: Bool) async throws {
            var options = [
                "-k '\(folder.path)'", "-p \(port)", "-c listen_addresses='\(tls ? "127.0.0.1" : "")'", "-c fsync=off",
                "-c full_page_writes=off", "-c shared_buffers=16MB", "-c max_connections=200",
            ]
            if tls {
                options += ["-c ssl=on", "-c ssl_cert_file='\(path("server.crt", in: folder))'"]
                options += ["-c ssl_key_file='\(path("server.key", in: folder))'"]
            }
            try await Programs.run([
                Programs.find("pg_ctl"), "start", "-w", "-t", "60", "-D", path("data", in: folder), "-l",
                path("server.log", in: folder), "-o", options.joined(separator: " "),
            ])
        }

        /// Stops the server; returns when it has exited.
        package func stop(_ mode: StopMode = .fast) async throws {
            try await Self.stop(in: folder, mode)
        }

        private static func stop(in folder: URL, _ mode: StopMode) async throws {
            try await Programs.run([
                Programs.find("pg_ctl"), "stop", "-w", "-t", "60", "-D", path("data", in: folder), "-m", mode.rawValue,
            ])
        }

        /// Stops the server and starts it again.
        package func restart(_ mode: StopMode = .fast) async throws {
            try await stop(mode)
            try await start()
        }

        /// Stops all its processes with SIGSTOP: connections stay open, and no query is answered.
        package func freeze() throws { try signal(SIGSTOP) }

        /// Continues its processes with SIGCONT.
        package func thaw() throws { try signal(SIGCONT) }

        private func signal(_ number: Int32) throws {
            let first = try String(contentsOfFile: file("data/postmaster.pid"), encoding: .utf8).split(separator: "\n")
            guard let postmaster = first.first.flatMap({ Int32($0) }) else {
                throw PrivatePostgresError(what: "the cluster has no process id: it does not run")
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
                guard let pid = Int32(name),
                    let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
                else { continue }
                // pid (name) state parent …
                let rest = line.split(separator: ")").last?.split(separator: " ") ?? []
                if pid == postmaster || rest.dropFirst().first.flatMap({ Int32($0) }) == postmaster {
                    kill(pid, number)
                }
            }
        }

        /// The URL of a new, empty database, created from `template1`.
        package func database() async throws -> String {
            let name = PrivatePostgres.newDatabaseName()
            try await Programs.run(
                [Programs.find("psql"), "-q", "-X", "-d", url, "-c", "CREATE DATABASE \(name)"], asOwner: false)
            return url.replacingOccurrences(of: "/postgres?", with: "/\(name)?")
        }

        /// The path of a second root certificate, which did not sign the server's.
        package func strangeRootCertificate() async throws -> String {
            try await Self.makeCertificate(in: folder, name: "strange")
            return file("strange.crt")
        }

        /// Self-signed, for 127.0.0.1, valid for two days.
        private static func makeCertificate(in folder: URL, name: String) async throws {
            let path = folder.appendingPathComponent(name).path
            try await Programs.run([
                "/usr/bin/env", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + ".key", "-out",
                path + ".crt",
            ])
        }

        private func file(_ name: String) -> String { Self.path(name, in: folder) }

        private static func path(_ name: String, in folder: URL) -> String { folder.appendingPathComponent(name).path }
    }
}

/// A command that failed, with its output.
package struct PrivatePostgresError: Error, CustomStringConvertible {
    let what: String
    package var description: String { what }
}

/// Starts the shared cluster once for concurrent callers; after a failed start the next caller tries again.
private actor SharedCluster {
    static let instance = SharedCluster()

    private var starting: Task<PrivatePostgres.Cluster, any Error>?

    func cluster() async throws -> PrivatePostgres.Cluster {
        if let starting { return try await starting.value }
        // Unstructured: the cluster belongs to the process, not to the first test, which may be cancelled.
        let task = Task { try await PrivatePostgres.Cluster.make() }
        starting = task
        do {
            return try await task.value
        } catch {
            starting = nil
            throw error
        }
    }
}
