import Foundation
import TestKit

@testable import Bridge

/// Random inputs for readers of what comes from outside. `make random` runs 100,000 of each kind.
enum RandomInput {
    /// How many inputs of each kind: `OMNI_RANDOM_INPUTS`, else a number that takes about a second.
    static let count = ProcessInfo.processInfo.environment["OMNI_RANDOM_INPUTS"].flatMap { Int($0) } ?? 3_000

    /// A small JSON value.
    static func value(_ random: inout SplitMix64, depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 3 ? 8 : 6), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .int(Int64.random(in: -1_000_000...1_000_000, using: &random))
        case 3: .double(Double(Int.random(in: -1000...1000, using: &random)) / 8)
        case 4, 5: .string(text(&random))
        case 6: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default: object(&random, depth: depth)
        }
    }

    private static func object(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        var members = JSONObject()
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            members[text(&random)] = value(&random, depth: depth + 1)
        }
        return .object(members)
    }

    static func text(_ random: inout SplitMix64) -> String {
        let parts = ["a", "id", "result", "method", "\"", "\\", "{", "}", "é", "😀", "\n", "\u{2028}", ":", " ", "7"]
        return (0..<Int.random(in: 0...4, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
            .joined()
    }

    /// Removes, inserts, replaces or exchanges some bytes, or cuts the end off.
    static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let alphabet =
            Array(#"{}[]":,\ntrufalse0123456789.eE+-NaIiy/u \#t"#.utf8) + [0x00, 0x1E, 0xE9, 0xEF, 0xBB, 0xBF, 0xFF]
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let byte = alphabet.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
            case 3: bytes.removeLast(bytes.count - place)
            default: bytes[place] = byte
            }
        }
    }

    /// The bytes in pieces of random sizes.
    static func pieces(_ bytes: [UInt8], _ random: inout SplitMix64) -> [ArraySlice<UInt8>] {
        var (pieces, rest) = ([ArraySlice<UInt8>](), bytes[...])
        while !rest.isEmpty {
            let size = Int.random(in: 1...20, using: &random)
            pieces.append(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}
