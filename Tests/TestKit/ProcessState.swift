import Foundation

/// Whether a process of that id runs (a zombie does not: it has ended, and its parent has not asked how).
package func isRunning(_ pid: Int32) -> Bool {
    guard let state = state(of: pid) else { return false }
    return state != "Z"
}

/// Whether a signal has stopped the process (SIGSTOP), and nothing has continued it.
package func isStopped(_ pid: Int32) -> Bool { state(of: pid) == "T" }

/// The letter of proc(5); nil when there is no such process.
private func state(of pid: Int32) -> Character? {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
    // pid (name) state …
    return status.split(separator: ")").last?.drop { $0 == " " }.first
}
