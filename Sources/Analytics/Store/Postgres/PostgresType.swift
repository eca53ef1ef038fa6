import CPostgres

/// How the text of a column is decoded, by the object identifier (OID) of its type. The OIDs of built-in types do not
/// change: https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
enum PostgresType {
    case bool
    case integer
    case float
    case bytes
    /// `timestamptz`, decoded to ISO 8601 in UTC: `2026-01-31T09:30:00.125Z`, with microseconds only if there are some.
    case instant
    /// All other types, as the server writes them: text, numeric, json, jsonb, uuid, inet, arrays, date, interval.
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

    /// Decodes one value; a text that does not fit its type stays text.
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

    /// Parses `\x00ff`, the format of `bytea_output = hex`, which the session sets.
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

    /// The session uses `DateStyle ISO` and UTC, so a finite time AD is `2026-01-31 09:30:00.125+00`; any other text
    /// (`infinity`, `… BC`) is returned unchanged.
    static func iso8601(_ text: String) -> String {
        guard text.hasSuffix("+00"), let space = text.firstIndex(of: " ") else { return text }
        let time = text[text.index(after: space)...].dropLast(3)
        let parts = time.split(separator: ".", maxSplits: 1)
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: max(0, 3 - fraction.count))
        return "\(text[..<space])T\(parts[0]).\(padded)Z"
    }
}
