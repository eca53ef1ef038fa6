import Bridge
import Yams

extension ConfigNode {
    /// A scalar after `${VAR}` was replaced.
    private struct Scalar {
        let text: String
        /// Whether the text may be a number or a boolean: an unquoted value, or the result of a `${VAR}`.
        let isPlain: Bool
    }

    /// nil for an absent value, and for one whose problem was reported here.
    private func scalar(_ expected: String) -> Scalar? {
        guard isPresent, let node else { return nil }
        guard let scalar = node.scalar else {
            wrongType(expected)
            return nil
        }
        let isPlain = scalar.style == .plain
        switch VariableExpansion.expand(scalar.string, in: file.environment) {
        case .unchanged: return Scalar(text: scalar.string, isPlain: isPlain)
        case .expanded(let text): return text.isEmpty ? nil : Scalar(text: text, isPlain: true)
        case .unset(let variable):
            if isActive {
                file.report(
                    .error, at: position, keyPath: path, message: "the variable \(variable) is not set",
                    hint: "set it in the environment or in .env, or write ${\(variable):-default}", isUnset: true)
            }
        case .malformed:
            report("a \"${\" that is no ${VAR} or ${VAR:-default}", hint: "close it with \"}\" after a valid name")
        }
        return nil
    }

    /// The value as written, `${VAR}` not replaced, so that a problem may show it; at most 60 characters.
    var written: String {
        guard let text = node?.scalar?.string else { return "" }
        return text.count > 60 ? "\(text.prefix(60))…" : text
    }

    /// Text; a bare `true`, `no`, … is an error, since YAML reads it as a boolean.
    func text() -> String? {
        guard let scalar = scalar("text") else { return nil }
        let isWritten = node?.scalar?.string == scalar.text
        guard !(isWritten && scalar.isPlain && Self.bool(scalar.text) != nil) else {
            wrongType("text", hint: "put \"\(written)\" in quotes")
            return nil
        }
        return scalar.text
    }

    /// Text that must be present and not empty.
    func requiredText(hint: String) -> String? {
        let wasFine = !hasProblem
        let text = text()
        guard let text, !text.isEmpty else {
            if isActive, wasFine, !hasProblem { report("a required value is missing", hint: hint) }
            return nil
        }
        return text
    }

    /// Text that is not shown anywhere; nil when empty.
    func secret() -> Secret? {
        guard let scalar = scalar("text"), !scalar.text.isEmpty else { return nil }
        return Secret(scalar.text)
    }

    func bool() -> Bool? {
        guard let scalar = scalar("true or false") else { return nil }
        guard scalar.isPlain, let value = Self.bool(scalar.text) else {
            wrongType("true or false", hint: "write true or false, without quotes")
            return nil
        }
        return value
    }

    func int(in range: ClosedRange<Int> = 0...Int.max) -> Int? {
        guard let scalar = scalar("a whole number") else { return nil }
        guard scalar.isPlain, let value = Int(scalar.text) else {
            wrongType("a whole number", hint: "write digits only, without quotes")
            return nil
        }
        guard range.contains(value) else {
            let limits =
                range.upperBound == Int.max
                ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            report("the number is out of range", hint: "use \(limits)")
            return nil
        }
        return value
    }

    /// A number from 0, or above 0 with `isPositive`, to 1e9.
    func number(isPositive: Bool = false) -> Double? {
        guard let scalar = scalar("a number") else { return nil }
        guard scalar.isPlain, let value = Double(scalar.text), value.isFinite else {
            wrongType("a number", hint: "write digits, without quotes")
            return nil
        }
        guard value >= 0, value <= 1e9, !isPositive || value > 0 else {
            report("the number is out of range", hint: isPositive ? "use a number above 0" : "use 0 or more")
            return nil
        }
        return value
    }

    /// A positive time in units of `unit` seconds.
    func duration(unit: Double = 1) -> Duration? { number(isPositive: true).map { .seconds($0 * unit) } }

    /// One of a closed list of values, in any case of letters; `what` names it in the problem.
    func choice<Choice: RawRepresentable & CaseIterable>(_ what: String, _: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let text = text() else { return nil }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            unknown(what, of: Choice.allCases.map(\.rawValue))
            return nil
        }
        return choice
    }

    /// Reports a value that is not in a closed list.
    func unknown(_ what: String, of words: [String]) {
        let last = words.last ?? ""
        let list = words.count > 1 ? "\(words.dropLast().joined(separator: ", ")) or \(last)" : last
        report("unknown \(what) \"\(written)\"", hint: "use \(list)")
    }

    /// A list of texts; nil when absent.
    func texts() -> [String]? {
        guard isPresent else { return nil }
        return elements().compactMap { $0.text() }
    }

    /// A list of texts; nil for an absent one and for `"*"`, which restricts nothing.
    func textsUnlessAll() -> [String]? {
        if node?.scalar?.string == "*" { return nil }
        let texts = texts()
        return texts?.contains("*") == true ? nil : texts
    }

    /// A list of name patterns with their lines; nil when absent. A lone pattern counts as a list of one.
    func globs() -> [Sourced<Glob>]? {
        guard isPresent else { return nil }
        let items = node?.scalar == nil ? elements() : [self]
        return items.compactMap { item in item.glob().map { Sourced($0, item.source) } }
    }

    private func glob() -> Glob? {
        guard let text = text() else { return nil }
        do {
            let glob = try Glob(text)
            if let server = glob.serverPart, isActive {
                file.note(ConfigFile.QualifiedPattern(server: server, written: written, path: path, position: position))
            }
            return glob
        } catch {
            let reason = (error as? Glob.BadGlob)?.reason ?? "is no pattern"
            report("the pattern \"\(written)\" \(reason)", hint: "use names with *, ? and [a-z]")
            return nil
        }
    }
}

extension ConfigFile {
    /// Whether a problem of this key was reported.
    func hasProblem(at keyPath: String) -> Bool { problems.contains { $0.keyPath == keyPath } }
}
