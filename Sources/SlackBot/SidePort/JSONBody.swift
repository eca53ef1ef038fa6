import Bridge
import Hummingbird

/// The body of a request: one JSON object of at most 1 MiB. The getters return nil for a field that is absent or null,
/// and throw ``HTTPFailure`` 400 for one of another type.
struct JSONBody: Sendable {
    /// Of a body, in bytes.
    static let largest = 1 << 20
    /// Of an id of a conversation, user, channel or request, in bytes: it is part of an index of the store, whose
    /// entries have a limit.
    static let longestName = 200
    /// Of an e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
    static let longestEmail = 254

    private let value: JSONValue

    /// Throws ``HTTPFailure`` 400 when the body is not a JSON object; a longer body ends in status 413.
    init(_ request: Request) async throws {
        let buffer = try await request.body.collect(upTo: Self.largest)
        do {
            value = try JSONValue(lenient: Array(buffer.readableBytesView))
        } catch {
            throw HTTPFailure(.badRequest, .badRequest, "The body must be a JSON object; it is \(error).")
        }
        guard value.object != nil else {
            throw HTTPFailure(.badRequest, .badRequest, "The body must be a JSON object.")
        }
    }

    /// nil when it is absent or null; an empty text, or one of more than `limit` bytes, is an error.
    func text(_ key: String, atMost limit: Int = largest) throws -> String? {
        let text = try field(key, "a text that is not empty") { value in
            value.string.flatMap { $0.trimmingSpace.isEmpty ? nil : $0 }
        }
        if let text { try Self.check("\"\(key)\"", text, atMost: limit) }
        return text
    }

    /// Throws ``HTTPFailure`` 400 for a text of more than `limit` bytes; `name` is for the message.
    static func check(_ name: String, _ text: String, atMost limit: Int) throws {
        guard text.utf8.count > limit else { return }
        throw HTTPFailure(.badRequest, .badRequest, "\(name) may have at most \(limit) bytes.")
    }

    /// As ``text(_:atMost:)``; an absent text is an error.
    func requiredText(_ key: String, atMost limit: Int = largest) throws -> String {
        guard let text = try text(key, atMost: limit) else {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(key)\" is needed.")
        }
        return text
    }

    func bool(_ key: String) throws -> Bool? { try field(key, "true or false", \.bool) }

    func object(_ key: String) throws -> JSONValue? {
        try field(key, "an object") { $0.object == nil ? nil : $0 }
    }

    private func field<Value>(_ key: String, _ type: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let value = value[key], !value.isNull else { return nil }
        guard let read = read(value) else {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(key)\" must be \(type).")
        }
        return read
    }
}
