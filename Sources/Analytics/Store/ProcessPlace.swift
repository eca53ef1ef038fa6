import Bridge
import Foundation

/// Where a process id means the same process to everybody: on this machine since it was started, and in a container in
/// that container.
package enum ProcessPlace {
    /// The host's name, its boot and its space of process ids: `web1/3f2a91c0/4026531836`. Names of hosts and ids of
    /// processes are alike in many containers.
    package static let here: String = {
        let host = ProcessInfo.processInfo.hostName
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        // Without them nobody else may be taken for a neighbour.
        guard let boot, let space else { return "\(host)/\(ULID())" }
        return "\(host)/\(boot.prefix(8))/\(space.filter(\.isNumber))"
    }()

    /// The host's name alone, for people.
    static func name(of place: String) -> String { String(place.prefix { $0 != "/" }) }

    /// Whether another process has ended for sure, seen from one that lives. False when that cannot be known there.
    static func hasEnded(_ other: (pid: Int32, place: String), seenFrom own: ProcessRow) -> Bool {
        guard other.place == own.host else { return false }
        // An id is one living process's.
        return other.pid == own.pid || !isRunning(other.pid)
    }

    private static func isRunning(_ pid: Int32) -> Bool {
        // Somebody else's process may not be signalled, but is there.
        guard kill(pid, 0) == 0 || errno != ESRCH else { return false }
        let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        // pid (name) state …: a zombie has ended, and only its parent has not asked how.
        return !(status.split(separator: ")").last?.hasPrefix(" Z") ?? false)
    }
}
