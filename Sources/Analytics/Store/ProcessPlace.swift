import Bridge
import Foundation

/// Identifies the space in which a process id is unique: a host, its boot and its PID namespace (pid_namespaces(7)).
package enum ProcessPlace {
    /// Host name, boot id and PID namespace: `web1/3f2a91c0/4026531836`. In containers host names and process ids alone
    /// are often equal.
    package static let here: String = {
        let host = ProcessInfo.processInfo.hostName
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        // Unknown: a unique value, so that no other process seems to share the namespace.
        guard let boot, let space else { return "\(host)/\(ULID())" }
        return "\(host)/\(boot.prefix(8))/\(space.filter(\.isNumber))"
    }()

    /// The host name alone, for messages.
    static func name(of place: String) -> String { String(place.prefix { $0 != "/" }) }

    /// True if another process has certainly ended, as checked by the running process `own`. False if that cannot be
    /// known from here.
    static func hasEnded(_ other: (pid: Int32, place: String), seenFrom own: ProcessRow) -> Bool {
        guard other.place == own.host else { return false }
        // A process id belongs to one living process at a time.
        return other.pid == own.pid || !isRunning(other.pid)
    }

    private static func isRunning(_ pid: Int32) -> Bool {
        // EPERM: a process of another user exists.
        guard kill(pid, 0) == 0 || errno != ESRCH else { return false }
        let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        // proc_pid_stat(5): `pid (name) state …`. A zombie has ended; its parent has not waited for it.
        return !(status.split(separator: ")").last?.hasPrefix(" Z") ?? false)
    }
}
