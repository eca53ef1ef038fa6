import CWebSockets
import Foundation
import NIOConcurrencyHelpers

/// The last error line that libwebsockets logged on each thread, for failures that it reports without a reason.
///
/// libwebsockets has one log function and one line buffer for the whole process. Lines are stored by thread and are a
/// hint only: with several event loops they may be mixed. Nothing is printed, because lines may hold request paths.
enum LWSLog {
    private static let lines = NIOLockedValueBox<[UInt: String]>([:])

    private static let installed: Void = lws_set_log_level(LLL_ERR) { _, line in
        guard let line else { return }
        let text = String(cString: line).trimmingCharacters(in: .whitespacesAndNewlines)
        lines.withLockedValue { $0[LWSLog.thread] = text }
    }

    private static var thread: UInt { UInt(pthread_self()) }

    /// Registers the log function, once for the process.
    static func install() { _ = installed }

    /// Removes and returns the calling thread's last line.
    static func take() -> String? { lines.withLockedValue { $0.removeValue(forKey: thread) } }
}
