import Foundation
import NIOConcurrencyHelpers

/// Output of commands: results to standard output, everything else to standard error. After the reader of a pipe has
/// exited, as with `| head -1`, output is dropped and the command continues. Any other write error on standard output,
/// as on a full disk, fails the command at its end (``checkOutput()``).
enum Terminal {
    /// The errno of the first failed write to standard output, except EPIPE.
    private static let failure = NIOLockedValueBox<Int32?>(nil)

    static func out(_ text: String, terminator: String = "\n") {
        let code = write(text + terminator, to: STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return }
        failure.withLockedValue { $0 = $0 ?? code }
    }

    /// Throws ``CommandFailed`` when a write to standard output failed, except for a closed pipe.
    static func checkOutput() throws {
        guard let code = failure.withLockedValue({ $0 }) else { return }
        throw CommandFailed("error: standard output takes no more: \(String(cString: strerror(code)))")
    }

    /// The actor of these commands in the audit log of administrative actions.
    static let actor = "command line"

    static func error(_ text: String) {
        // A failed write to standard error cannot be reported anywhere.
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes the whole text; returns 0, or the errno of the write that failed.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return errno }
            rest = rest.dropFirst(max(0, count))
        }
        return 0
    }
}
