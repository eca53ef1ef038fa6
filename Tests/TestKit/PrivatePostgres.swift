import Foundation
import NIOConcurrencyHelpers
import Subprocess

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

/// A child process that outlives this one by a moment: it waits until the socket from here is closed, which the
/// kernel does at each kind of exit, then stops the server and removes the folder.
private final class Watchdog: Sendable {
    private let line: NIOLockedValueBox<Int32?>

    init(folder: URL, pgCtl: String) throws {
        var ends: [Int32] = [-1, -1]
        // Close-on-exec from creation, so that no other child keeps it open; Swift has no pipe2().
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw PrivatePostgresError(what: "no socket pair: errno \(errno)")
        }
        let script = """
            trap '' HUP INT TERM
            cat > /dev/null
            "$0" stop -s -m immediate -D "$1/data" > /dev/null 2>&1
            rm -rf "$1"
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        process.arguments = Programs.owner + ["/bin/sh", "-c", script, pgCtl, folder.path]
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            close(ends[1])
            throw error
        }
        line = NIOLockedValueBox(ends[1])
    }

    /// Closes the socket, so that the child stops the server and removes the folder.
    func letGo() {
        let end = line.withLockedValue { end in
            defer { end = nil }
            return end
        }
        if let end { close(end) }
    }
}

/// PostgreSQL's programs, run as a user that it accepts: it refuses to run as root.
private enum Programs {
    /// The prefix of a command: none, or a change from root to Debian's user `postgres`.
    static var owner: [String] {
        geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : []
    }

    /// Looks in PATH first, then in Debian's folder of server programs, newest version first.
    static func find(_ name: String) throws -> String {
        let files = FileManager.default
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let debian = "/usr/lib/postgresql"
        let versions = (try? files.contentsOfDirectory(atPath: debian)) ?? []
        let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        let folders = path.split(separator: ":").map(String.init) + newestFirst.map { "\(debian)/\($0)/bin" }
        for folder in folders where files.isExecutableFile(atPath: "\(folder)/\(name)") { return "\(folder)/\(name)" }
        throw PrivatePostgresError(what: "\(name) is not installed: the tests need Debian's postgresql package")
    }

    /// A new folder with a path short enough for a socket's name (107 bytes), writable for the server's user.
    static func makeFolder() throws -> URL {
        var template = Array("/tmp/omni-postgres-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw PrivatePostgresError(what: "no temporary folder: errno \(errno)")
        }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        if geteuid() == 0 {
            guard let user = getpwnam("postgres") else {
                throw PrivatePostgresError(
                    what: "there is no user postgres: the tests need Debian's postgresql package")
            }
            guard chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
                throw PrivatePostgresError(what: "cannot give \(path) to postgres: errno \(errno)")
            }
        }
        return URL(fileURLWithPath: path, isDirectory: true)
    }

    /// Runs a command until it exits, with an environment that names no other server. Does not use Foundation's
    /// `Process`, which considers a child running as long as the child's own children run, here the server.
    static func run(_ command: [String], asOwner: Bool = true) async throws {
        let whole = (asOwner ? owner : []) + command
        let result = try await Subprocess.run(
            .path(.init(whole[0])), arguments: .init(Array(whole.dropFirst())),
            environment: .custom(["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"]), workingDirectory: "/",
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            let said = result.standardOutput + result.standardError
            throw PrivatePostgresError(what: "\(command[0]): \(result.terminationStatus): \(said.suffix(2000))")
        }
    }
}
