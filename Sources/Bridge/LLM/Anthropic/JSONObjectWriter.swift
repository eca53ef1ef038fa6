/// Writes a JSON object member by member. Members may be given as JSON text that is written unchanged: thinking blocks
/// must be sent back to the provider byte for byte, and a decoded and encoded value may differ.
struct JSONObjectWriter {
    private var bytes = [UInt8(ascii: "{")]

    /// Adds a member. The caller adds each key once.
    mutating func add(_ key: String, _ value: JSONValue) {
        begin(key)
        value.write(to: &bytes)
    }

    /// Adds a member whose value is given as JSON text.
    mutating func add(_ key: String, raw: String) {
        begin(key)
        bytes += raw.utf8
    }

    /// Adds a member whose value is an array; each element is JSON in UTF-8.
    mutating func add(_ key: String, elements: some Sequence<some Sequence<UInt8>>) {
        begin(key)
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += element
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func begin(_ key: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        JSONValue.string(key).write(to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    /// The whole object in UTF-8.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
