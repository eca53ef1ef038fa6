import Foundation
import Yams

/// One configuration file while it is decoded: its YAML, what was found wrong, and which keys the decoder asked for.
final class ConfigFile {
    /// `mcps.yaml`, as rules name it.
    let name: String
    /// `config/mcps.yaml`, as problems name it.
    let path: String
    let environment: EnvironmentVariables
    /// The bytes as read; empty when there is no file.
    let bytes: Data
    private(set) var problems: [ConfigProblem] = []
    private(set) var tree: Node?
    /// Path of a mapping → the keys that were asked for in it.
    private(set) var askedKeys: [String: Set<String>] = [:]
    /// Mappings whose keys are names that the user chooses.
    private(set) var openMappings: Set<String> = []
    /// Every key that the decoder knows, with `[]` for list items and `*` for chosen names.
    private(set) var knownKeys: Set<String> = []
    /// Keys that are known and were found to say nothing that this version honours.
    private(set) var effectlessKeys: [String] = []
    private var seen: Set<ConfigProblem> = []

    /// Reads and parses `folder/name`; a file that is not there is an empty one.
    init(name: String, in folder: String, environment: EnvironmentVariables) {
        self.name = name
        self.environment = environment
        path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else {
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

    /// The whole file as a cursor.
    var root: ConfigNode { ConfigNode(file: self, node: tree, path: "", pattern: "", position: nil) }

    /// Records a problem once, however often a value is looked at.
    func report(
        _ severity: ConfigProblem.Severity, at position: FilePosition? = nil, keyPath: String = "", message: String,
        hint: String = ""
    ) {
        let problem = ConfigProblem(
            severity, file: path, line: position?.line ?? 0, column: position?.column ?? 0, keyPath: keyPath,
            message: message,
            hint: hint)
        if seen.insert(problem).inserted { problems.append(problem) }
    }

    func noteAsked(_ key: String, in mapping: String, pattern: String) {
        askedKeys[mapping, default: []].insert(key)
        knownKeys.insert(pattern)
    }

    func noteOpen(_ mapping: String) { openMappings.insert(mapping) }

    func noteEffectless(_ keyPath: String) {
        if !effectlessKeys.contains(keyPath) { effectlessKeys.append(keyPath) }
    }

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

    /// Only the parser's own words and the position: its snippet would show the line, which may hold a secret.
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

    /// The parser names the first of two equal keys; the reader wants the second.
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
