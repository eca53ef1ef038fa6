/// The messages in one line of a server's output, one response body or the data of one event.
///
/// What a server sends is read leniently. A part that cannot be read is reported with the reason and, if it can be
/// found, with the id of the request that it answers, so that this request need not wait for its timeout.
struct MCPFrame: Sendable, Hashable {
    /// A response that could not be read.
    struct Unreadable: Sendable, Hashable {
        /// The id in it; nil when there is none, or it was not found.
        let id: RequestID?
        /// What is wrong with it, in words that contain nothing of it.
        let problem: String
    }

    private(set) var messages: [JSONRPCMessage] = []
    private(set) var unreadable: [Unreadable] = []

    /// Whether nothing in it is a message or looks like one.
    var isNoise: Bool { messages.isEmpty && unreadable.isEmpty }

    /// - Parameter mayBeText: whether a server may write text for people in this place, as to its standard output. If
    ///   not, everything that begins as an object is a message.
    init(_ bytes: [UInt8], mayBeText: Bool = false) {
        let (values, failure) = JSONValue.sequence(lenient: bytes)
        read(values)
        guard let error = failure else { return }
        if messages.isEmpty, let start = Self.startOfMessage(in: bytes) {
            let rest = MCPFrame(Array(bytes[start...]), mayBeText: mayBeText)
            if !rest.messages.isEmpty {
                self = rest
                return
            }
        }
        guard Self.isLikeResponse(bytes, mayBeText: mayBeText) else { return }
        unreadable.append(Unreadable(id: Self.id(in: bytes), problem: "its answer is \(error)"))
    }

    /// Reads each value: a message, or those of a batch (an array, which revision 2025-03-26 allows).
    private mutating func read(_ values: [JSONValue]) {
        for value in values.flatMap({ $0.array ?? [$0] }) {
            if let message = JSONRPCMessage(received: value) {
                messages.append(message)
            } else if value["jsonrpc"] != nil, value["method"]?.string == nil {
                unreadable.append(
                    Unreadable(id: RequestID(value["id"]), problem: "its answer has neither a result nor an error"))
            }
        }
    }

    /// The single response among the messages, which over HTTP is that to the request, whatever its id; nil when there
    /// are none or several.
    var onlyResponse: JSONRPCMessage? {
        let responses = messages.filter { $0.method == nil }
        return responses.count == 1 ? responses.first : nil
    }
}

// What can be found out about a text that is not JSON.
extension MCPFrame {
    private static let quote = UInt8(ascii: "\"")

    private static func first(_ bytes: [UInt8]) -> UInt8? { bytes.first { $0 > 0x20 && $0 < 0x80 } }

    /// Where a JSON-RPC message may begin after a text without an end of line; nil when it does nowhere.
    private static func startOfMessage(in bytes: [UInt8]) -> Int? {
        guard first(bytes) != UInt8(ascii: "{"), contains(bytes, "\"jsonrpc\"") else { return nil }
        return bytes.indices.dropFirst().first { index in
            guard bytes[index] == UInt8(ascii: "{") else { return false }
            return bytes[(index + 1)...].first(where: { $0 != 0x20 }) == quote
        }
    }

    /// Whether the text is meant as a response, and not as a request, a notification or a text for people.
    private static func isLikeResponse(_ bytes: [UInt8], mayBeText: Bool) -> Bool {
        let hasOutcome = contains(bytes, "\"result\":") || contains(bytes, "\"error\":")
        if !hasOutcome, member("method", of: bytes) != nil { return false }
        if contains(bytes, "\"jsonrpc\"") { return true }
        return first(bytes) == UInt8(ascii: "{") && (!mayBeText || hasOutcome)
    }

    private static func contains(_ bytes: [UInt8], _ word: String) -> Bool {
        let word = Array(word.utf8)
        guard bytes.count >= word.count else { return false }
        return (0...bytes.count - word.count).contains { start in
            bytes[start] == word[0] && bytes[start..<start + word.count].elementsEqual(word)
        }
    }

    private static func id(in bytes: [UInt8]) -> RequestID? {
        (member("id", of: bytes) ?? lastMember("id", of: bytes)).flatMap { RequestID($0) }
    }

    /// The value of that member of the outermost object: a string or a number; nil when there is none, or the text
    /// before it is so broken that it is not found.
    private static func member(_ name: String, of bytes: [UInt8]) -> JSONValue? {
        let key = Array("\"\(name)\"".utf8)
        var (depth, index) = (0, 0)
        while index < bytes.count {
            switch bytes[index] {
            case quote:
                let end = endOfString(bytes, from: index)
                if depth == 1, bytes[index..<end].elementsEqual(key), let value = scalar(bytes, afterKey: end)?.value {
                    return value
                }
                index = end
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            default: index += 1
            }
        }
        return nil
    }

    /// The value of that member if it is the last of the text and follows `jsonrpc`, as some servers write it; the
    /// text before may be broken.
    private static func lastMember(_ name: String, of bytes: [UInt8]) -> JSONValue? {
        let key = Array("\"\(name)\"".utf8)
        guard bytes.count > key.count else { return nil }
        for start in stride(from: bytes.count - key.count, through: 0, by: -1)
        where bytes[start..<start + key.count].elementsEqual(key) {
            guard let found = scalar(bytes, afterKey: start + key.count) else { return nil }
            let isLast = bytes[found.end...].allSatisfy { $0 <= 0x20 || $0 == UInt8(ascii: "}") }
            let before = Array(bytes[max(0, start - 30)..<start])
            return isLast && contains(before, "\"jsonrpc\"") ? found.value : nil
        }
        return nil
    }

    /// The string or number after a key, and the index after it.
    private static func scalar(_ bytes: [UInt8], afterKey start: Int) -> (value: JSONValue, end: Int)? {
        guard let colon = bytes[start...].firstIndex(where: { $0 > 0x20 }), bytes[colon] == UInt8(ascii: ":"),
            let first = bytes[(colon + 1)...].firstIndex(where: { $0 > 0x20 })
        else { return nil }
        let delimiter = bytes[first...].firstIndex { $0 <= 0x20 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
        let end = bytes[first] == quote ? endOfString(bytes, from: first) : delimiter ?? bytes.count
        guard let value = try? JSONValue(lenient: Array(bytes[first..<end])) else { return nil }
        return (value, end)
    }

    /// The index after the closing quotation mark of the string that begins at `start`.
    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\"): index += 2
            case quote: return index + 1
            default: index += 1
            }
        }
        return bytes.count
    }
}
