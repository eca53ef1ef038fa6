import CPostgres

/// The values of one statement in libpq's text format: one buffer of zero-terminated strings and the offset of each;
/// nil is NULL.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    private var starts: [Int?] = []

    /// - Throws: ``StoreError`` `.other` for text with U+0000, which PostgreSQL cannot store and at which libpq would
    ///   truncate.
    init(_ values: [SQLValue]) throws(StoreError) {
        starts.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            switch value {
            case .null: starts.append(nil)
            case .int(let number): append(String(number))
            case .double(let number): append(Self.text(number))
            case .bool(let truth): append(truth ? "true" : "false")
            case .bytes(let raw): append(hexadecimal: raw)
            case .text(let text):
                guard !text.hasNull else {
                    throw StoreError(.other, "value $\(index + 1) holds a zero byte, which PostgreSQL text cannot")
                }
                append(text)
            }
        }
    }

    /// Calls the closure with the arguments of `PQexecPrepared`; the pointers are valid during the call only.
    func withPointers<Result>(
        _ body: (_ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { raw in
            let buffer = raw.bindMemory(to: CChar.self)
            let pointers = starts.map { start in start.flatMap { offset in buffer.baseAddress.map { $0 + offset } } }
            return pointers.withUnsafeBufferPointer { body(Int32(pointers.count), $0.baseAddress) }
        }
    }

    private mutating func append(_ text: String) {
        starts.append(bytes.count)
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
        bytes.append(0)
    }

    /// The hex input format of bytea: https://www.postgresql.org/docs/15/datatype-binary.html
    private mutating func append(hexadecimal raw: [UInt8]) {
        starts.append(bytes.count)
        bytes.reserveCapacity(bytes.count + raw.count * 2 + 3)
        bytes += [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        for byte in raw {
            bytes.append(Self.digit(byte >> 4))
            bytes.append(Self.digit(byte & 15))
        }
        bytes.append(0)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return String(number)
    }
}
