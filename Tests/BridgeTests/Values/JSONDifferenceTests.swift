import Foundation
import TestKit
import Testing

@testable import Bridge

/// Our parser and writer beside Foundation's `JSONSerialization`, on texts that are almost valid.
@Suite("JSON, compared with Foundation", .timeLimit(.minutes(3)))
struct JSONDifferenceTests {
    private static let documents: [[UInt8]] = [
        #"{"b": 1, "a": [true, false, null, -2, 0.5, "x"], "n": {"z": "\"\\\n\/", "emoji": "😀", "ü": []}}"#,
        #"[{"type": "message", "ts": "1700000000.000100", "n": 1.25e-3, "big": 123456789012, "e": 1E5}, {}, [[]], ""]"#,
        #"  {"text": "a \u00e9\u20AC \ud83d\ude00 <b> & c", "ok": true, "list": [0, -0, 10, 0.0, -1.5e+2]}  "#,
        #""a string""#, "-12.5", "true", "null",
    ].map { Array($0.utf8) }

    /// The intended differences, by a regular expression for the texts that they concern. Each byte of a text is one
    /// character there.
    private static let intended = [
        "Foundation removes a byte order mark; RFC 8259 lets a parser refuse it, as ours does": "\u{EF}\u{BB}\u{BF}",
        "Foundation detects UTF-16 and UTF-32 by zero bytes and byte order marks; ours is UTF-8 only":
            #"\A(?s:.){0,3}[\x00\xFE\xFF]"#,
        "Foundation accepts a comma before a closing bracket": #",[ \t\r\n]*[\]}]"#,
        "ours decodes half of a surrogate pair as U+FFFD, Foundation refuses it":
            #"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"#,
        "Foundation has decimal numbers of many digits, ours are 64-bit integers and doubles": "[0-9.]{18,}",
        "ours refuses a number beyond the range of a double": "[eE][-+]?[0-9]{3,}",
        "of a repeated key ours keeps the last value": #"(?s)"([^"\\]*)"[ \t\r\n]*:.*"\1"[ \t\r\n]*:"#,
    ]

    private static func isIntended(_ bytes: [UInt8]) -> Bool {
        // An escaped backslash begins no other escape.
        let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
            .replacingOccurrences(of: "\\\\", with: "  ")
        return intended.values.contains { text.range(of: $0, options: .regularExpression) != nil }
    }

    /// A text for which the two parsers differ; nil when they agree, or when the difference is intended.
    private static func difference(_ bytes: [UInt8]) -> String? {
        let ours = try? JSONValue(parsing: bytes)
        let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        let isSame =
            switch (ours, theirs) {
            case (nil, nil): true
            case (let ours?, let theirs?): isEqual(ours, theirs)
            default: false
            }
        if isSame || isIntended(bytes) { return nil }
        let verdicts = "ours: \(ours?.text() ?? "refused"), Foundation: \(theirs == nil ? "refused" : "accepted")"
        return "\(String(decoding: bytes, as: UTF8.self).debugDescription) — \(verdicts)"
    }

    /// Whether Foundation's object is that value. Numbers are compared as doubles: Foundation does not keep whether one
    /// was written with a fraction.
    private static func isEqual(_ ours: JSONValue, _ theirs: Any) -> Bool {
        switch ours {
        case .null: return theirs is NSNull
        case .bool(let value): return (theirs as? Bool) == value
        case .int, .double:
            guard let number = (theirs as? NSNumber)?.doubleValue ?? (theirs as? Double), let value = ours.double else {
                return false
            }
            return abs(number - value) <= abs(value) * 1e-14
        case .string(let value): return (theirs as? String).map { Array($0.utf8) == Array(value.utf8) } ?? false
        case .array(let elements):
            guard let others = theirs as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy { isEqual($0, $1) }
        case .object(let members):
            guard let others = theirs as? [String: Any], others.count == members.count else { return false }
            return members.allSatisfy { key, value in others[key].map { isEqual(value, $0) } ?? false }
        }
    }

    private static func report(_ differences: [String]) {
        #expect(differences.isEmpty, "\(differences.count):\n\(differences.prefix(20).joined(separator: "\n"))")
    }

    @Test("valid documents are equal in both")
    func valid() throws {
        for bytes in Self.documents {
            let ours = try JSONValue(parsing: bytes)
            let theirs = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            #expect(Self.isEqual(ours, theirs), "\(ours.text())")
        }
    }

    @Test("each byte, inserted at the start, at the end and in between, is accepted or refused by both")
    func insertedByte() {
        var differences: [String] = []
        for document in Self.documents {
            for position in 0...document.count where position % 4 == 0 || position == document.count {
                for byte in UInt8.min...UInt8.max {
                    var bytes = document
                    bytes.insert(byte, at: position)
                    if let difference = Self.difference(bytes) { differences.append(difference) }
                }
            }
        }
        Self.report(differences)
    }

    @Test("documents with random changes of bytes are accepted or refused by both, with equal values")
    func mutations() {
        var random = SplitMix64(seed: 7)
        let alphabet =
            Array(#"{}[]":,\ntrufalse0123456789.eE+-/u \#t"#.utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xF4]
        var differences: [String] = []
        for _ in 0..<20_000 {
            var bytes = Self.documents.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                let byte = alphabet.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: position)
                case 1: bytes.insert(byte, at: position)
                case 2: bytes.swapAt(position, Int.random(in: 0..<bytes.count, using: &random))
                default: bytes[position] = byte
                }
            }
            if let difference = Self.difference(bytes) { differences.append(difference) }
        }
        Self.report(differences)
    }

    @Test("what one writes, the other reads as the same value")
    func written() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<3_000 {
            let value = Self.value(&random, depth: 0)
            let theirs = try JSONSerialization.jsonObject(with: Data(value.bytes()), options: .fragmentsAllowed)
            #expect(Self.isEqual(value, theirs), "\(value.text())")
            let bytes = try JSONSerialization.data(withJSONObject: theirs, options: .fragmentsAllowed)
            let back = try JSONValue(parsing: Array(bytes))
            #expect(Self.isEqual(back, theirs), "\(back.text())")
        }
    }

    @Test("nesting is limited in both; ours has the lower limit")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: 0x5B, count: depth) + Array(repeating: 0x5D, count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(256)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(257)) }
        #expect(Self.difference(nested(256)) == nil)
    }

    /// Characters that a writer may have to escape, and some that it must not change.
    private static let characters: [Character] = [
        "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\r\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "é", "e\u{301}", "😀",
        "\u{2028}", "\u{FFFD}", "<", "&",
    ]

    private static func value(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .int(Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random))
        case 3: return .double(Double.random(in: -1e6...1e6, using: &random))
        case 4, 5: return .string(string(&random))
        case 6: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            var members = JSONObject()
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                members[string(&random)] = value(&random, depth: depth + 1)
            }
            return .object(members)
        }
    }

    private static func string(_ random: inout SplitMix64) -> String {
        String((0..<Int.random(in: 0...6, using: &random)).map { _ in characters.randomElement(using: &random) ?? "a" })
    }
}
