import Bridge
import Foundation

/// The files as they were read, so that a reload can tell one that is gone, emptied or half-written: such a file would
/// lift the rules that were in it.
struct LoadedFiles: Sendable, Hashable {
    private struct File: Sendable, Hashable {
        /// A secret, since tokens may be in it.
        let text: Secret
        /// Whether it has more than space and comments.
        let hasContent: Bool
        let endsWithLine: Bool
    }

    /// By name; a file that does not exist is not here.
    private var files: [String: File] = [:]

    init(_ loaded: [ConfigFile] = []) {
        for file in loaded where file.exists {
            let text = String(decoding: file.bytes, as: UTF8.self)
            files[file.name] = File(
                text: Secret(text), hasContent: Self.hasContent(text),
                endsWithLine: text.unicodeScalars.last == "\n")
        }
    }

    /// The errors of files that replace `running` while the process runs.
    func problems(replacing running: LoadedFiles, in folder: String) -> [ConfigProblem] {
        running.files.sorted { $0.key < $1.key }.compactMap { name, before in
            guard before.hasContent else { return nil }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            func problem(_ message: String, _ hint: String) -> ConfigProblem {
                ConfigProblem(.error, file: path, message: message, hint: hint)
            }
            let other = "to do without its keys, write {} into it"
            guard let file = files[name] else {
                return problem("is gone, though it is in use", "put it back; \(other)")
            }
            guard file.hasContent else { return problem("is empty, though it is in use", "restore it; \(other)") }
            guard file.endsWithLine || !before.endsWithLine else {
                return problem("ends within a line, so it may be half-written", "save it with a line break at its end")
            }
            return nil
        }
    }

    /// Whether a file has only the beginning of what it has in `running`: it may be half-written.
    func hasBeginning(of running: LoadedFiles) -> Bool {
        running.files.contains { name, before in
            guard let file = files[name], file.text != before.text else { return false }
            return before.text.revealed.utf8.starts(with: file.text.revealed.utf8)
        }
    }

    private static func hasContent(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains { line in
            let line = line.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            return !line.isEmpty && !line.hasPrefix("#") && !line.hasPrefix("---")
        }
    }
}
