import Foundation
import Yams

/// One configuration file while it is decoded: its YAML, its problems, and the keys that the decoder has read.
final class ConfigFile {
    /// `mcps.yaml`, as rules name the file.
    let name: String
    /// `config/mcps.yaml`, as problems name the file.
    let path: String
    let environment: EnvironmentVariables
    /// The bytes as read; empty when the file does not exist.
    let bytes: Data
    let exists: Bool
    private(set) var problems: [ConfigProblem] = []
    private(set) var tree: Node?
    /// Path of a mapping → the keys that the decoder has read in it.
    private(set) var askedKeys: [String: Set<String>] = [:]
    /// Mappings whose keys are names that the user chooses.
    private(set) var openMappings: Set<String> = []
    /// Every key that the decoder knows, with `[]` for list items and `*` for chosen names.
    private(set) var knownKeys: Set<String> = []
    /// Known keys whose value this version ignores.
    private(set) var effectlessKeys: [String] = []
    /// The patterns with `__` that the decoder has read.
    private(set) var qualifiedPatterns: [QualifiedPattern] = []
    private var seen: Set<ConfigProblem> = []

    /// A pattern of the form `server__tool`, and where it stands.
    struct QualifiedPattern {
        /// The part before `__`.
        let server: String
        /// The whole pattern as written.
        let written: String
        let path: String
        let position: FilePosition?
    }

    /// Reads and parses `folder/name`; a missing file counts as empty. Errors are added to ``problems``.
    init(name: String, in folder: String, environment: EnvironmentVariables) {
        self.name = name
        self.environment = environment
        path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        exists = FileManager.default.fileExists(atPath: path)
        guard exists else {
            bytes = Data()
            return
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            self.bytes = Data()
            report(.error, message: "cannot be read", hint: "check that it is a file and its permissions")
            return
        }
        self.bytes = bytes
        guard let text = String(bytes: bytes, encoding: .utf8) else {
            report(.error, message: "is not UTF-8 text", hint: "save it as UTF-8")
            return
        }
        parse(text)
    }

    /// A cursor on the whole file.
    var root: ConfigNode { ConfigNode(file: self, node: tree, path: "", pattern: "", position: nil) }

    /// Adds a problem once, however often a value is read.
    func report(
        _ severity: ConfigProblem.Severity, at position: FilePosition? = nil, keyPath: String = "", message: String,
        hint: String = "", isUnset: Bool = false
    ) {
        let problem = ConfigProblem(
            severity, file: path, line: position?.line ?? 0, column: position?.column ?? 0, keyPath: keyPath,
            message: message, hint: hint, isUnset: isUnset)
        if seen.insert(problem).inserted { problems.append(problem) }
    }

    /// The decoder has read `key` in the mapping at path `mapping`.
    func noteAsked(_ key: String, in mapping: String, pattern: String) {
        askedKeys[mapping, default: []].insert(key)
        knownKeys.insert(pattern)
    }

    /// The keys of the mapping at this path are names that the user chooses.
    func noteOpen(_ mapping: String) { openMappings.insert(mapping) }

    /// The key at this path is accepted and ignored.
    func noteEffectless(_ keyPath: String) {
        if !effectlessKeys.contains(keyPath) { effectlessKeys.append(keyPath) }
    }

    func note(_ pattern: QualifiedPattern) { qualifiedPatterns.append(pattern) }

    private func parse(_ text: String) {
        do {
            tree = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            report(error, in: text)
        } catch {
            report(.error, message: "is not YAML")
        }
        if let tree, tree.mapping == nil, !ConfigNode.isNull(tree) {
            report(
                .error, at: FilePosition(tree.mark), message: "expected keys and values",
                hint: "write \"key: value\" lines"
            )
            self.tree = nil
        }
    }

    /// The parser's message and position only: its snippet would show the line, which may hold a secret.
    private func report(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            report(
                .error, at: FilePosition(mark), message: "YAML syntax: \(problem)",
                hint: "check indentation, quotes and colons on this line and the one before")
        case .duplicatedKeysInMapping(let keys, let context):
            for key in keys {
                report(
                    .error, at: Self.second(key, after: context.mark, in: text), keyPath: key,
                    message: "the key is written twice in the same mapping", hint: "keep one of them")
            }
        case .reader(let problem, _, _, _):
            report(.error, message: "YAML syntax: \(problem)", hint: "save it as UTF-8 without control characters")
        default:
            report(.error, message: "is not YAML")
        }
    }

    /// The parser reports the position of the first of two equal keys; the problem names the second.
    private static func second(_ key: String, after first: Mark, in text: String) -> FilePosition {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let indent = String(repeating: " ", count: max(0, first.column - 1))
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let starts = [key, "\"\(key)\"", "'\(key)'"].map { "\(indent)\($0):" }
            if starts.contains(where: { line.hasPrefix($0) }) {
                return FilePosition(line: index + 1, column: first.column)
            }
        }
        return FilePosition(first)
    }
}
