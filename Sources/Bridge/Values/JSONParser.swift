/// A syntax error in a JSON text.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String
    /// Its position in bytes from the start of the text.
    package let offset: Int

    package var description: String { "not JSON: \(reason) at byte \(offset)" }
}

extension JSONValue {
    /// Parses one JSON value (RFC 8259), strictly: nothing but white space after it, no comments, nesting up to 256
    /// levels. Of a repeated key the last value is used, as in JavaScript. Throws ``JSONError``.
    package init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer)
            return try parser.document()
        }
    }

    /// As ``init(parsing:)-([UInt8])``, from a string.
    package init(parsing text: String) throws {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses one JSON value as other programs write it: the reader of everything that comes from outside.
    ///
    /// Every text that ``init(parsing:)-([UInt8])`` accepts has the same value here. Also accepted are a byte order
    /// mark (that of UTF-16 too), zero bytes and record separators around values, bytes that are no UTF-8 (decoded as
    /// U+FFFD), control characters and unknown escapes in strings, commas before a closing bracket, and numbers with a
    /// plus sign, leading zeros or without digits on one side of the point. NaN, infinity and numbers beyond the range
    /// of a double are null, as `JSON.stringify` writes them. Throws ``JSONError``.
    package init(lenient bytes: [UInt8]) throws {
        self = try Self.utf8(of: bytes).withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer, isLenient: true)
            return try parser.document()
        }
    }

    /// As ``init(lenient:)-([UInt8])``, from a string.
    package init(lenient text: String) throws {
        try self.init(lenient: Array(text.utf8))
    }

    /// The values of a text that has any number of them, read as ``init(lenient:)-([UInt8])`` reads one, up to the
    /// first error.
    package static func sequence(lenient bytes: [UInt8]) -> (values: [JSONValue], error: JSONError?) {
        utf8(of: bytes).withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer, isLenient: true)
            return parser.sequence()
        }
    }

    /// The text in UTF-8 if it begins with a byte order mark of UTF-16, otherwise unchanged.
    private static func utf8(of bytes: [UInt8]) -> [UInt8] {
        let isLittleEndian = bytes.starts(with: [0xFF, 0xFE])
        guard isLittleEndian || bytes.starts(with: [0xFE, 0xFF]) else { return bytes }
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { at in
            let (first, second) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
            return isLittleEndian ? second << 8 | first : first << 8 | second
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}

/// A recursive descent parser over UTF-8. Foundation's `JSONSerialization` and `JSONDecoder` preserve neither the order
/// of keys, on which prompt caches depend, nor the difference between `3` and `3.0`.
private struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Whether more is accepted than RFC 8259 allows; see ``JSONValue/init(lenient:)-([UInt8])``.
    private let isLenient: Bool
    private var at = 0
    private static let deepest = 256

    init(_ bytes: UnsafeBufferPointer<UInt8>, isLenient: Bool = false) {
        self.bytes = bytes
        self.isLenient = isLenient
    }

    mutating func sequence() -> (values: [JSONValue], error: JSONError?) {
        var values: [JSONValue] = []
        skipSpace()
        while at < bytes.count {
            do {
                values.append(try value(depth: 0))
            } catch {
                return (values, error as? JSONError)
            }
            skipSpace()
        }
        return (values, nil)
    }

    mutating func document() throws -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw error("text after the end of the value") }
        return value
    }

    private func error(_ reason: String) -> JSONError { JSONError(reason: reason, offset: at) }

    private var current: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = current {
            if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
                at += 1
            } else if isLenient, byte == 0 || byte == 0x0B || byte == 0x0C || byte == 0x1E {
                at += 1
            } else if isLenient, byte == 0xEF, at + 2 < bytes.count, bytes[at + 1] == 0xBB, bytes[at + 2] == 0xBF {
                at += 3  // a byte order mark
            } else {
                return
            }
        }
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth < Self.deepest else { throw error("nested too deeply") }
        skipSpace()
        if isLenient, skipsNotFinite() { return .null }
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case .some(let byte) where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): return try number()
        case UInt8(ascii: "+") where isLenient, UInt8(ascii: ".") where isLenient: return try number()
        case .none: throw error("the text ends early")
        default: throw error("a value was expected")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
        let count = word.utf8CodeUnitCount
        guard at + count <= bytes.count else { throw error("the text ends early") }
        for index in 0..<count where bytes[at + index] != word.utf8Start[index] { throw error("a value was expected") }
        at += count
        return value
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        at += 1
        var elements: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            at += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                at += 1
                if isLenient, skips(UInt8(ascii: "]")) { return .array(elements) }
            case UInt8(ascii: "]"):
                at += 1
                return .array(elements)
            default: throw error("',' or ']' was expected")
            }
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        at += 1
        skipSpace()
        if current == UInt8(ascii: "}") {
            at += 1
            return .object([:])
        }
        var members = JSONObject(minimumCapacity: 4)
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw error("a key was expected") }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("':' was expected") }
            at += 1
            members[key] = try value(depth: depth + 1)
            skipSpace()
            switch current {
            case UInt8(ascii: ","):
                at += 1
                if isLenient, skips(UInt8(ascii: "}")) { return .object(members) }
            case UInt8(ascii: "}"):
                at += 1
                return .object(members)
            default: throw error("',' or '}' was expected")
            }
        }
    }

    /// Skips white space and then this bracket; false when another byte follows the white space.
    private mutating func skips(_ bracket: UInt8) -> Bool {
        skipSpace()
        guard current == bracket else { return false }
        at += 1
        return true
    }

    /// Skips NaN or infinity as C, JavaScript, Perl and Python print them; false when there is neither.
    private mutating func skipsNotFinite() -> Bool {
        var start = at
        if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") { start += 1 }
        guard start < bytes.count, bytes[start] | 0x20 == UInt8(ascii: "n") || bytes[start] | 0x20 == UInt8(ascii: "i")
        else { return false }
        for word in ["infinity", "inf", "nan"] {
            let end = start + word.utf8.count
            guard end <= bytes.count, zip(bytes[start..<end], word.utf8).allSatisfy({ $0 | 0x20 == $1 }) else {
                continue
            }
            if end < bytes.count, (0x61...0x7A).contains(bytes[end] | 0x20) { continue }
            at = end
            return true
        }
        return false
    }

    /// A number as other languages write them: `+1`, `007`, `.5`, `1.`.
    private mutating func lenientNumber() throws -> JSONValue {
        let start = at
        var text = current == UInt8(ascii: "-") ? "-" : ""
        if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") { at += 1 }
        let whole = digits()
        text += whole.isEmpty ? "0" : whole
        var (isWhole, fraction) = (true, "")
        if current == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            fraction = digits()
            if !fraction.isEmpty { text += ".\(fraction)" }
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw error("a digit was expected") }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            at += 1
            text += current == UInt8(ascii: "-") ? "e-" : "e"
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
            let exponent = digits()
            guard !exponent.isEmpty else { throw error("a digit was expected") }
            text += exponent
        }
        if isWhole, let value = Int64(text) { return .int(value) }
        guard let value = Double(text) else {
            at = start
            throw error("a number was expected")
        }
        return value.isFinite ? .double(value) : .null
    }

    private mutating func digits() -> String {
        let start = at
        skipDigits()
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    }

    private mutating func number() throws -> JSONValue {
        if isLenient { return try lenientNumber() }
        let start = at
        var isWhole = true
        if current == UInt8(ascii: "-") { at += 1 }
        guard let first = current, (0x30...0x39).contains(first) else { throw error("a digit was expected") }
        if first == 0x30 { at += 1 } else { skipDigits() }
        if current == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            guard let digit = current, (0x30...0x39).contains(digit) else { throw error("a digit was expected") }
            skipDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            at += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
            guard let digit = current, (0x30...0x39).contains(digit) else { throw error("a digit was expected") }
            skipDigits()
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
        if isWhole, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            at = start
            throw error("a number out of range")
        }
        return .double(value)
    }

    private mutating func skipDigits() {
        while let byte = current, (0x30...0x39).contains(byte) { at += 1 }
    }

    private mutating func string() throws -> String {
        at += 1
        let start = at
        // A string without escapes is decoded as one slice.
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 || isLenient {
            at += 1
        }
        if current == UInt8(ascii: "\"") {
            defer { at += 1 }
            return try text(UnsafeBufferPointer(rebasing: bytes[start..<at]))
        }
        var buffer = Array(bytes[start..<at])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return try buffer.withUnsafeBufferPointer { try text($0) }
            case UInt8(ascii: "\\"):
                at += 1
                try escape(into: &buffer)
            case 0..<0x20 where !isLenient: throw error("a control character in a string")
            default:
                buffer.append(byte)
                at += 1
            }
        }
        throw error("the string has no end")
    }

    private func text(_ utf8: UnsafeBufferPointer<UInt8>) throws -> String {
        if let text = String(validating: utf8, as: UTF8.self) { return text }
        guard isLenient else { throw error("the string is not UTF-8") }
        return String(decoding: utf8, as: UTF8.self)
    }

    private mutating func escape(into buffer: inout [UInt8]) throws {
        guard let byte = current else { throw error("the string has no end") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            let start = at
            do {
                buffer += String(Character(try unicodeScalar())).utf8
            } catch {
                guard isLenient else { throw error }
                at = start
                buffer += Array("\\u".utf8)
            }
        case UInt8(ascii: "'") where isLenient: buffer.append(byte)
        case _ where isLenient: buffer += [UInt8(ascii: "\\"), byte]  // a path of Windows, a regular expression
        default: throw error("an unknown escape")
        }
    }

    /// One `\uXXXX`, or a surrogate pair of them. An unpaired surrogate becomes U+FFFD instead of an error, so that a
    /// message stays readable when its sender has cut a text within a pair.
    private mutating func unicodeScalar() throws -> Unicode.Scalar {
        let first = try fourHexDigits()
        guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
            return "\u{FFFD}"
        }
        let back = at
        at += 2
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second) else {
            at = back
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func fourHexDigits() throws -> UInt32 {
        guard at + 4 <= bytes.count else { throw error("the string has no end") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue else {
                throw error("four hexadecimal digits were expected")
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}
