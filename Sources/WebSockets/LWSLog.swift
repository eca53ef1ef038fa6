import CWebSockets
import Foundation
import NIOConcurrencyHelpers

/// The last complaint of libwebsockets on each thread, for failures that come without a reason of their own.
///
/// libwebsockets has one log function and one line buffer for the whole process, so lines are kept by thread and are a
/// hint at best: with several loops at work they may be mixed. Nothing is ever printed (lines may hold request paths).
enum LWSLog {
    private static let lines = NIOLockedValueBox<[UInt: String]>([:])

    private static let installed: Void = lws_set_log_level(LLL_ERR) { _, line in
        guard let line else { return }
        let text = String(cString: line).trimmingCharacters(in: .whitespacesAndNewlines)
        lines.withLockedValue { $0[LWSLog.thread] = text }
    }

    private static var thread: UInt { UInt(pthread_self()) }

    static func install() { _ = installed }

    /// Takes the calling thread's last line.
    static func take() -> String? { lines.withLockedValue { $0.removeValue(forKey: thread) } }
}
