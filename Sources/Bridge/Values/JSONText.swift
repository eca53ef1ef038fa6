extension JSONValue {
    /// This value as compact JSON. With `sortedKeys` the text does not depend on the order of object keys: this is the
    /// form that is hashed.
    package func text(sortedKeys: Bool = false) -> String {
        String(decoding: bytes(sortedKeys: sortedKeys), as: UTF8.self)
    }

    /// The UTF-8 of ``text(sortedKeys:)``.
    package func bytes(sortedKeys: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        write(to: &output, sortedKeys: sortedKeys)
        return output
    }

    /// Appends what ``bytes(sortedKeys:)`` returns.
    package func write(to output: inout [UInt8], sortedKeys: Bool = false) {
        var writer = JSONWriter(sortedKeys: sortedKeys)
        swap(&writer.output, &output)
        writer.write(self)
        swap(&writer.output, &output)
    }
}

private struct JSONWriter {
    let sortedKeys: Bool
    var output: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .int(let value): output += String(value).utf8
        // JSON has no infinity and no NaN; `JSON.stringify` writes null for them (ECMA-262).
        case .double(let value): output += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): write(string: value)
        case .array(let elements): write(array: elements)
        case .object(let members): write(object: members)
        }
    }

    private mutating func write(array elements: [JSONValue]) {
        output.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(element)
        }
        output.append(UInt8(ascii: "]"))
    }

    private mutating func write(object members: JSONObject) {
        output.append(UInt8(ascii: "{"))
        var first = true
        func member(_ key: String, _ value: JSONValue) {
            if !first { output.append(UInt8(ascii: ",")) }
            first = false
            write(string: key)
            output.append(UInt8(ascii: ":"))
            write(value)
        }
        if sortedKeys {
            for (key, value) in members.elements.sorted(by: { $0.key < $1.key }) { member(key, value) }
        } else {
            for (key, value) in members { member(key, value) }
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func write(string: String) {
        output.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { bytes in
            // Runs of bytes that need no escape are copied at once.
            var start = 0
            for (index, byte) in bytes.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
                write(escaped: byte)
                start = index + 1
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func write(escaped byte: UInt8) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            output += Array("u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        default: output.append(byte)
        }
    }
}
