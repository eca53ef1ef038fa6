import Foundation

/// Whether a process with that id runs (a zombie does not: it has exited, and its parent has not waited for it).
package func isRunning(_ pid: Int32) -> Bool {
    guard let state = state(of: pid) else { return false }
    return state != "Z"
}

/// Whether the process is stopped by a signal (SIGSTOP) and not continued.
package func isStopped(_ pid: Int32) -> Bool { state(of: pid) == "T" }

/// The state letter of proc(5); nil when there is no such process.
private func state(of pid: Int32) -> Character? {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
    // pid (name) state …
    return status.split(separator: ")").last?.drop { $0 == " " }.first
}
