/// A problem of the configuration: an error, a warning or a note, with its place.
///
/// Never holds the value of a secret, nor the value of a `${VAR}`: texts quote values as the file writes them.
struct ConfigProblem: Sendable, Hashable, CustomStringConvertible {
    /// How severe a problem is; errors sort first.
    enum Severity: String, Sendable, Hashable, Comparable {
        /// The configuration cannot be used.
        case error
        /// Probably not what was meant; the configuration is used.
        case warning
        /// For information.
        case note

        static func < (left: Severity, right: Severity) -> Bool { left.weight < right.weight }

        private var weight: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }
    }

    let severity: Severity
    /// The path of the file, as `config/mcps.yaml`; `environment` for a variable.
    let file: String
    /// From 1; 0 when the problem has no line.
    let line: Int
    /// From 1; 0 when the problem has no column.
    let column: Int
    /// `mcps[2].tool_policy.mode`; empty when the problem is about the whole file.
    let keyPath: String
    /// What is wrong, lower case, without a full stop.
    let message: String
    /// What to do about it; may be empty.
    let hint: String
    /// Whether it is a `${VAR}` whose variable is not set.
    let isUnset: Bool

    init(
        _ severity: Severity, file: String, line: Int = 0, column: Int = 0, keyPath: String = "", message: String,
        hint: String = "", isUnset: Bool = false
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.keyPath = keyPath
        self.message = message
        self.hint = hint
        self.isUnset = isUnset
    }

    /// `config/mcps.yaml:41:7 mcps[2].tool_policy.mode: unknown mode "allow_al" — use allow_all or allow_only`.
    var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        let subject = keyPath.isEmpty ? place : "\(place) \(keyPath)"
        return hint.isEmpty ? "\(subject): \(message)" : "\(subject): \(message) — \(hint)"
    }
}

extension [ConfigProblem] {
    /// Whether the configuration can be used.
    var hasErrors: Bool { contains { $0.severity == .error } }

    /// Sorted by file, line and column; problems without a line come first in their file.
    func inReadingOrder() -> [ConfigProblem] {
        sorted { left, right in
            (left.file, left.line, left.column, left.keyPath, left.message)
                < (right.file, right.line, right.column, right.keyPath, right.message)
        }
    }
}
