import Foundation
import NIOConcurrencyHelpers
import Subprocess

/// A child process that outlives this one by a moment: it waits until the socket from here is closed, which the
/// kernel does at each kind of exit, then stops a server and removes its folder.
final class Watchdog: Sendable {
    private let line: NIOLockedValueBox<Int32?>

    /// For a cluster.
    convenience init(folder: URL, pgCtl: String) throws {
        try self.init(
            """
            trap '' HUP INT TERM
            cat > /dev/null
            "$0" stop -s -m immediate -D "$1/data" > /dev/null 2>&1
            rm -rf "$1"
            """, [pgCtl, folder.path])
    }

    /// - Parameter script: for the shell, as the user `postgres`; its standard input ends with this process.
    init(_ script: String, _ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        // Close-on-exec from creation, so that no other child keeps it open; Swift has no pipe2().
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw PrivatePostgresError(what: "no socket pair: errno \(errno)")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        process.arguments = Programs.owner + ["/bin/sh", "-c", script] + arguments
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
enum Programs {
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
        let folders =
            path.split(separator: ":").map(String.init) + newestFirst.map { "\(debian)/\($0)/bin" } + ["/usr/sbin"]
        for folder in folders where files.isExecutableFile(atPath: "\(folder)/\(name)") { return "\(folder)/\(name)" }
        throw PrivatePostgresError(what: "\(name) is not installed: the tests need Debian's postgresql and pgbouncer")
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
