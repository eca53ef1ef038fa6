/// Replaces `${VAR}` and `${VAR:-default}` in a value of the configuration.
///
/// A variable that is set but empty counts as unset. A default may hold further `${…}`. A lone `$` stays as it is.
enum VariableExpansion {
    /// The result of an expansion.
    enum Outcome: Sendable, Hashable {
        /// The text held nothing to replace.
        case unchanged
        case expanded(String)
        /// A variable without a default is unset.
        case unset(variable: String)
        /// `${` without `}`, without a valid name, or with another operator than `:-`.
        case malformed
    }

    static func expand(_ text: String, in environment: EnvironmentVariables) -> Outcome {
        var result = ""
        var rest = text[...]
        var isExpanded = false
        while let start = opening(in: rest) {
            result += rest[..<start]
            let inner = rest[rest.index(start, offsetBy: 2)...]
            guard let end = closing(in: inner) else { return .malformed }
            switch value(of: inner[..<end], in: environment) {
            case .expanded(let value): result += value
            case let failure: return failure
            }
            isExpanded = true
            rest = inner[inner.index(after: end)...]
        }
        return isExpanded ? .expanded(result + rest) : .unchanged
    }

    /// Letters, digits and `_`, not starting with a digit (POSIX, "Environment Variable Definition").
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    private static func opening(in text: Substring) -> Substring.Index? {
        text.indices.first { text[$0...].hasPrefix("${") }
    }

    private static func closing(in text: Substring) -> Substring.Index? {
        var depth = 0
        var before: Character?
        for index in text.indices {
            switch text[index] {
            case "{" where before == "$": depth += 1
            case "}" where depth == 0: return index
            case "}": depth -= 1
            default: break
            }
            before = text[index]
        }
        return nil
    }

    private static func value(of inner: Substring, in environment: EnvironmentVariables) -> Outcome {
        var name = inner
        var fallback: Substring?
        if let colon = inner.firstIndex(of: ":") {
            let after = inner.index(after: colon)
            guard inner[after...].first == "-" else { return .malformed }
            name = inner[..<colon]
            fallback = inner[inner.index(after: after)...]
        }
        guard isName(name) else { return .malformed }
        if let value = environment[String(name)] { return .expanded(value) }
        guard let fallback else { return .unset(variable: String(name)) }
        let outcome = expand(String(fallback), in: environment)
        return outcome == .unchanged ? .expanded(String(fallback)) : outcome
    }
}
