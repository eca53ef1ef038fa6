import Foundation

/// Whether a process of that id runs (a zombie does not: it has ended, and its parent has not asked how).
package func isRunning(_ pid: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    // pid (name) state …
    return !(status.split(separator: ")").last?.hasPrefix(" Z") ?? false)
}
