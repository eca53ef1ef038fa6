import Foundation
import Testing

/// The repository's text files, as the rules read them.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All files below that folder with one of the endings, sorted by path.
    static func files(in folder: String, endings: Set<String> = ["swift"]) -> [SourceFile] {
        let base = root.appending(path: folder)
        let paths = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
        var found: [SourceFile] = []
        while let url = paths?.nextObject() as? URL {
            guard endings.contains(url.pathExtension), let file = SourceFile(at: url) else { continue }
            found.append(file)
        }
        return found.sorted { $0.path < $1.path }
    }

    static func file(_ path: String) -> SourceFile? { SourceFile(at: root.appending(path: path)) }

    static let swift = files(in: "Sources") + files(in: "Tests")
}

/// A text file with the readings that rules need. Each reading has the same lines as the text.
struct SourceFile: Sendable, CustomStringConvertible {
    /// The path from the repository's root.
    let path: String
    let text: String
    /// The text with comments and string literals blanked out.
    let code: String
    /// The text with comments blanked out.
    let uncommented: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        (code, uncommented) = path.hasSuffix(".swift") ? SwiftText.read(text) : (text, text)
    }

    init?(at url: URL) {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        let prefix = SourceTree.root.standardizedFileURL.path + "/"
        let path = url.standardizedFileURL.path
        self.init(path: path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path, text: text)
    }

    var description: String { path }

    enum Reading: Sendable { case text, code, uncommented }

    subscript(_ reading: Reading) -> String {
        switch reading {
        case .text: text
        case .code: code
        case .uncommented: uncommented
        }
    }

    /// The matches of an expression in one reading, with their lines, from 1.
    func matches(_ expression: String, in reading: Reading) -> [(line: Int, match: String)] {
        guard let regex = try? NSRegularExpression(pattern: expression, options: .anchorsMatchLines) else {
            Issue.record("the expression \(expression) is malformed")
            return []
        }
        let text = self[reading]
        var (line, counted) = (1, text.startIndex)
        return regex.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
            guard let range = Range(match.range, in: text) else { return nil }
            let matched = text[range].drop { $0.isWhitespace }
            line += text[counted..<matched.startIndex].count { $0 == "\n" }
            counted = matched.startIndex
            return (line, String(matched))
        }
    }

    func isIn(_ folders: [String]) -> Bool { folders.contains { path.hasPrefix($0) } }
}
