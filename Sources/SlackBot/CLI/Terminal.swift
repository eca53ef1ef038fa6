import Foundation

/// What a person at a terminal reads: results on standard output, everything else on standard error.
enum Terminal {
    static func out(_ text: String, terminator: String = "\n") {
        FileHandle.standardOutput.write(Data((text + terminator).utf8))
    }

    static func error(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
