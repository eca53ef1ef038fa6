package import Foundation

/// An identifier that sorts by its time of creation: 48 bits of milliseconds since 1970 and 80 random bits, in 26
/// characters of Crockford's base 32 (github.com/ulid/spec).
package struct ULID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The 26 upper-case characters.
    package let text: String

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A new identifier with that time.
    package init(at time: Date = Date()) {
        var generator = SystemRandomNumberGenerator()
        self.init(milliseconds: UInt64(max(0, time.timeIntervalSince1970 * 1000)), using: &generator)
    }

    /// A new identifier with the low 48 bits of that time since 1970 and random bits of `generator`.
    package init(milliseconds: UInt64, using generator: inout some RandomNumberGenerator) {
        var characters = [UInt8](repeating: 0, count: 26)
        var time = milliseconds & 0xFFFF_FFFF_FFFF
        for index in stride(from: 9, through: 0, by: -1) {
            characters[index] = Self.alphabet[Int(time & 31)]
            time >>= 5
        }
        // 80 bits, in two halves of 40.
        for half in [10..<18, 18..<26] {
            var bits: UInt64 = generator.next()
            for index in half {
                characters[index] = Self.alphabet[Int(bits & 31)]
                bits >>= 5
            }
        }
        text = String(decoding: characters, as: UTF8.self)
    }

    /// A new identifier that sorts by microseconds since 1970: the microsecond within the millisecond takes the place
    /// of the first ten random bits.
    package init(microseconds: UInt64) {
        var generator = SystemRandomNumberGenerator()
        let plain = ULID(milliseconds: microseconds / 1000, using: &generator)
        var characters = Array(plain.text.utf8)
        let rest = Int(microseconds % 1000)
        (characters[10], characters[11]) = (Self.alphabet[rest >> 5], Self.alphabet[rest & 31])
        text = String(decoding: characters, as: UTF8.self)
    }

    /// Whether both have the same microsecond. For identifiers that ``init(microseconds:)`` made.
    package func isOfSameMicrosecond(as other: ULID) -> Bool { text.prefix(12) == other.text.prefix(12) }

    /// Parses the 26 upper-case characters; nil for any other text.
    package init?(_ text: String) {
        guard text.utf8.count == 26, text.utf8.allSatisfy({ Self.alphabet.contains($0) }) else { return nil }
        self.text = text
    }

    package var description: String { text }
    package static func < (left: ULID, right: ULID) -> Bool { left.text < right.text }

    /// `E-` and the last eight characters: the id that users quote for a failure.
    package var errorID: String { "E-\(text.suffix(8))" }
}
