/// A JSON object under construction, into which parts can be laid that must stay exactly as they came: thinking blocks go
/// back to the provider byte for byte, which no encoder of a value promises.
struct JSONObjectWriter {
    private var bytes = [UInt8(ascii: "{")]

    mutating func add(_ key: String, _ value: JSONValue) {
        begin(key)
        value.write(to: &bytes)
    }

    /// `raw` is one JSON value as text.
    mutating func add(_ key: String, raw: String) {
        begin(key)
        bytes += raw.utf8
    }

    /// An array of JSON values as UTF-8.
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

    /// The whole object as UTF-8.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
