import CPostgres

/// How a column's text is read, by the object identifier of its type. The identifiers of built-in types never change:
/// https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
enum PostgresType {
    case bool
    case integer
    case float
    case bytes
    /// `timestamptz`, given as ISO 8601 in UTC: `2026-01-31T09:30:00.125Z`, with microseconds only where there are
    /// some.
    case instant
    /// Everything else as the server writes it: text, numeric, json, jsonb, uuid, inet, arrays, date, interval.
    case text

    init(oid: Oid) {
        self =
            switch oid {
            case 16: .bool
            case 17: .bytes
            case 20, 21, 23, 26: .integer
            case 700, 701: .float
            case 1184: .instant
            default: .text
            }
    }

    func decode(_ raw: UnsafeBufferPointer<UInt8>) -> SQLValue {
        let text = String(decoding: raw, as: UTF8.self)
        switch self {
        case .bool: return .bool(raw.first == UInt8(ascii: "t"))
        case .integer: return Int64(text).map(SQLValue.int) ?? .text(text)
        case .float: return Double(text).map(SQLValue.double) ?? .text(text)
        case .bytes: return Self.bytes(raw).map(SQLValue.bytes) ?? .text(text)
        case .instant: return .text(Self.iso8601(text))
        case .text: return .text(text)
        }
    }

    /// Reads `\x00ff`, the form that the session asked for with `bytea_output = hex`.
    private static func bytes(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard raw.count >= 2, raw.count.isMultiple(of: 2), raw[0] == UInt8(ascii: "\\"), raw[1] == UInt8(ascii: "x")
        else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(raw.count / 2 - 1)
        for index in stride(from: 2, to: raw.count, by: 2) {
            guard let high = nibble(raw[index]), let low = nibble(raw[index + 1]) else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The session speaks `DateStyle ISO` in UTC, so a finite instant after Christ is `2026-01-31 09:30:00.125+00`;
    /// anything else (`infinity`, `… BC`) stays as it is.
    static func iso8601(_ text: String) -> String {
        guard text.hasSuffix("+00"), let space = text.firstIndex(of: " ") else { return text }
        let time = text[text.index(after: space)...].dropLast(3)
        let parts = time.split(separator: ".", maxSplits: 1)
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: max(0, 3 - fraction.count))
        return "\(text[..<space])T\(parts[0]).\(padded)Z"
    }
}
