import Foundation

/// What a person at a terminal reads: results on standard output, everything else on standard error. What nobody reads
/// any more, as behind `| head -1`, is dropped: the command has its effects all the same.
enum Terminal {
    static func out(_ text: String, terminator: String = "\n") {
        try? FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8))
    }

    /// Who uses the commands, in the record of administrative acts.
    static let actor = "command line"

    static func error(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}
