import Foundation

/// What a person at a terminal reads: results on standard output, everything else on standard error.
enum Terminal {
    static func out(_ text: String, terminator: String = "\n") {
        FileHandle.standardOutput.write(Data((text + terminator).utf8))
    }

    /// Who uses the commands, in the record of administrative acts.
    static let actor = "command line"

    static func error(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
