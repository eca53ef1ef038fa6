import Foundation
import NIOConcurrencyHelpers

/// What a person at a terminal reads: results on standard output, everything else on standard error. What nobody reads
/// any more, as behind `| head -1`, is dropped: the command has its effects all the same. A result that is lost otherwise,
/// as on a full disk, fails the command when it ends (``checkOutput()``).
enum Terminal {
    /// The number of the first error of a write to standard output; a closed pipe is none.
    private static let failure = NIOLockedValueBox<Int32?>(nil)

    static func out(_ text: String, terminator: String = "\n") {
        let code = write(text + terminator, to: STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return }
        failure.withLockedValue { $0 = $0 ?? code }
    }

    /// Throws ``CommandFailed`` when standard output did not take everything that it was given.
    static func checkOutput() throws {
        guard let code = failure.withLockedValue({ $0 }) else { return }
        throw CommandFailed("error: standard output takes no more: \(String(cString: strerror(code)))")
    }

    /// Who uses the commands, in the record of administrative acts.
    static let actor = "command line"

    static func error(_ text: String) {
        // There is no other place where it could be said that this one takes no more.
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes all of the text; gives 0, or the number of the error that ended it.
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
