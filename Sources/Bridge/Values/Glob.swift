/// A shell pattern over tool names: `*`, `?`, `[a-z]` and `[!a-z]`. Case-sensitive; `?` and `[]` match one UTF-8 byte.
///
/// A pattern that contains `__` is matched against `server__tool`, any other against the bare tool name.
package struct Glob: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as it was written.
    package let pattern: String
    private let parts: [Part]
    /// Whether the pattern is matched against `server__tool`.
    private let namesServer: Bool

    private enum Part: Sendable, Hashable {
        case star
        case any
        case literal(UInt8)
        case set([ClosedRange<UInt8>], negated: Bool)
    }

    /// Throws ``BadGlob`` when the pattern is empty, a `[` has no end, a `[!]` is empty or a range runs backwards.
    package init(_ pattern: String) throws {
        self.pattern = pattern
        namesServer = pattern.contains("__")
        parts = try Self.parse(Array(pattern.utf8), of: pattern)
    }

    /// Why a text is not a pattern.
    package struct BadGlob: Error, Sendable, Hashable, CustomStringConvertible {
        package let pattern: String
        /// The end of a sentence that begins with the pattern: "is empty".
        package let reason: String
        package var description: String { "the pattern \"\(pattern)\" \(reason)" }
    }

    package var description: String { pattern }

    /// Whether the pattern matches the whole of the tool's bare or qualified name.
    package func matches(_ name: ToolName) -> Bool {
        matches(namesServer ? name.server + "__" + name.tool : name.tool)
    }

    /// As ``matches(_:)``, and a pattern with `__` also matches a tool of that very name: a server that passes
    /// on the tools of others may name them `jira__delete_issue`. For rules that deny, and for lists about one server;
    /// in a list that allows tools of any server it would let a server take another one's name.
    package func matchesOwnName(_ name: ToolName) -> Bool {
        matches(name) || namesServer && matches(name.tool)
    }

    /// The part before the first `__`; nil without one.
    package var serverPart: String? { pattern.firstRange(of: "__").map { String(pattern[..<$0.lowerBound]) } }

    /// Whether the pattern matches the whole of `text`. Only the last `*` is backtracked to, so that the worst case is
    /// the product of the two lengths.
    package func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8(matches)
    }

    private func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var part = 0
        var byte = 0
        var lastStar: (part: Int, byte: Int)?
        while byte < bytes.count {
            if part < parts.count, case .star = parts[part] {
                lastStar = (part, byte)
                part += 1
            } else if part < parts.count, Self.fits(bytes[byte], parts[part]) {
                part += 1
                byte += 1
            } else if let star = lastStar {
                part = star.part + 1
                byte = star.byte + 1
                lastStar = (star.part, byte)
            } else {
                return false
            }
        }
        while part < parts.count, case .star = parts[part] { part += 1 }
        return part == parts.count
    }

    private static func fits(_ byte: UInt8, _ part: Part) -> Bool {
        switch part {
        case .star: false
        case .any: true
        case .literal(let wanted): byte == wanted
        case .set(let ranges, let negated): ranges.contains { $0.contains(byte) } != negated
        }
    }

    private static func parse(_ bytes: [UInt8], of pattern: String) throws -> [Part] {
        guard !bytes.isEmpty else { throw BadGlob(pattern: pattern, reason: "is empty") }
        var parts: [Part] = []
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "*"):
                if parts.last != .star { parts.append(.star) }
                at += 1
            case UInt8(ascii: "?"):
                parts.append(.any)
                at += 1
            case UInt8(ascii: "["):
                guard let end = bytes[(at + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
                    throw BadGlob(pattern: pattern, reason: "has a '[' without an end")
                }
                parts.append(try set(Array(bytes[(at + 1)..<end]), of: pattern))
                at = end + 1
            default:
                parts.append(.literal(bytes[at]))
                at += 1
            }
        }
        return parts
    }

    private static func set(_ bytes: [UInt8], of pattern: String) throws -> Part {
        let negated = bytes.first == UInt8(ascii: "!")
        var rest = negated ? bytes.dropFirst() : bytes[...]
        guard !rest.isEmpty else { throw BadGlob(pattern: pattern, reason: "has an empty '[]'") }
        var ranges: [ClosedRange<UInt8>] = []
        while let low = rest.popFirst() {
            guard rest.first == UInt8(ascii: "-"), rest.count > 1 else {
                ranges.append(low...low)
                continue
            }
            rest.removeFirst()
            guard let high = rest.popFirst(), low <= high else {
                throw BadGlob(pattern: pattern, reason: "has a range that runs backwards")
            }
            ranges.append(low...high)
        }
        return .set(ranges, negated: negated)
    }
}
